/** The reducer: the outbox, lists, and the session. */

import { describe, expect, test } from "vitest";
import type { Action } from "../../src/state/actions.js";
import { type MessageFrame, NOTHING, type State } from "../../src/state/model.js";
import { reduce } from "../../src/state/reducer.js";

const ALICE = "alice@example.com";
const BOB = "bob@example.com";
const IN: State = after([{ type: "session", session: { phase: "in", address: ALICE } }], NOTHING);

function after(actions: readonly Action[], state: State = IN): State {
  return actions.reduce(reduce, state);
}

function message(id: string, more: Partial<MessageFrame> = {}): MessageFrame {
  return {
    id,
    sender: BOB,
    recipient: ALICE,
    body: `body ${id}`,
    sent_at: "2026-01-31T09:30:00Z",
    door: "web",
    ...more,
  };
}

function arrived(messages: readonly MessageFrame[], live = true): Action {
  return { type: "arrived", messages, live };
}

const OPENED: Action = { type: "timeline", contact: BOB, asked: { step: "began" } };
const idsOf = (state: State) => state.timelines.get(BOB)?.items.map(({ id }) => id);

describe("the outbox", () => {
  const out = { id: "x", contact: BOB, body: "Hello", at: 0, phase: "waiting" } as const;
  const full = after([
    { type: "outgoing", outgoing: out },
    { type: "outgoing", outgoing: { ...out, id: "y" } },
  ]);

  test("keeps the order in which messages were written", () => {
    const state = after([{ type: "outgoing", outgoing: { ...out, phase: "sending" } }], full);
    expect(state.outbox.map(({ id, phase }) => `${id} ${phase}`)).toEqual(["x sending", "y waiting"]);
  });

  test("goes on under another id in its place", () => {
    expect(after([{ type: "renamed", id: "x", to: "z" }], full).outbox.map(({ id }) => id)).toEqual(["z", "y"]);
  });

  test("hands a stored message to the timeline and the inbox", () => {
    const stored: Action = { type: "stored", id: "x", message: message("x", { sender: ALICE, recipient: BOB }) };
    const state = after([OPENED, stored], full);
    expect(state.outbox.map(({ id }) => id)).toEqual(["y"]);
    expect(idsOf(state)).toEqual(["x"]);
    expect(state.inbox.get(BOB)).toMatchObject({ last_id: "x", unread: 0 });
  });

  test("forgets what is discarded", () => {
    expect(after([{ type: "discarded", id: "y" }], full).outbox.map(({ id }) => id)).toEqual(["x"]);
  });
});

describe("lists", () => {
  const conversation = (id: string) => ({ id }) as never;
  const came = (ids: readonly string[], cursor: string | null, fresh: boolean): Action => ({
    type: "conversations",
    contact: BOB,
    asked: { step: "came", items: ids.map(conversation), cursor, fresh },
  });

  test("grow page by page without repeating, until asked afresh", () => {
    const state = after([came(["c", "b"], "more", true), came(["b", "a"], null, false)]);
    expect(state.conversations.get(BOB)?.items.map(({ id }) => id)).toEqual(["c", "b", "a"]);
    expect(after([came(["d"], null, true)], state).conversations.get(BOB)?.items).toHaveLength(1);
  });

  test("keep what they have while loading and when refused", () => {
    const ask = (asked: never): Action => ({ type: "conversations", contact: BOB, asked });
    const loading = after([came(["a"], "more", true), ask({ step: "began" } as never)]);
    expect(loading.conversations.get(BOB)).toMatchObject({ loading: true, cursor: "more", items: [{ id: "a" }] });
    const refused = after([ask({ step: "refused", problem: { code: "busy" } } as never)], loading);
    expect(refused.conversations.get(BOB)).toMatchObject({ loading: false, problem: { code: "busy" }, cursor: "more" });
  });

  test("of transcripts and communications are kept apart by conversation and kind", () => {
    const asked = { step: "came", items: [message("a")], cursor: null, fresh: true } as const;
    const state = after([
      { type: "transcript", contact: BOB, conversation: "c1", asked },
      { type: "communications", contact: BOB, kind: "message", asked: { step: "began" } },
      { type: "communications", contact: BOB, kind: "message", asked: { ...asked, items: [] }, indexed: false },
      { type: "communications", contact: BOB, kind: "message", asked: { step: "began" } },
      { type: "communications", contact: BOB, kind: "attachment", asked: { step: "began" } },
    ]);
    expect(state.transcripts.get(`${BOB} c1`)?.items).toHaveLength(1);
    expect(state.communications.get(`${BOB} message`)?.indexed).toBe(false);
    expect(state.communications.get(`${BOB} attachment`)?.indexed).toBeNull();
  });

  test("of details keep the former ones over a passing problem, but not of somebody who is gone", () => {
    const details = (more: object): Action => ({ type: "details", contact: BOB, ...more });
    const known = after([details({}), details({ details: { kind: "user", address: BOB, name: "Bob" } })]);
    const at = (state: State) => state.details.get(BOB);
    expect(at(after([details({})], known))).toMatchObject({ loading: true, value: { name: "Bob" } });
    expect(at(after([details({ problem: { code: "busy" } })], known))?.value?.name).toBe("Bob");
    expect(at(after([details({ problem: { code: "unknown_contact" } })], known))?.value).toBeUndefined();
  });
});

describe("the session", () => {
  const preferences = { ...NOTHING.preferences, theme: "dark" } as const;
  const full = after([
    { type: "preferences", preferences },
    { type: "draft", contact: BOB, body: "Dear" },
    { type: "contacts", version: 1, list: [{ kind: "user", address: BOB, name: "Bob" }], first: true, last: true },
    { type: "idle", idle: true },
    { type: "connection", connection: { phase: "open", synced: true } },
    arrived([message("a")]),
  ]);

  test("of another user or none leaves nothing but the preferences", () => {
    for (const session of [
      { phase: "in", address: BOB },
      { phase: "out", by: "user" },
    ] as const)
      expect(after([{ type: "session", session }], full)).toEqual({ ...NOTHING, session, preferences });
  });

  test("of the same user changes nothing else", () => {
    expect(after([{ type: "session", session: { phase: "in", address: ALICE } }], full)).toEqual(full);
  });

  test("forgets a draft that was emptied", () => {
    expect(full.drafts.get(BOB)).toBe("Dear");
    expect(after([{ type: "draft", contact: BOB, body: "" }], full).drafts.size).toBe(0);
  });
});
