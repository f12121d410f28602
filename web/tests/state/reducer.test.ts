/** The reducer: timelines, unread messages, presence. */

import { describe, expect, test } from "vitest";
import type { Action } from "../../src/state/actions.js";
import { type MessageFrame, NOTHING, type State, type ThreadFrame } from "../../src/state/model.js";
import { reduce } from "../../src/state/reducer.js";
import { markOf, unreadInAll, unreadOf } from "../../src/state/selectors.js";

const ALICE = "alice@example.com";
const BOB = "bob@example.com";
const SALES = "sales@example.com";
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

function thread(last_id: string, more: Partial<ThreadFrame> = {}): Action {
  const made = { contact: BOB, last_id, sender: BOB, sent_at: "", preview: "", unread: 0, ...more };
  return { type: "threads", threads: [made] };
}

function page(items: readonly MessageFrame[], cursor: string | null = null, read: string | null = null): Action {
  return { type: "timeline", contact: BOB, asked: { step: "came", items, cursor, fresh: false }, read };
}

const OPENED: Action = { type: "timeline", contact: BOB, asked: { step: "began" } };
const idsOf = (state: State) => state.timelines.get(BOB)?.items.map(({ id }) => id);

describe("timelines", () => {
  test("show messages in the order of their ids, each once", () => {
    const state = after([OPENED, page([message("b"), message("d")]), arrived([message("c")]), arrived([message("d")])]);
    expect(idsOf(state)).toEqual(["b", "c", "d"]);
  });

  test("keep what was pushed while the first page was on its way", () => {
    expect(idsOf(after([OPENED, arrived([message("c")]), page([message("a"), message("c")])]))).toEqual(["a", "c"]);
  });

  test("stay the same object where nothing is new", () => {
    const before = after([OPENED, page([message("a")])]);
    expect(after([arrived([message("a")])], before).timelines).toBe(before.timelines);
  });

  test("put earlier pages before", () => {
    const state = after([OPENED, page([message("c")], "more"), page([message("a"), message("b")])]);
    expect(idsOf(state)).toEqual(["a", "b", "c"]);
    expect(state.timelines.get(BOB)?.cursor).toBeNull();
  });

  test("of chats that are not open take no messages", () => {
    expect(after([arrived([message("a")])]).timelines.size).toBe(0);
    expect(after([OPENED, { type: "timeline closed", contact: BOB }]).timelines.size).toBe(0);
  });

  test("keep their messages when a page is refused, and say why until asked again", () => {
    const refused: Action = { type: "timeline", contact: BOB, asked: { step: "refused", problem: { code: "busy" } } };
    const state = after([OPENED, page([message("a")], "more"), refused]);
    expect(state.timelines.get(BOB)).toMatchObject({ cursor: "more", problem: { code: "busy" }, loading: false });
    expect(after([OPENED], state).timelines.get(BOB)?.problem).toBeUndefined();
  });

  test("know how far the contact has read, which never goes back", () => {
    const read = (id: string): Action => ({ type: "read", contact: BOB, reader: BOB, id });
    const state = after([
      OPENED,
      page([message("a")], null, "c"),
      read("b"),
      page([], null, "a"),
      read("d"),
      read("c"),
    ]);
    expect(state.timelines.get(BOB)?.peerRead).toBe("d");
    expect(after([read("d")]).timelines.size).toBe(0);
    expect([markOf(message("d"), "d"), markOf(message("e"), "d"), markOf(message("a"), null)]).toEqual([
      "read",
      "stored",
      "stored",
    ]);
  });

  test("of an alias take what went to the alias", () => {
    const opened: Action = { type: "timeline", contact: SALES, asked: { step: "began" } };
    const state = after([opened, arrived([message("a", { recipient: SALES })])]);
    expect(state.timelines.get(SALES)?.items).toHaveLength(1);
  });
});

