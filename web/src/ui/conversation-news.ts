/** Whether the list of conversations has to be asked for again. */

import type { ConversationFrame, ThreadFrame } from "../state/model.js";

/** A conversation ends with so many milliseconds of silence. */
const GAP = 30 * 60_000;

/** Whether the newest message of a thread begins a conversation after the newest that is listed. */
export function beginsAnother(thread: ThreadFrame, newest: ConversationFrame | undefined): boolean {
  return !newest || Date.parse(thread.sent_at) - Date.parse(newest.ended_at) > GAP;
}
