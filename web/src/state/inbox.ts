/** The newest of every thread, and what is unread of it. */

import type { Action } from "./actions.js";
import {
  type Address,
  contactOf,
  type Id,
  type MessageFrame,
  type State,
  type Thread,
  type ThreadFrame,
  type Timeline,
} from "./model.js";

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
      return withThreads(before, action.threads, self);
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

function withThreads(before: State["inbox"], threads: readonly ThreadFrame[], self: Address): State["inbox"] {
  const after = new Map(before);
  for (const thread of threads) {
    const known = before.get(thread.contact);
    // A push may have been faster than the listing, and a read marker never goes back.
    const ahead = known !== undefined && known.last_id > thread.last_id;
    const newer = ahead ? known : thread;
    const foreign = foreignAfter(known, thread, self);
    const read = later(known?.read, thread.read);
    const listed = read >= thread.last_id ? 0 : thread.unread;
    const unread = ahead && known.unread ? Math.min(Math.max(known.unread, listed + 1), MOST_UNREAD) : listed;
    after.set(thread.contact, { ...newer, foreign, read, unread: read >= (foreign || newer.last_id) ? 0 : unread });
  }
  return after;
}

/** The newest message of others after a listing; "" where one's own hides it. */
function foreignAfter(known: Thread | undefined, thread: ThreadFrame, self: Address): Id {
  if (thread.sender !== self) return later(known?.foreign, thread.last_id);
  const foreign = known?.foreign ?? "";
  return known?.last_id === thread.last_id || foreign > thread.last_id ? foreign : "";
}

function later(a: Id | null | undefined, b: Id | null | undefined): Id {
  return [a ?? "", b ?? ""].sort()[1] as Id;
}

function withMessage(before: State["inbox"], message: MessageFrame, self: Address, live: boolean): State["inbox"] {
  const contact = contactOf(message, self);
  const known = before.get(contact);
  const read = known?.read ?? "";
  const isOwn = message.sender === self;
  // What arrives after an absence is counted by its thread, unless it came while that was being listed. A pushed id may
  // be lower than that of a message before, as its sender's clock was behind: it is unread all the same.
  const isNew = !known || (live ? message.id !== known.last_id : message.id > known.last_id);
  const counts = isNew && !isOwn && message.id > read;
  const foreign = later(known?.foreign, isOwn ? "" : message.id);
  const unread = Math.min((known?.unread ?? 0) + (counts ? 1 : 0), MOST_UNREAD);
  if (known && message.id <= known.last_id) {
    if (!counts && foreign === (known.foreign ?? "")) return before;
    return new Map(before).set(contact, { ...known, foreign, unread });
  }
  const preview = message.body.slice(0, PREVIEW);
  const { sender, sent_at } = message;
  return new Map(before).set(contact, {
    contact,
    last_id: message.id,
    sender,
    sent_at,
    preview,
    read,
    unread,
    foreign,
  });
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
  const behind = countBehind(timelines.get(contact), id, self) ?? known.unread;
  const unread = id >= (known.foreign || known.last_id) ? 0 : Math.min(behind, known.unread);
  return new Map(before).set(contact, { ...known, read: id, unread });
}

/** Messages of others behind `id`, where the timeline reaches that far. */
function countBehind(timeline: Timeline | undefined, id: Id, self: Address): number | undefined {
  const first = timeline?.items[0];
  if (!timeline || !first || (first.id > id && timeline.cursor)) return undefined;
  return timeline.items.filter((each) => each.id > id && each.sender !== self).length;
}