describe("unread messages", () => {
  test("are counted as they are pushed, one's own not", () => {
    const own = message("c", { sender: ALICE, recipient: BOB });
    const state = after([arrived([message("a"), message("b")]), arrived([own])]);
    expect(state.inbox.get(BOB)).toMatchObject({ unread: 2, last_id: "c", preview: "body c" });
    expect(unreadInAll(state)).toBe(2);
  });

  test("are counted where a skewed clock made their id lower than the one before", () => {
    const state = after([arrived([message("c")]), arrived([message("b")])]);
    expect(state.inbox.get(BOB)).toMatchObject({ unread: 2, last_id: "c" });
  });

  test("are not counted where they are behind the read marker", () => {
    const state = after([thread("c", { read: "c" }), arrived([message("b")])]);
    expect(unreadOf(state, BOB)).toBe(0);
  });

  test("are not counted twice where the thread counts them", () => {
    expect(unreadOf(after([thread("c", { unread: 3 }), arrived([message("b"), message("c")], false)]), BOB)).toBe(3);
    expect(unreadOf(after([thread("c", { unread: 3 }), arrived([message("c")])]), BOB)).toBe(3);
    expect(unreadOf(after([arrived([message("c")]), thread("c", { unread: 3 })]), BOB)).toBe(3);
  });

  test("are counted where they came while the threads were listed", () => {
    expect(unreadOf(after([thread("c", { unread: 3 }), arrived([message("d")], false)]), BOB)).toBe(4);
  });

  test("are counted from both, where a push was faster than the listing", () => {
    const state = after([arrived([message("d")]), thread("c", { unread: 3 })]);
    expect(state.inbox.get(BOB)).toMatchObject({ unread: 4, last_id: "d" });
  });

  test("stay where one's own message is newer than the listing", () => {
    const own = message("d", { sender: ALICE, recipient: BOB });
    const stored: Action = { type: "stored", id: "d", message: own };
    expect(unreadOf(after([stored, thread("c", { unread: 3, read: "a" })]), BOB)).toBe(3);
    expect(unreadOf(after([stored, thread("c", { unread: 3, read: "c" })]), BOB)).toBe(0);
  });

  test("are counted up to a hundred", () => {
    const many = Array.from({ length: 120 }, (_, index) => message(`id ${String(index).padStart(3, "0")}`));
    expect(unreadOf(after([arrived(many)]), BOB)).toBe(100);
  });

  test("outlast a listing that knows nothing of them yet", () => {
    const state = after([arrived([message("d", { sender: SALES })]), thread("c")]);
    expect(unreadOf(state, SALES)).toBe(1);
  });

  test("end with the marker, here or on another connection, which never goes back", () => {
    const read = (id: string): Action => ({ type: "read", contact: BOB, reader: ALICE, id });
    const messages = [message("a"), message("b"), message("c")];
    const some = after([OPENED, page([]), arrived(messages), read("a")]);
    expect(some.inbox.get(BOB)).toMatchObject({ read: "a", unread: 2 });
    const all = after([read("c"), read("b"), thread("c", { read: "a", unread: 2 })], some);
    expect(all.inbox.get(BOB)).toMatchObject({ read: "c", unread: 0 });
    expect(after([read("c")]).inbox.size).toBe(0);
    expect(after([{ type: "read", contact: BOB, reader: BOB, id: "c" }], some).inbox).toBe(some.inbox);
  });

  test("end with the marker at the last of others, though one's own is behind it", () => {
    const own: Action = { type: "stored", id: "x", message: message("d", { sender: ALICE, recipient: BOB }) };
    const read: Action = { type: "read", contact: BOB, reader: ALICE, id: "c" };
    expect(unreadOf(after([arrived([message("b"), message("c")]), own, read]), BOB)).toBe(0);
    expect(unreadOf(after([thread("c", { unread: 2 }), own, read]), BOB)).toBe(0);
  });

  test("stay where a listing knows others that one's own message hides", () => {
    const hidden = thread("d", { sender: ALICE, unread: 2, read: "a" });
    const read: Action = { type: "read", contact: BOB, reader: ALICE, id: "b" };
    expect(unreadOf(after([arrived([message("a")]), hidden]), BOB)).toBe(2);
    expect(unreadOf(after([arrived([message("a")]), hidden, read]), BOB)).toBe(2);
  });

  test("are not taken for read by a timeline that is still empty, or does not reach so far", () => {
    const read: Action = { type: "read", contact: BOB, reader: ALICE, id: "a" };
    expect(unreadOf(after([thread("d", { unread: 3 }), OPENED, read]), BOB)).toBe(3);
    expect(unreadOf(after([thread("d", { unread: 3 }), OPENED, page([message("d")], "earlier"), read]), BOB)).toBe(3);
  });

  test("stay without a timeline to count them in", () => {
    const read: Action = { type: "read", contact: BOB, reader: ALICE, id: "a" };
    expect(unreadOf(after([thread("c", { unread: 3 }), read]), BOB)).toBe(3);
  });
});

describe("presence", () => {
  const fact = (revision: number, status: "available" | "away"): Action => ({
    type: "presence",
    of: [[BOB, { status, revision }]],
  });

  test("goes by the revision", () => {
    const state = after([fact(2, "away"), fact(1, "available")]);
    expect(state.presence.get(BOB)?.status).toBe("away");
    expect(after([fact(3, "available")], state).presence.get(BOB)?.status).toBe("available");
  });

  test("of those who are not watched any more is forgotten", () => {
    const watched = after([fact(2, "away"), { type: "watched", contacts: [BOB] }]);
    expect(watched.presence.size).toBe(1);
    expect(after([{ type: "watched", contacts: [] }], watched).presence.size).toBe(0);
  });

  test("and typing end with Offline, and nothing late brings them back", () => {
    const typing: Action = { type: "typing", contact: BOB, sender: BOB, active: true };
    const state = after([fact(2, "away"), typing, { type: "chosen", status: "offline" }, fact(3, "available")]);
    expect([state.presence.size, state.typing.size]).toEqual([0, 0]);
    expect(after([{ type: "chosen", status: "busy" }, fact(3, "away")], state).presence.size).toBe(1);
  });

  test("typing ends by word or by a message", () => {
    const typing = (sender: string, active: boolean): Action => ({ type: "typing", contact: SALES, sender, active });
    const both = after([typing(BOB, true), typing("carol@example.com", true), typing(BOB, true)]);
    expect(both.typing.get(SALES)).toHaveLength(2);
    const one = after([arrived([message("a", { recipient: SALES })])], both);
    expect(one.typing.get(SALES)).toEqual(["carol@example.com"]);
    expect(after([typing("carol@example.com", false)], one).typing.size).toBe(0);
  });
});
