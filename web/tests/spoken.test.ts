import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MessageFrame } from "../src/state/model.js";
import { Speaker } from "../src/ui/speaker.js";
import { spokenOf } from "../src/ui/spoken.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const message = (body: string): MessageFrame => ({
  id: body,
  sender: "bob@example.com",
  recipient: "alice@example.com",
  body,
  sent_at: "2026-03-11T12:00:00.000Z",
  door: "web",
});

/** A component that is asked to render, and what its live region says then. */
function host() {
  const said: unknown[] = [];
  const asked = {
    addController: () => undefined,
    removeController: () => undefined,
    updateComplete: Promise.resolve(true),
  };
  const speaker = new Speaker({ ...asked, requestUpdate: () => said.push(regionOf(speaker)) });
  return { speaker, said };
}

/** The key of the element in the region, and its text. */
function regionOf(speaker: Speaker): unknown {
  const [keyed] = speaker.render().values as { values: [number, { values: [string] }] }[];
  return [keyed?.values[0], keyed?.values[1].values[0]];
}

test("every message that came is read out", () => {
  expect(spokenOf([message("one"), message("two")], () => "Bob")).toBe("Bob: one Bob: two");
});

test("many messages are counted instead", () => {
  expect(spokenOf(["1", "2", "3", "4"].map(message), () => "Bob")).toBe("4 new messages");
});

test("a long message is read out from its beginning", () => {
  expect(spokenOf([message("x".repeat(5000))], () => "Bob")).toHaveLength(305);
});

test("what is said at once is said together", () => {
  const { speaker, said } = host();
  speaker.say("One.");
  speaker.say("Two.");
  vi.runAllTimers();
  expect(said).toEqual([[1, "One. Two."]]);
});

test("the same sentence again is a new element", () => {
  const { speaker, said } = host();
  for (let turn = 0; turn < 2; turn++) {
    speaker.say("New message from Bob");
    vi.runAllTimers();
  }
  expect(said).toEqual([
    [1, "New message from Bob"],
    [2, "New message from Bob"],
  ]);
});
