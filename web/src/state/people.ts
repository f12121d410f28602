/** Presence of those who are watched, and who is writing. */

import type { Action } from "./actions.js";
import { type Address, contactOf, type State } from "./model.js";

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

/** Of two facts about one contact, the one with the higher revision holds. */
export function presence(before: State["presence"], action: Of<"presence"> | Of<"watched">): State["presence"] {
  if (action.type === "watched") {
    const kept = new Set(action.contacts);
    return new Map([...before].filter(([address]) => kept.has(address)));
  }
  const newer = action.of.filter(([address, fact]) => fact.revision >= (before.get(address)?.revision ?? -1));
  return newer.length ? new Map([...before, ...newer]) : before;
}

/** Somebody began or stopped; a message of theirs ends it as well. */
export function typing(before: State["typing"], action: Action, self: Address = ""): State["typing"] {
  if (action.type === "typing") return withTyping(before, action.contact, action.sender, action.active);
  if (action.type !== "arrived") return before;
  return action.messages.reduce(
    (now, message) => withTyping(now, contactOf(message, self), message.sender, false),
    before,
  );
}

function withTyping(before: State["typing"], contact: Address, sender: Address, active: boolean): State["typing"] {
  const writing = before.get(contact) ?? [];
  if (writing.includes(sender) === active) return before;
  const after = active ? [...writing, sender] : writing.filter((each) => each !== sender);
  const all = new Map(before);
  if (after.length) all.set(contact, after);
  else all.delete(contact);
  return all;
}
