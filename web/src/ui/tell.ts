/** What the panes tell the elements around them. */

import type { Target } from "../client/windows.js";
import type { Address } from "../state/model.js";

/** `select` with an address: the user chose a contact. */
export function select(from: EventTarget, contact: Address): void {
  tell(from, "select", contact);
}

/** `open` with a target: the user wants a chat or a conversation in its own window. */
export function open(from: EventTarget, target: Target): void {
  tell(from, "open", target);
}

/** `vanish`: the button that was pressed goes away, and the focus has to go where the user can go on. */
export function vanish(from: EventTarget): void {
  tell(from, "vanish");
}

/** An event for the elements around, through the borders of components. */
export function tell<T>(from: EventTarget, type: string, detail?: T): void {
  from.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}
