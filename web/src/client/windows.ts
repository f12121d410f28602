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
    const [contact = "", conversation] = hash.slice(MARK.length).split("/").map(decodeURIComponent);
    if (!contact) return null;
    return conversation ? { contact, conversation } : { contact };
  } catch {
    return null; // not encoded as we do
  }
}

/** The address of a chat window. `page` is the page that shows it, without a hash. */
export function addressOf(page: string, target: Target): string {
  return page + MARK + [target.contact, target.conversation ?? ""].filter(Boolean).map(encodeURIComponent).join("/");
}

/**
 * Open the window of a target, or bring the one that is open to the front.
 *
 * Returns how it went: `window`, or `tab` where the browser opened none with these measures, or `blocked` where it
 * opened nothing.
 */
export function openChat(page: string, target: Target): "window" | "tab" | "blocked" {
  const name = `company-chat ${target.contact} ${target.conversation ?? ""}`;
  const opened = window.open(addressOf(page, target), name, FEATURES);
  if (opened) opened.focus();
  if (!opened) return "blocked";
  return opened.menubar?.visible === false ? "window" : "tab";
}
