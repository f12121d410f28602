/** The parts that need no server: ids, the clock, idling, notices, problems, the store. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { View } from "../../src/client/commands.js";
import { Clock } from "../../src/service/clock.js";
import { Idling } from "../../src/service/idling.js";
import { Ids, lowest, timeOf } from "../../src/service/ids.js";
import { noticeOf } from "../../src/service/notices.js";
import { problemFrom, problemIn } from "../../src/service/problem.js";
import { Store } from "../../src/service/store.js";
import { NOTHING, type State } from "../../src/state/model.js";
import { ALICE, BOB, message, START, settle, unworld, world } from "./fakes.js";

beforeEach(world);
afterEach(unworld);

describe("ids", () => {
  test("are UUIDv7 in lower case with the time in them", () => {
    const id = new Ids(() => START).next();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOf(id)).toBe(START);
  });

  test("rise within one millisecond, and after the clock went back", () => {
    let now = START;
    const ids = new Ids(() => now);
    const made = Array.from({ length: 1000 }, () => ids.next());
    now -= 5000;
    made.push(ids.next());
    expect(made).toEqual([...new Set(made)].sort());
    ids.forget();
    expect(timeOf(ids.next())).toBe(START - 5000);
  });

  test("the lowest of a time is below all of it, and valid", () => {
    expect(lowest(START) < new Ids(() => START).next()).toBe(true);
    expect(lowest(START) > new Ids(() => START - 1).next()).toBe(true);
    expect(lowest(START)[14]).toBe("7");
    expect(timeOf(lowest(-5))).toBe(0);
  });
});

test("the clock follows the server, but not the network's jitter", () => {
  let device = START;
  const clock = new Clock(() => device);
  expect(clock.learn(START + 200)).toBe(false);
  expect(clock.learn(START - 90_000)).toBe(true);
  device += 1000;
  expect(clock.now()).toBe(START - 89_000);
  expect(clock.learn(device)).toBe(true);
  expect(clock.now()).toBe(device);
});

test("idling begins when nobody stirs, ends with the first touch, and is told once", () => {
  const told: boolean[] = [];
  const idling = new Idling((idle) => told.push(idle), 60);
  idling.stir();
  vi.advanceTimersByTime(59_000);
  idling.stir();
  vi.advanceTimersByTime(59_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(120_000);
  idling.stir();
  idling.stir();
  idling.stop();
  vi.advanceTimersByTime(120_000);
  expect(told).toEqual([true, false]);
});

describe("a notice", () => {
  const state: State = { ...NOTHING, session: { phase: "in", address: ALICE } };
  const nowhere: View = { listed: [], selected: null, chat: null, looked: false, notifies: false };
  const viewer = (name: string, lookedAt: number, view: Partial<View> = {}) => ({
    name,
    lookedAt,
    view: { ...nowhere, ...view },
  });
  const who = (viewers: ReturnType<typeof viewer>[], more = state) => noticeOf(message(1), more, viewers)?.viewer.name;

  test("is given by one window: one that may notify, else the one looked at last", () => {
    expect(who([viewer("a", 1), viewer("b", 2)])).toBe("b");
    expect(who([viewer("a", 1, { notifies: true }), viewer("b", 2)])).toBe("a");
    expect(who([])).toBeUndefined();
  });

  test("is not given where the chat is being looked at", () => {
    expect(who([viewer("a", 1), viewer("b", 2, { chat: BOB, looked: true })])).toBeUndefined();
    expect(who([viewer("a", 1, { chat: BOB })])).toBe("a");
  });

  test("is only heard where another window is looked at", () => {
    const visual = (looked: boolean) => noticeOf(message(1), state, [viewer("a", 1, { looked })])?.notice.visual;
    expect([visual(true), visual(false)]).toEqual([false, true]);
  });

  test("is not given of one's own message, to the busy, nor to nobody", () => {
    const own = noticeOf(message(1, { sender: ALICE, recipient: BOB }), state, [viewer("a", 1)]);
    expect(own).toBeNull();
    expect(who([viewer("a", 1)], { ...state, own: { chosen: "busy", idle: false } })).toBeUndefined();
    expect(
      who([viewer("a", 1)], { ...state, own: { chosen: "available", wished: "busy", idle: false } }),
    ).toBeUndefined();
    expect(who([viewer("a", 1)], NOTHING)).toBeUndefined();
  });
});

test("problems are what the server said, whatever else its answer holds", () => {
  expect(problemFrom({ error: { code: "busy", message: 7, details: "no" } }, "x")).toEqual({ code: "busy" });
  expect(problemFrom({ error: { code: "a", message: "b", details: { c: 1 } } }, "x")).toEqual({
    code: "a",
    message: "b",
    details: { c: 1 },
  });
  for (const body of [null, "text", {}, { error: "no" }]) expect(problemFrom(body, "x")).toEqual({ code: "x" });
  expect(() => problemIn(new TypeError("ours"))).toThrow("ours");
});

test("the store publishes the actions of one turn together, and none twice", async () => {
  const published: number[] = [];
  const store = new Store((actions) => published.push(actions.length));
  store.dispatch({ type: "idle", idle: true });
  store.dispatch({ type: "idle", idle: false });
  store.flush();
  store.dispatch({ type: "idle", idle: true });
  await settle();
  store.flush();
  expect(published).toEqual([2, 1]);
  expect(store.state.own.idle).toBe(true);
});
