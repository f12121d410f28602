/** The newest of every thread, and what is unread of it. */

import type { Action } from "./actions.js";
import { type Address, contactOf, type Id, type MessageFrame, type State, type ThreadFrame } from "./model.js";

/** Unread messages are counted up to here, as the server does. */
export const MOST_UNREAD = 100;

/** Characters of a preview, as the server makes it. */
const PREVIEW = 140;

export function inbox(
  before: State["inbox"],
  action: Action,
  self: Address,
  timelines: State["timelines"],
): State["inbox"] {
  switch (action.type) {
    case "threads":
      return withThreads(before, action.threads);
    case "arrived":
      return action.messages.reduce((now, message) => withMessage(now, message, self, action.live), before);
    case "stored":
      return withMessage(before, action.message, self, false);
    case "read":
      return action.reader === self ? withRead(before, action.contact, action.id, self, timelines) : before;
    default:
      return before;
  }
}

function withThreads(before: State["inbox"], threads: readonly ThreadFrame[]): State["inbox"] {
  const after = new Map(before);
  for (const thread of threads) {
    const known = before.get(thread.contact);
    // A push may have been faster than the listing, and a read marker never goes back.
    const ahead = known !== undefined && known.last_id > thread.last_id;
    const newer = ahead ? known : thread;
    const read = later(known?.read, thread.read);
    const listed = read >= thread.last_id ? 0 : thread.unread;
    const unread = ahead && known.unread ? Math.min(Math.max(known.unread, listed + 1), MOST_UNREAD) : listed;
    after.set(thread.contact, { ...newer, read, unread: read >= newer.last_id ? 0 : unread });
  }
  return after;
}

function later(a: Id | null | undefined, b: Id | null | undefined): Id {
  return [a ?? "", b ?? ""].sort()[1] as Id;
}

function withMessage(before: State["inbox"], message: MessageFrame, self: Address, live: boolean): State["inbox"] {
  const contact = contactOf(message, self);
  const known = before.get(contact);
  const read = known?.read ?? "";
  // What arrives after an absence is counted by its thread, unless it came while that was being listed. A pushed id may
  // be lower than that of a message before, as its sender's clock was behind: it is unread all the same.
  const isNew = !known || (live ? message.id !== known.last_id : message.id > known.last_id);
  const counts = isNew && message.sender !== self && message.id > read;
  if (known && message.id <= known.last_id && !counts) return before;
  const unread = Math.min((known?.unread ?? 0) + (counts ? 1 : 0), MOST_UNREAD);
  if (known && message.id <= known.last_id) return new Map(before).set(contact, { ...known, unread });
  const preview = message.body.slice(0, PREVIEW);
  const { sender, sent_at } = message;
  return new Map(before).set(contact, { contact, last_id: message.id, sender, sent_at, preview, read, unread });
}

function withRead(
  before: State["inbox"],
  contact: Address,
  id: Id,
  self: Address,
  timelines: State["timelines"],
): State["inbox"] {
  const known = before.get(contact);
  if (!known || id <= (known.read ?? "")) return before;
  const behind = timelines.get(contact)?.items.filter((each) => each.id > id && each.sender !== self).length;
  const unread = id >= known.last_id ? 0 : Math.min(behind ?? known.unread, known.unread);
  return new Map(before).set(contact, { ...known, read: id, unread });
}
