/** The messages of open chats, and those on their way out. */

import type { Action } from "./actions.js";
import {
  type Address,
  contactOf,
  EMPTY_PAGED,
  type MessageFrame,
  type Outgoing,
  type State,
  type Timeline,
} from "./model.js";

/** The cursor of a timeline that was cut: its earlier messages are asked for from the newest on. */
export const FROM_NEWEST = "from the newest";

/** Messages of a timeline that messages may still be added to, and how many are kept when it is cut. */
const MOST = 3000;
const KEPT = 500;

const EMPTY: Timeline = { ...EMPTY_PAGED, peerRead: null };

export function timelines(before: State["timelines"], action: Action, self: Address): State["timelines"] {
  switch (action.type) {
    case "timeline":
      return new Map(before).set(action.contact, asked(before.get(action.contact) ?? EMPTY, action));
    case "timeline closed": {
      const after = new Map(before);
      after.delete(action.contact);
      return after;
    }
    case "arrived":
      return arrived(before, action.messages, self);
    case "stored":
      return arrived(before, [action.message], self);
    case "read":
      return action.reader === action.contact ? peerRead(before, action.contact, action.id) : before;
    default:
      return before;
  }
}

export function outbox(before: State["outbox"], action: Action): State["outbox"] {
  switch (action.type) {
    case "outgoing":
      return replaced(before, action.outgoing);
    case "renamed":
      return before.map((each) => (each.id === action.id ? { ...each, id: action.to } : each));
    case "stored":
    case "discarded":
      return before.filter((each) => each.id !== action.id);
    default:
      return before;
  }
}

/** Messages in the order of their ids, each once. `more` must be in order. */
export function merged(items: readonly MessageFrame[], more: readonly MessageFrame[]): readonly MessageFrame[] {
  const last = items.at(-1);
  if (!last) return more;
  if (more.every((each, index) => each.id > (more[index - 1] ?? last).id))
    return more.length ? [...items, ...more] : items;
  const all = new Map([...items, ...more].map((each) => [each.id, each]));
  return all.size === items.length ? items : [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function asked(before: Timeline, action: Extract<Action, { type: "timeline" }>): Timeline {
  const { asked: step, read } = action;
  if (step.step === "began")
    return { items: before.items, cursor: before.cursor, loading: true, peerRead: before.peerRead };
  if (step.step === "refused") return { ...before, loading: false, problem: step.problem };
  const peerRead = later(before.peerRead, read ?? null);
  const first = step.items[0]?.id ?? "";
  // The newest page reaches what is known, if that has its first message; what came since then is behind it.
  const joins = !step.fresh || !step.items.length || before.items.some(({ id }) => id === first);
  const known = joins ? before.items : before.items.filter(({ id }) => id > first);
  const cursor = step.fresh && joins ? (before.cursor ?? step.cursor) : step.cursor;
  return { items: merged(known, step.items), cursor, loading: false, peerRead };
}

function arrived(before: State["timelines"], messages: readonly MessageFrame[], self: Address): State["timelines"] {
  let after: Map<Address, Timeline> | undefined;
  for (const message of messages) {
    const contact = contactOf(message, self);
    const timeline = (after ?? before).get(contact);
    if (!timeline) continue;
    const items = merged(timeline.items, [message]);
    if (items === timeline.items) continue;
    after ??= new Map(before);
    after.set(contact, items.length > MOST ? cut(timeline, items) : { ...timeline, items });
  }
  return after ?? before;
}

function cut(timeline: Timeline, items: readonly MessageFrame[]): Timeline {
  return { ...timeline, items: items.slice(-KEPT), cursor: FROM_NEWEST };
}

function peerRead(before: State["timelines"], contact: Address, id: string): State["timelines"] {
  const timeline = before.get(contact);
  if (!timeline) return before;
  return new Map(before).set(contact, { ...timeline, peerRead: later(timeline.peerRead, id) });
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function replaced(before: State["outbox"], outgoing: Outgoing): State["outbox"] {
  if (!before.some((each) => each.id === outgoing.id)) return [...before, outgoing];
  return before.map((each) => (each.id === outgoing.id ? outgoing : each));
}
