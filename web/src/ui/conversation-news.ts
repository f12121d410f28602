/** What the inbox tells of a contact's newest conversation, before the list of conversations is asked for again. */

import type { ConversationFrame, ThreadFrame } from "../state/model.js";

/** A conversation ends with so many milliseconds of silence. */
const GAP = 30 * 60_000;

/** Whether the newest message of a thread begins a conversation after the newest that is listed. */
export function beginsAnother(thread: ThreadFrame, newest: ConversationFrame | undefined): boolean {
  return !newest || Date.parse(thread.sent_at) - Date.parse(newest.ended_at) > GAP;
}

/** The newest conversation as listed, with the message that has come to it since; how many these are is not known. */
export function withNewest(newest: ConversationFrame, thread: ThreadFrame | undefined): ConversationFrame {
  if (!thread || beginsAnother(thread, newest) || Date.parse(thread.sent_at) <= Date.parse(newest.ended_at)) {
    return newest;
  }
  return { ...newest, preview: thread.preview, ended_at: thread.sent_at };
}
