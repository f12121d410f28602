/** Orders messages for reading: by day, and in groups of one sender. Pure. */

import type { Address, Id, MessageFrame, Outgoing, Problem, Timeline } from "../state/model.js";
import { markOf } from "../state/selectors.js";

/** How far one's own message has come. */
export type Mark = Outgoing["phase"] | ReturnType<typeof markOf>;

/** A message as the list shows it, stored or on its way. */
export interface Entry {
  readonly id: Id;
  readonly sender: Address;
  readonly own: boolean;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly door: string;
  /** Null for messages of others, and where marks are not known. */
  readonly mark: Mark | null;
  readonly problem?: Problem;
}

/** Messages of one sender within five minutes. */
export interface Group {
  /** The id of its first message. */
  readonly key: Id;
  readonly sender: Address;
  readonly own: boolean;
  readonly entries: readonly Entry[];
  /** Whether the line "New" stands before it. */
  readonly afterLine: boolean;
}

export interface Day {
  readonly key: string;
  /** The time of its first message. */
  readonly at: number;
  readonly groups: readonly Group[];
}

const SPAN = 5 * 60_000;

/** A message of the history. `peerRead` undefined: marks are not known. */
export function entryOf(message: MessageFrame, self: Address, peerRead?: Id | null): Entry {
  const own = message.sender === self;
  const mark = own && peerRead !== undefined ? markOf(message, peerRead) : null;
  const { id, sender, body, door } = message;
  return { id, sender, own, body, at: Date.parse(message.sent_at), door, mark };
}

/** The messages with a contact: those stored, then those on their way in the order in which they were written. */
export function entriesOf(
  timeline: Pick<Timeline, "items" | "peerRead">,
  outbox: readonly Outgoing[],
  contact: Address,
  self: Address,
): readonly Entry[] {
  const stored = timeline.items.map((message) => entryOf(message, self, timeline.peerRead));
  const waiting = outbox.filter((each) => each.contact === contact);
  if (!waiting.length) return stored;
  const known = new Set(stored.map((each) => each.id));
  return [...stored, ...waiting.filter((each) => !known.has(each.id)).map((each) => ofOutgoing(each, self))];
}

function ofOutgoing({ id, body, at, phase, problem }: Outgoing, self: Address): Entry {
  const entry = { id, sender: self, own: true, body, at, door: "web", mark: phase };
  return problem ? { ...entry, problem } : entry;
}

/** The entries by day and group. `line`: the id of the entry before which the line "New" stands. */
export function daysOf(entries: readonly Entry[], line: Id | null = null): readonly Day[] {
  const days: { key: string; at: number; groups: (Group & { entries: Entry[] })[] }[] = [];
  for (const entry of entries) {
    const key = new Date(entry.at).toDateString();
    let day = days.at(-1);
    if (day?.key !== key) {
      // A message that is a little out of order around midnight must not make a second day of the same key.
      day = days.find((each) => each.key === key);
      if (!day) {
        day = { key, at: entry.at, groups: [] };
        days.push(day);
      }
    }
    const group = day.groups.at(-1);
    const first = group?.entries[0];
    const joins = first && group.sender === entry.sender && entry.at - first.at < SPAN && entry.id !== line;
    if (joins) group.entries.push(entry);
    else {
      const { id, sender, own } = entry;
      day.groups.push({ key: id, sender, own, entries: [entry], afterLine: id === line });
    }
  }
  return days;
}

/** What a group shows, in short: as long as it is the same, the group need not be rendered again. */
export function printOf(group: Group): string {
  return group.entries.map((each) => each.id + (each.mark ?? "") + (each.problem?.code ?? "")).join() + group.afterLine;
}
