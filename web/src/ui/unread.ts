/** Where the line "New" stands, and how many messages are new below. Pure. */

import type { Address, Id, State } from "../state/model.js";

interface Sent {
  readonly id: Id;
  readonly sender: Address;
}

/** The line stands after `marker`; null for none. `left`: the newest message when the window was last left. */
export interface Line {
  readonly marker: Id | null;
  readonly left: Id | null;
}

export const NO_LINE: Line = { marker: null, left: null };

/**
 * Whether it is known up to where the user has read: the inbox says it. It has every chat in which others wrote, but is
 * empty in a webmail that started Offline, and until it has caught up.
 */
export function isReadKnown(state: State, contact: Address): boolean {
  const { connection, own } = state;
  const open = connection.phase === "open";
  if (open && !connection.synced) return false;
  return state.inbox.has(contact) || (open && own.chosen !== "offline");
}

/** The line when the window opens: after what the user has read, if anything of others follows. */
export function opened(items: readonly Sent[], read: Id, self: Address): Line {
  return { marker: firstNew(items, read, self) ? read : null, left: null };
}

/** The window is not looked at any more. */
export function left(line: Line, items: readonly Sent[]): Line {
  return { ...line, left: items.at(-1)?.id ?? "" };
}

/** The window is looked at again: the line moves to what came meanwhile, or goes. */
export function returned(line: Line, items: readonly Sent[], self: Address): Line {
  return line.left === null ? line : { marker: standing(line, items, self, true), left: null };
}

/** The id before which the line stands now. */
export function lineIn(items: readonly Sent[], line: Line, self: Address): Id | null {
  const marker = standing(line, items, self, false);
  return marker === null ? null : (firstNew(items, marker, self)?.id ?? null);
}

function standing(line: Line, items: readonly Sent[], self: Address, looked: boolean): Id | null {
  if (line.left !== null && firstNew(items, line.left, self)) return line.left;
  return looked ? null : line.marker;
}

function firstNew(items: readonly Sent[], after: Id, self: Address): Sent | undefined {
  return items.find((each) => each.id > after && each.sender !== self);
}

/** How many messages of others came after `seen`. */
export function countNew(items: readonly Sent[], seen: Id, self: Address): number {
  let count = 0;
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (!item || item.id <= seen) break;
    if (item.sender !== self) count++;
  }
  return count;
}

/** The message to mark as read: the newest of another, if it is beyond the read marker. */
export function toRead(items: readonly Sent[], read: Id, self: Address): Id | null {
  const newest = items.findLast((each) => each.sender !== self);
  return newest && newest.id > read ? newest.id : null;
}
