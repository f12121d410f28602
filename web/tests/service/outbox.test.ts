import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { timeOf } from "../../src/service/ids.js";
import { selfOf } from "../../src/state/selectors.js";
import {
  ALICE,
  advance,
  BOB,
  begin,
  CAROL,
  type FakeServer,
  loggedIn,
  type Running,
  refusal,
  SILENCE,
  settle,
  unworld,
  world,
} from "./fakes.js";

let server: FakeServer;
beforeEach(() => {
  server = world();
});
afterEach(unworld);

const send = (running: Running, body: string, contact = BOB) => running.do({ do: "send", contact, body });
const outbox = ({ service }: Running) => service.state.outbox.map(({ body, phase }) => `${body} ${phase}`);
const sentOf = (body: string) => server.asked("send").filter((each) => each.body === body);

test("a message is shown on its way, then as stored", async () => {
  const running = await loggedIn();
  running.service.show([], new Set([BOB]));
  await settle();
  await send(running, "Hello");
  expect(outbox(running)).toEqual([]);
  expect(running.service.state.timelines.get(BOB)?.items).toMatchObject([{ body: "Hello", sender: ALICE }]);
});

test("a message whose reply was lost is sent again with the same id", async () => {
  const running = await loggedIn();
  const answer = server.answers.send;
  server.answers.send = () => SILENCE;
  await send(running, "Hello");
  expect(outbox(running)).toEqual(["Hello sending"]);
  server.answers.send = answer as never;
  server.socket.end();
  await advance(1000);
  expect(new Set(sentOf("Hello").map(({ id }) => id)).size).toBe(1);
  expect(sentOf("Hello")).toHaveLength(2);
  expect(outbox(running)).toEqual([]);
});

test("a message that comes by push is known to be stored", async () => {
  const running = await loggedIn();
  server.answers.send = () => SILENCE;
  await send(running, "Hello");
  const id = String(sentOf("Hello")[0]?.id);
  const message = { id, sender: ALICE, recipient: BOB, body: "Hello", sent_at: "", door: "web" };
  server.push({ event: "message", message });
  expect(outbox(running)).toEqual([]);
});

describe("a refused id", () => {
  test("that is too old gives way to a new one by the server's time", async () => {
    const running = await loggedIn();
    server.ahead = -300_000;
    const answer = server.answers.send;
    server.answers.send = (asked) =>
      Math.abs(timeOf(String(asked.id)) - server.now()) > 60_000
        ? refusal("clock_skew", { server_time: server.now() })
        : (answer?.(asked) ?? SILENCE);
    await send(running, "one");
    await send(running, "two");
    expect(outbox(running)).toEqual([]);
    expect(sentOf("one")).toHaveLength(2);
    expect(sentOf("two")).toHaveLength(1);
  });

  test("of the future gives way even where the clock was corrected since", async () => {
    const running = await loggedIn();
    await send(running, "early");
    server.ahead = -300_000;
    const answer = server.answers.send;
    server.socket.end();
    await advance(1000);
    server.answers.send = (asked) =>
      Math.abs(timeOf(String(asked.id)) - server.now()) > 60_000
        ? refusal("clock_skew", { server_time: server.now() })
        : (answer?.(asked) ?? SILENCE);
    await send(running, "late");
    expect(outbox(running)).toEqual([]);
  });

  test("that is taken gives way, some times", async () => {
    const running = await loggedIn();
    server.answers.send = () => refusal("id_taken");
    await send(running, "Hello");
    expect(new Set(sentOf("Hello").map(({ id }) => id)).size).toBe(4);
    expect(running.service.state.outbox).toMatchObject([{ phase: "failed", problem: { code: "id_taken" } }]);
  });

  test("keeps the order of what waited behind it", async () => {
    const running = await loggedIn();
    server.socket.end();
    await settle();
    await send(running, "one");
    server.opens = false;
    await advance(70_000);
    await send(running, "two");
    const answer = server.answers.send;
    server.answers.send = (asked) =>
      server.now() - timeOf(String(asked.id)) > 60_000
        ? refusal("clock_skew", { server_time: server.now() })
        : (answer?.(asked) ?? SILENCE);
    server.opens = true;
    await advance(50_000);
    expect(outbox(running)).toEqual([]);
    const stored = ["one", "two"].map((body) => String(sentOf(body).at(-1)?.id));
    expect(stored).toEqual([...stored].sort());
  });
});

test("messages to one contact go one after another, those to others beside them", async () => {
  const running = await loggedIn();
  const answer = server.answers.send;
  server.answers.send = () => SILENCE;
  await send(running, "one");
  await send(running, "two");
  await send(running, "other", CAROL);
  expect(server.asked("send").map(({ body }) => body)).toEqual(["one", "other"]);
  server.answers.send = answer as never;
  server.reply(server.asked("send")[0] as never, { id: sentOf("one")[0]?.id, sent_at: "", reached: 1 });
  await settle();
  expect(sentOf("two")).toHaveLength(1);
});

