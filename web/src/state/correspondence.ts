/** The user's own mail with a contact: its lists, what was opened of it, and what a search found. */

import type { Action } from "./actions.js";
import { paged, withLast } from "./asked.js";
import {
  type CommunicationFrame,
  type Communications,
  communicationKey,
  itemKey,
  type Loaded,
  type Pushed,
  type State,
  searchKey,
} from "./model.js";

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

export function communications(before: State["communications"], action: Of<"communications">): State["communications"] {
  const { contact, kind, asked } = action;
  const key = communicationKey(contact, kind);
  const known = before.get(key);
  const list = { ...paged(known, asked, (each) => each.id), indexed: action.indexed ?? known?.indexed ?? null };
  const missed = asked.step === "came" ? (known?.pushed ?? []) : [];
  return withLast(before, key, missed.reduce(withPushed, list));
}

/** One that is new, or has changed, comes to its place in the lists that were asked for. */
export function communicated(before: State["communications"], action: Of<"communicated">): State["communications"] {
  const key = communicationKey(action.contact, action.communication.kind);
  const known = before.get(key);
  if (!known) return before;
  const list = withPushed(known, action);
  return new Map(before).set(key, known.loading ? { ...list, pushed: [...(known.pushed ?? []), action] } : list);
}

/** What belongs behind the last one that is known comes with its page, unless it was known already. */
function withPushed(known: Communications, { communication, replaces, now }: Pushed): Communications {
  const gone = new Set([communication.id, ...replaces]);
  const others = known.items.filter(({ id }) => !gone.has(id));
  const place = others.findIndex((each) => goesBefore(communication, each, now));
  const isBehind = place < 0 && known.cursor !== null && others.length === known.items.length;
  const items = isBehind ? others : others.toSpliced(place < 0 ? others.length : place, 0, communication);
  return { ...known, items, indexed: true };
}

/** Newest first; of appointments those that are not over come first, soonest first, and then those that ended last. */
export function goesBefore(a: CommunicationFrame, b: CommunicationFrame, now: number): boolean {
  const coming = a.kind === "appointment" && isComing(a, now);
  if (a.kind === "appointment" && coming !== isComing(b, now)) return coming;
  if (coming) return a.at === b.at ? a.id < b.id : a.at < b.at;
  return endOf(a) === endOf(b) ? a.id > b.id : endOf(a) > endOf(b);
}

/** Whether an appointment, or this occurrence of it, is not over at `now`. */
export function isComing(appointment: CommunicationFrame, now: number): boolean {
  return endOf(appointment) >= now;
}

/** When an appointment, or this occurrence of it, is over; of others, when they came. */
export function endOf({ at, ends_at }: CommunicationFrame): number {
  return Date.parse(ends_at ?? at);
}

export function mails(before: State["mails"], { contact, id, mail, problem }: Of<"mail">): State["mails"] {
  return withLast(before, itemKey(contact, id), loaded(mail, problem));
}

export function downloads(before: State["downloads"], action: Of<"download">): State["downloads"] {
  return withLast(before, itemKey(action.contact, action.id), loaded(action.file, action.problem));
}

function loaded<T>(value: T | undefined, problem: Loaded<T>["problem"]): Loaded<T> {
  return { loading: !value && !problem, ...(value ? { value } : {}), ...(problem ? { problem } : {}) };
}

export function searches(before: State["searches"], action: Of<"search">): State["searches"] {
  const key = searchKey(action.contact, action.words);
  const known = before.get(key);
  const list = paged(known, action.asked, (each) => `${each.kind} ${each.id}`);
  const reached = known?.cursor === list.cursor ? null : action.searchedTo; // of what is known already, no further
  return withLast(before, key, { ...list, searchedTo: reached ?? known?.searchedTo ?? null });
}
