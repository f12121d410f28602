/** Chat windows: real browser windows of this origin, one for each contact and one for each opened conversation. */

import type { Address, Id } from "../state/model.js";

/** What a chat window shows: the chat with a contact, or one conversation of the past. */
export interface Target {
  readonly contact: Address;
  readonly conversation?: Id;
}

const MARK = "#company-chat/";
const FEATURES = "popup,width=440,height=640";

/** The target that a chat window's address names, or null. */
export function targetIn(hash: string): Target | null {
  if (!hash.startsWith(MARK)) return null;
  try {
    const [named = "", conversation] = hash.slice(MARK.length).split("/").map(decodeURIComponent);
    if (!named) return null;
    const contact = named.toLowerCase();
    return conversation ? { contact, conversation } : { contact };
  } catch {
    return null; // not encoded as we do
  }
}

/** The address of a chat window. `page` is the page that shows it, without a hash. */
export function addressOf(page: string, target: Target): string {
  return page + MARK + [target.contact, target.conversation ?? ""].filter(Boolean).map(encodeURIComponent).join("/");
}

/** Open the window of a target, or bring the one that is open to the front. Returns whether the browser let it. */
export function openChat(page: string, target: Target): boolean {
  const name = `company-chat ${target.contact} ${target.conversation ?? ""}`;
  const opened = window.open(addressOf(page, target), name, FEATURES);
  opened?.focus();
  return opened !== null;
}
