import { expect, it } from "vitest";
import { NOTHING, type State } from "../src/state/model.js";
import { Asking } from "../src/ui/asking.js";
import { beginsAnother, withNewest } from "../src/ui/conversation-news.js";

const OPEN: State = {
  ...NOTHING,
  session: { phase: "in", address: "alice@example.com" },
  connection: { phase: "open", synced: true },
};
const WAITING: State = { ...OPEN, connection: { phase: "waiting", until: 0 } };

it("asks once for each thing", () => {
  const asking = new Asking();
  expect([asking.due("a", OPEN, false), asking.due("a", OPEN, false), asking.due("b", OPEN, false)]).toEqual([
    true,
    false,
    true,
  ]);
});

it("waits until somebody is logged in", () => {
  const asking = new Asking();
  expect(asking.due("a", NOTHING, false)).toBe(false);
  expect(asking.due("a", OPEN, false)).toBe(true);
});

it("asks again when the connection is back, if it was refused", () => {
  const asking = new Asking();
  asking.due("a", OPEN, false);
  expect(asking.due("a", WAITING, true)).toBe(false);
  expect(asking.due("a", OPEN, true)).toBe(true);
  expect(asking.due("a", OPEN, true)).toBe(false);
  asking.due("a", WAITING, false);
  expect(asking.due("a", OPEN, false)).toBe(false);
});

const thread = (sent_at: string) => ({ contact: "", last_id: "", sender: "", preview: "new", unread: 0, sent_at });
const newest = {
  id: "",
  started_at: "2026-03-01T08:00:00.000Z",
  ended_at: "2026-03-01T09:00:00.000Z",
  count: 2,
  complete: true,
  doors: [],
  participants: [],
  preview: "old",
};

it("takes a message after half an hour of silence for a new conversation", () => {
  expect(beginsAnother(thread("2026-03-01T09:30:00.000Z"), newest)).toBe(false);
  expect(beginsAnother(thread("2026-03-01T09:30:00.001Z"), newest)).toBe(true);
  expect(beginsAnother(thread("2026-03-01T09:00:00.000Z"), undefined)).toBe(true);
});

it("shows a message in the conversation that it came to", () => {
  const sent_at = "2026-03-01T09:30:00.000Z";
  expect(withNewest(newest, thread(sent_at))).toEqual({ ...newest, preview: "new", ended_at: sent_at });
  expect(withNewest(newest, thread("2026-03-01T09:30:00.001Z"))).toBe(newest);
  expect(withNewest(newest, thread(newest.ended_at))).toBe(newest);
  expect(withNewest(newest, undefined)).toBe(newest);
});
