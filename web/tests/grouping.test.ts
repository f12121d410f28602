import { describe, expect, test } from "vitest";
import type { MessageFrame, Outgoing } from "../src/state/model.js";
import { daysOf, entriesOf, entryOf, printOf } from "../src/ui/grouping.js";

const SELF = "alice@example.com";
const BOB = "bob@example.com";
const NOON = new Date(2026, 10, 20, 12).getTime();
const MINUTE = 60_000;

function message(id: string, sender: string, minutes: number): MessageFrame {
  const sent_at = new Date(NOON + minutes * MINUTE).toISOString();
  return { id, sender, recipient: sender === SELF ? BOB : SELF, body: id, sent_at, door: "web" };
}

function outgoing(id: string, contact = BOB): Outgoing {
  return { id, contact, body: id, at: NOON, phase: "sending" };
}

const groupsOf = (messages: readonly MessageFrame[], line: string | null = null) =>
  daysOf(
    messages.map((each) => entryOf(each, SELF)),
    line,
  ).map((day) => day.groups.map((group) => group.entries.map((entry) => entry.id).join("")));

describe("groups", () => {
  test("are of one sender", () => {
    expect(groupsOf([message("a", BOB, 0), message("b", BOB, 1), message("c", SELF, 2), message("d", BOB, 3)])).toEqual(
      [["ab", "c", "d"]],
    );
  });

  test("span less than five minutes", () => {
    expect(groupsOf([message("a", BOB, 0), message("b", BOB, 4.9), message("c", BOB, 5)])).toEqual([["ab", "c"]]);
  });

  test("end with the day", () => {
    expect(groupsOf([message("a", BOB, 11 * 60 + 59), message("b", BOB, 12 * 60 + 1)])).toEqual([["a"], ["b"]]);
  });

  test("a message a little out of order around midnight makes no second day", () => {
    const times = [719, 721, 719.5].map((minutes, index) => message("abc".charAt(index), BOB, minutes));
    expect(groupsOf(times)).toEqual([["ac"], ["b"]]);
  });

  test("end at the line, which stands before one group", () => {
    const days = daysOf(
      [message("a", BOB, 0), message("b", BOB, 1)].map((each) => entryOf(each, SELF)),
      "b",
    );
    expect(days[0]?.groups.map((group) => [group.key, group.afterLine])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });
});

describe("entries", () => {
  const items = [message("a", SELF, 0), message("b", BOB, 1), message("c", SELF, 2)];

  test("carry marks on own messages", () => {
    const marks = entriesOf({ items, peerRead: "b" }, [], BOB, SELF).map((entry) => entry.mark);
    expect(marks).toEqual(["read", null, "stored"]);
  });

  test("are followed by those on their way to this contact, in their order", () => {
    const outbox = [outgoing("z"), outgoing("q", "carol@example.com"), outgoing("d")];
    const entries = entriesOf({ items, peerRead: null }, outbox, BOB, SELF);
    expect(entries.map((entry) => entry.id).join("")).toBe("abczd");
    expect(entries.at(-1)?.mark).toBe("sending");
  });

  test("are not doubled when an outgoing message is there already", () => {
    const entries = entriesOf({ items, peerRead: null }, [outgoing("c")], BOB, SELF);
    expect(entries.map((entry) => entry.mark)).toEqual(["stored", null, "stored"]);
  });

  test("of a transcript have no marks", () => {
    expect(entryOf(message("a", SELF, 0), SELF).mark).toBeNull();
  });
});

test("the print of a group changes with a mark, and not with time", () => {
  const print = (peerRead: string | null) => {
    const group = daysOf(entriesOf({ items: [message("a", SELF, 0)], peerRead }, [], BOB, SELF))[0]?.groups[0];
    return group && printOf(group);
  };
  expect(print(null)).toBe(print(null));
  expect(print("a")).not.toBe(print(null));
});
