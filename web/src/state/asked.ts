/** Lists and details that were asked for. */

import type { Action, Asked } from "./actions.js";
import { communicationKey, EMPTY_PAGED, type Paged, type State, transcriptKey } from "./model.js";

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

/** The list after one step of asking. Items that came before are not repeated. */
export function paged<T>(before: Paged<T> | undefined, asked: Asked<T>, keyOf: (item: T) => string): Paged<T> {
  const kept = before ?? EMPTY_PAGED;
  if (asked.step === "began") return { items: kept.items, cursor: kept.cursor, loading: true };
  if (asked.step === "refused") return { ...kept, loading: false, problem: asked.problem };
  const earlier = asked.fresh ? [] : kept.items;
  const known = new Set(earlier.map(keyOf));
  const items = [...earlier, ...asked.items.filter((item) => !known.has(keyOf(item)))];
  return { items, cursor: asked.cursor, loading: false };
}

export function details(before: State["details"], action: Of<"details">): State["details"] {
  const { contact, details: value, problem } = action;
  const known = before.get(contact)?.value;
  if (value) return new Map(before).set(contact, { value, loading: false });
  if (problem?.code === "unknown_contact") return new Map(before).set(contact, { loading: false, problem });
  const kept = known ? { value: known } : {};
  return new Map(before).set(contact, problem ? { ...kept, loading: false, problem } : { ...kept, loading: true });
}

export function conversations(before: State["conversations"], action: Of<"conversations">): State["conversations"] {
  const list = paged(before.get(action.contact), action.asked, (each) => each.id);
  return new Map(before).set(action.contact, list);
}

export function transcripts(before: State["transcripts"], action: Of<"transcript">): State["transcripts"] {
  const key = transcriptKey(action.contact, action.conversation);
  return new Map(before).set(
    key,
    paged(before.get(key), action.asked, (each) => each.id),
  );
}

export function communications(before: State["communications"], action: Of<"communications">): State["communications"] {
  const key = communicationKey(action.contact, action.kind);
  const known = before.get(key);
  const list = paged(known, action.asked, (each) => each.id);
  return new Map(before).set(key, { ...list, indexed: action.indexed ?? known?.indexed ?? null });
}
