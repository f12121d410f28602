/** Lists and details that were asked for. */

import type { Action, Asked } from "./actions.js";
import { type Address, EMPTY_PAGED, type Paged, type State, transcriptKey } from "./model.js";

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

/** Lists and details of contacts that no window shows, of each kind: more are forgotten. */
const MOST_KEPT = 50;

/**
 * The list after one step of asking. Items that came before are not repeated. The first page again is laid over the
 * front; where it does not reach what is known, something between may be missing, and it takes the place of all.
 */
export function paged<T>(before: Paged<T> | undefined, asked: Asked<T>, keyOf: (item: T) => string): Paged<T> {
  const kept = before ?? EMPTY_PAGED;
  if (asked.step === "began") return { items: kept.items, cursor: kept.cursor, loading: true };
  if (asked.step === "refused") return { ...kept, loading: false, problem: asked.problem };
  if (asked.fresh) {
    const tail = asked.cursor === null ? [] : behind(kept.items, asked.items, keyOf);
    return { items: [...asked.items, ...tail], cursor: tail.length ? kept.cursor : asked.cursor, loading: false };
  }
  const known = new Set(kept.items.map(keyOf));
  const items = [...kept.items, ...asked.items.filter((item) => !known.has(keyOf(item)))];
  return { items, cursor: asked.cursor, loading: false };
}

/** The known items behind those of a page, if it reaches any of them. */
function behind<T>(known: readonly T[], page: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const keys = new Set(page.map(keyOf));
  const last = known.findLastIndex((item) => keys.has(keyOf(item)));
  return last < 0 ? [] : known.slice(last + 1);
}

/** The parts of the state that hold what was asked for; their keys begin with the contact. */
const ASKED = ["details", "conversations", "transcripts", "communications", "mails", "downloads", "searches"] as const;

/** What was asked for, without the oldest of what no window shows. */
export function trimmed(state: State, { shown }: Of<"trimmed">): Partial<State> {
  const kept = new Set(shown);
  return Object.fromEntries(ASKED.map((part) => [part, newest<unknown>(state[part], kept)]));
}

/** Whether so much was asked for that some of it should be forgotten. */
export function isMuch(state: State): boolean {
  return ASKED.some((part) => state[part].size > 2 * MOST_KEPT);
}

/** The map with a value that is the last one now. */
export function withLast<T>(before: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  const after = new Map(before);
  after.delete(key);
  return after.set(key, value);
}

/** Keys begin with the contact; those that were asked for last are at the end. */
function newest<T>(all: ReadonlyMap<string, T>, shown: ReadonlySet<Address>): ReadonlyMap<string, T> {
  const others = [...all.keys()].filter((key) => !shown.has(key.split(" ", 1)[0] ?? ""));
  const old = new Set(others.slice(0, -MOST_KEPT));
  return old.size ? new Map([...all].filter(([key]) => !old.has(key))) : all;
}

export function details(before: State["details"], action: Of<"details">): State["details"] {
  const { contact, details: value, problem } = action;
  const known = before.get(contact)?.value;
  if (value) return withLast(before, contact, { value, loading: false });
  if (problem?.code === "unknown_contact") return withLast(before, contact, { loading: false, problem });
  const kept = known ? { value: known } : {};
  return withLast(before, contact, problem ? { ...kept, loading: false, problem } : { ...kept, loading: true });
}

export function conversations(before: State["conversations"], action: Of<"conversations">): State["conversations"] {
  const list = paged(before.get(action.contact), action.asked, (each) => each.id);
  return withLast(before, action.contact, list);
}

export function transcripts(before: State["transcripts"], action: Of<"transcript">): State["transcripts"] {
  const key = transcriptKey(action.contact, action.conversation);
  const list = paged(before.get(key), action.asked, (each) => each.id);
  return withLast(before, key, list);
}