test("a refused message fails with its reason, and the next one goes on", async () => {
  const running = await loggedIn();
  const answer = server.answers.send;
  server.answers.send = () => refusal("unknown_recipient");
  await send(running, "one");
  server.answers.send = answer as never;
  await send(running, "two");
  expect(running.service.state.outbox).toMatchObject([{ phase: "failed", problem: { code: "unknown_recipient" } }]);
  const id = String(running.service.state.outbox[0]?.id);
  await running.do({ do: "retry", id });
  expect(outbox(running)).toEqual([]);
  await running.do({ do: "retry", id });
  await running.do({ do: "discard", id });
  expect(sentOf("one")).toHaveLength(2);
});

test("a failed message can be discarded, for good", async () => {
  const running = await loggedIn();
  server.answers.send = () => refusal("body_too_large");
  await send(running, "one");
  await running.do({ do: "discard", id: String(running.service.state.outbox[0]?.id) });
  expect(outbox(running)).toEqual([]);
  running.service.stop();
  expect(outbox(await begin())).toEqual([]);
});

test("a store that is busy all the time makes a message fail, after some tries", async () => {
  const running = await loggedIn();
  server.answers.send = () => refusal("busy");
  await send(running, "one");
  await advance(5000);
  expect(outbox(running)).toEqual(["one failed"]);
  expect(sentOf("one")).toHaveLength(4);
});

test("messages wait where there is no connection", async () => {
  const running = await loggedIn();
  server.opens = false;
  server.socket.end();
  await settle();
  await send(running, "one");
  expect(outbox(running)).toEqual(["one waiting"]);
  server.opens = true;
  await advance(40_000);
  expect(outbox(running)).toEqual([]);
});

test("messages wait while Offline, chosen here or elsewhere", async () => {
  const running = await loggedIn();
  const answer = server.answers.send;
  server.answers.send = () => refusal("offline");
  await send(running, "one");
  expect(outbox(running)).toEqual(["one waiting"]);
  const hear = (chosen: string) =>
    server.push({ event: "presence", address: ALICE, status: chosen, revision: 1, chosen } as never);
  hear("offline");
  await send(running, "two");
  expect(sentOf("two")).toEqual([]);
  server.answers.send = answer as never;
  hear("busy");
  await settle();
  expect(outbox(running)).toEqual([]);
});

test("what a window says twice is sent once, over reloads too", async () => {
  const running = await loggedIn();
  server.answers.send = () => SILENCE;
  const command = { do: "send", contact: BOB, body: "Hello", key: "k" } as const;
  await running.do(command);
  await running.do(command);
  running.service.stop();
  await settle();
  const next = await begin();
  await next.do(command);
  expect(outbox(next)).toEqual(["Hello sending"]);
});

describe("what is kept", () => {
  /** A service that has a draft and a message on its way, and is gone. */
  async function left(): Promise<Running> {
    const running = await loggedIn();
    server.answers.send = () => SILENCE;
    await running.do({ do: "draft", contact: BOB, body: "Dear" });
    await send(running, "on its way");
    return running;
  }

  test("is taken up after a reload, with the same id", async () => {
    (await left()).service.stop();
    await settle();
    const id = sentOf("on its way")[0]?.id;
    server.opens = false;
    const running = await begin();
    expect(outbox(running)).toEqual(["on its way waiting"]);
    expect(running.service.state.drafts.get(BOB)).toBe("Dear");
    server.socket.open();
    await settle();
    expect(sentOf("on its way").at(-1)?.id).toBe(id);
  });

  test("waits for its user where the session only ran out", async () => {
    const running = await left();
    const { http } = server;
    server.http = () => ({ status: 401, body: { error: { code: "session_expired" } } });
    server.socket.end();
    await advance(1000);
    expect(running.service.state.session.phase).toBe("out");
    await running.do({ do: "draft", contact: CAROL, body: "late" });
    await send(running, "late");
    server.http = http;
    await running.do({ do: "log in", address: ALICE, password: "secret" });
    expect(outbox(running)).toEqual(["on its way sending"]);
    expect([...running.service.state.drafts]).toEqual([[BOB, "Dear"]]);
  });

  test("is forgotten by a log-out, and never another user's", async () => {
    for (const by of ["log-out", "expiry"]) {
      const running = await left();
      if (by === "log-out") await running.do({ do: "log out" });
      else running.service.stop();
      const other = await begin();
      await other.do({ do: "log in", address: CAROL, password: "secret" });
      expect(selfOf(other.service.state)).toBe(CAROL);
      expect([outbox(other), other.service.state.drafts.size]).toEqual([[], 0]);
      await other.do({ do: "log out" });
    }
  });

  test("does not go out as the next user while it is tried again", async () => {
    const running = await loggedIn();
    server.answers.send = () => refusal("busy");
    await send(running, "from Alice");
    await running.do({ do: "log out" });
    await running.do({ do: "log in", address: CAROL, password: "secret" });
    await advance(10_000);
    expect(sentOf("from Alice")).toHaveLength(1);
  });
});
