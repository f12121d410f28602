import { describe, expect, test } from "vitest";
import { type Connection, NOTHING, type State, type Status } from "../src/state/model.js";
import { countNew, isReadKnown, left, lineIn, NO_LINE, opened, returned, toRead } from "../src/ui/unread.js";

const SELF = "alice@example.com";
const BOB = "bob@example.com";
const items = (senders: string) =>
  [...senders].map((who, index) => ({ id: String(index + 1), sender: who === "a" ? SELF : BOB }));

describe("the line", () => {
  test("stands before the first message of another beyond the read marker", () => {
    const all = items("babb");
    expect(lineIn(all, opened(all, "1", SELF), SELF)).toBe("3");
  });

  test("is not there when all is read, or only own messages follow", () => {
    const all = items("bba");
    expect(lineIn(all, opened(all, "2", SELF), SELF)).toBeNull();
    expect(lineIn(all, NO_LINE, SELF)).toBeNull();
  });

  test("stays while messages come to a window that is looked at", () => {
    const line = opened(items("bb"), "1", SELF);
    expect(lineIn(items("bbab"), line, SELF)).toBe("2");
  });

  test("does not appear for what comes while the window is looked at", () => {
    const line = opened(items("b"), "1", SELF);
    expect(lineIn(items("bb"), line, SELF)).toBeNull();
  });

  test("moves to what comes while the window is left, and stays there on the return", () => {
    const gone = left(opened(items("bb"), "1", SELF), items("bb"));
    expect(lineIn(items("bb"), gone, SELF)).toBe("2");
    expect(lineIn(items("bbb"), gone, SELF)).toBe("3");
    const back = returned(gone, items("bbb"), SELF);
    expect(lineIn(items("bbbb"), back, SELF)).toBe("3");
  });

  test("goes when nothing came meanwhile", () => {
    const all = items("bb");
    expect(lineIn(all, returned(left(opened(all, "1", SELF), all), all, SELF), SELF)).toBeNull();
  });

  test("a return without a leave changes nothing", () => {
    const line = opened(items("bb"), "1", SELF);
    expect(returned(line, items("bb"), SELF)).toBe(line);
  });
});

test("what is new below counts messages of others only", () => {
  expect(countNew(items("bbab"), "1", SELF)).toBe(2);
  expect(countNew(items("bbab"), "4", SELF)).toBe(0);
});

test("the newest message of another is to be read if it is beyond the marker, though an own one follows", () => {
  expect(toRead(items("ab"), "", SELF)).toBe("2");
  expect(toRead(items("ab"), "2", SELF)).toBeNull();
  expect(toRead(items("ba"), "", SELF)).toBe("1");
  expect(toRead(items("aa"), "", SELF)).toBeNull();
  expect(toRead([], "", SELF)).toBeNull();
});

describe("the read marker", () => {
  const thread = { contact: BOB, last_id: "2", sender: BOB, sent_at: "", preview: "", read: "1", unread: 1 };
  const state = (connection: Connection, chosen: Status, listed: boolean): State => ({
    ...NOTHING,
    session: { phase: "in", address: SELF },
    connection,
    own: { ...NOTHING.own, chosen },
    inbox: new Map(listed ? [[BOB, thread]] : []),
  });
  const OPEN = { phase: "open", synced: true } as const;

  test("is known from the inbox, with a connection or without", () => {
    expect(isReadKnown(state(OPEN, "available", true), BOB)).toBe(true);
    expect(isReadKnown(state(OPEN, "offline", true), BOB)).toBe(true);
    expect(isReadKnown(state({ phase: "unplugged" }, "available", true), BOB)).toBe(true);
  });

  test("is not known before everything that was missed has come", () =>
    expect(isReadKnown(state({ phase: "open", synced: false }, "available", true), BOB)).toBe(false));

  test("is not known in a webmail that started Offline, nor right after that", () => {
    expect(isReadKnown(state(OPEN, "offline", false), BOB)).toBe(false);
    expect(isReadKnown(state({ phase: "open", synced: false }, "available", false), BOB)).toBe(false);
  });

  test("is known of a chat that the inbox does not have once it has caught up: nothing was read", () => {
    expect(isReadKnown(state(OPEN, "available", false), BOB)).toBe(true);
  });
});
