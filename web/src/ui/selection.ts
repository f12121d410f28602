/** Which contact is selected, over a reload of the page; and which one the unread flag leads to. */

import type { Address, State } from "../state/model.js";

const KEY = "company-chat selected";

/** The contact that `self` had selected in this tab. */
export function keptSelection(self: Address): Address | null {
  try {
    const [who, contact] = (sessionStorage.getItem(KEY) ?? "").split(" ");
    return who === self && contact ? contact : null;
  } catch {
    return null; // a browser that keeps nothing for embedded pages
  }
}

export function keepSelection(self: Address, contact: Address | null): void {
  try {
    if (contact) sessionStorage.setItem(KEY, `${self} ${contact}`);
    else sessionStorage.removeItem(KEY);
  } catch {
    // As above: it is a convenience only.
  }
}

/** The contact with the newest of the unread messages. */
export function newestUnread({ inbox }: Pick<State, "inbox">): Address | null {
  let newest: { readonly contact: Address; readonly last_id: string } | null = null;
  for (const thread of inbox.values()) {
    if (thread.unread > 0 && thread.last_id > (newest?.last_id ?? "")) newest = thread;
  }
  return newest?.contact ?? null;
}
