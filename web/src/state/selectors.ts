/** Questions that several components ask of the state. */

import type { Address, ContactSummary, Contacts, MessageFrame, State, Status } from "./model.js";

/** How a contact appears: `unavailable` for offline people and, while the user is Offline, for everybody. */
export type Appearance = Exclude<Status, "offline"> | "unavailable";

/** The presence of a contact as the user may see it. */
export function appearanceOf(state: State, address: Address): Appearance {
  if (state.own.chosen === "offline") return "unavailable";
  const status = state.presence.get(address)?.status ?? "offline";
  return status === "offline" ? "unavailable" : status;
}

/** The status that the user has chosen, from the moment of choosing; null while unknown. */
export function choiceOf({ own }: Pick<State, "own">): Status | null {
  return own.wished ?? own.chosen;
}

/** Whether the user wants to hear of messages. */
export function isReceptive(state: Pick<State, "own">): boolean {
  const choice = choiceOf(state);
  return choice !== "busy" && choice !== "offline";
}

/** The user's own status as the status menu shows it: what is wished or was chosen, or Away by idling. */
export function ownStatus(state: State): Status | null {
  const choice = choiceOf(state);
  return choice === "available" && state.own.idle && !state.own.wished ? "away" : choice;
}

/** The address of who is logged in, or "" while nobody is. */
export function selfOf(state: State): Address {
  return state.session.phase === "in" ? state.session.address : "";
}

const indexes = new WeakMap<Contacts, Map<Address, ContactSummary>>();

/** The contact as lists show it, if the directory has it. */
export function contactAt(state: State, address: Address): ContactSummary | undefined {
  let index = indexes.get(state.contacts);
  if (!index) {
    index = new Map(state.contacts.list.map((contact) => [contact.address, contact]));
    indexes.set(state.contacts, index);
  }
  return index.get(address);
}

/** The contact's name, or the address of somebody who is not in the directory any more. */
export function nameOf(state: State, address: Address): string {
  return contactAt(state, address)?.name ?? address;
}

/** Unread messages of a contact, among the first 100. */
export function unreadOf(state: State, address: Address): number {
  return state.inbox.get(address)?.unread ?? 0;
}

/** Unread messages of all threads. */
export function unreadInAll(state: State): number {
  let sum = 0;
  for (const thread of state.inbox.values()) sum += thread.unread;
  return sum;
}

/** Whether the contact is an alias; one that is gone counts as none. */
export function isAlias(state: State, address: Address): boolean {
  return contactAt(state, address)?.kind === "alias";
}

/** How far one's own message has come. */
export function markOf(message: MessageFrame, peerRead: string | null): "stored" | "read" {
  return peerRead !== null && message.id <= peerRead ? "read" : "stored";
}
