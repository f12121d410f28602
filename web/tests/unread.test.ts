import { describe, expect, test } from "vitest";
import { countNew, left, lineIn, NO_LINE, opened, returned, toRead } from "../src/ui/unread.js";

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
