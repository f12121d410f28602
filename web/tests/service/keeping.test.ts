/** An open connection: kept, doubted, renewed; and the session that it serves. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ALICE,
  advance,
  BOB,
  begin,
  type FakeServer,
  FakeWebSocket,
  loggedIn,
  message,
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

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** The server takes no connections from now on. */
function refuseTickets(code: string, details?: object, status = 503): void {
  const before = server.http;
  server.http = (path, init) =>
    path === "/session/ticket" ? { status, body: { error: { code, message: "", details } } } : before(path, init);
}

describe("an open connection", () => {
  test("is kept by a ping every five minutes", async () => {
    await loggedIn();
    const before = server.asked("ping").length;
    await advance(15 * MINUTE);
    expect(server.asked("ping").length - before).toBe(3);
  });

  test("whose ping finds silence is given up, though its end is not reported", async () => {
    const { service } = await loggedIn();
    server.reportsEnds = false;
    server.answers.ping = () => SILENCE;
    await advance(5 * MINUTE + 15_000);
    expect(server.sockets[0]?.closedWith).toBe(1000);
    await advance(1000);
    expect(server.sockets).toHaveLength(2);
    expect(service.state.connection.phase).toBe("open");
  });

  test("whose ping is answered with any other problem lives", async () => {
    await loggedIn();
    server.answers.ping = () => refusal("busy");
    await advance(6 * MINUTE);
    expect(server.sockets).toHaveLength(1);
  });

  test("is looked at after the device slept, and by wake, with little patience", async () => {
    const { service } = await loggedIn();
    await advance(10_000);
    server.answers.ping = () => SILENCE;
    vi.setSystemTime(Date.now() + HOUR);
    await advance(14_000);
    expect(server.sockets[0]?.closedWith).toBe(1000);
    await advance(1000);
    service.wake();
    await advance(4000);
    expect(server.sockets[1]?.closedWith).toBe(1000);
  });

  test("is ended with a goodbye", async () => {
    const running = await loggedIn();
    await running.do({ do: "log out" });
    expect(server.socket.closedWith).toBe(1000);
    expect(running.service.state.connection.phase).toBe("closed");
  });
});

describe("renewal", () => {
  const lifetime = { connection_lifetime: 7200 };
  /** When it is due: chance shifts it by up to 7 % of the lifetime. */
  const DUE = 2 * HOUR * 0.885;
  beforeEach(() => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
  });

  test("opens the next connection before the lifetime ends and before the old one is closed", async () => {
    const { service, actions } = await loggedIn(ALICE, lifetime);
    server.opens = false;
    await advance(DUE);
    expect(server.sockets).toHaveLength(2);
    expect(server.sockets[0]?.closedWith).toBeUndefined();
    actions.length = 0;
    server.socket.open();
    await settle();
    expect(server.sockets[0]?.closedWith).toBe(1000);
    expect(actions.filter(({ type }) => type === "connection")).toEqual(
      expect.not.arrayContaining([{ type: "connection", connection: { phase: "open", synced: false } }]),
    );
    expect(service.state.connection).toEqual({ phase: "open", synced: true });
  });

  test("lets requests that are under way on the old one get their reply", async () => {
    const { service } = await loggedIn(ALICE, lifetime);
    server.opens = false;
    await advance(DUE);
    server.answers.contact = () => SILENCE;
    const asked = service.request("contact", { contact: BOB });
    server.socket.open();
    await settle();
    expect(server.sockets[0]?.closedWith).toBeUndefined();
    server.push({ event: "message", message: message(5) }, server.sockets[0]);
    server.push({ event: "message", message: message(5) }, server.sockets[1]);
    expect(service.state.inbox.get(BOB)?.unread).toBe(1);
    server.reply(server.asked("contact")[0] as never, { contact: { kind: "user", address: BOB, name: "Bob" } });
    expect((await asked).contact.name).toBe("Bob");
    await settle();
    expect(server.sockets[0]?.closedWith).toBe(1000);
  });

  test("that fails keeps the old one, and is tried again", async () => {
    const { service } = await loggedIn(ALICE, lifetime);
    const { http } = server;
    refuseTickets("busy");
    await advance(DUE);
    expect(service.state.connection).toEqual({ phase: "open", synced: true });
    server.http = http;
    await advance(30_000);
    expect(server.sockets).toHaveLength(2);
  });

  test("during which the old one ends shows that there is none", async () => {
    const { service } = await loggedIn(ALICE, lifetime);
    server.opens = false;
    await advance(DUE);
    server.sockets[0]?.end();
    await settle();
    expect(service.state.connection).toEqual({ phase: "opening" });
    server.socket.open();
    await settle();
    expect(service.state.connection).toEqual({ phase: "open", synced: true });
  });

  test("leaves nothing open that drains when the user logs out", async () => {
    const running = await loggedIn(ALICE, lifetime);
    server.opens = false;
    await advance(DUE);
    server.answers.contact = () => SILENCE;
    void running.service.request("contact", { contact: BOB }).catch(() => undefined);
    server.socket.open();
    await running.do({ do: "log out" });
    expect(server.sockets.map(({ closedWith }) => closedWith)).toEqual([1000, 1000]);
  });
});

describe("the session", () => {
  test("is taken up after a reload, unless it is too old", async () => {
    const first = await loggedIn();
    first.service.stop();
    expect((await begin()).service.state.session).toEqual({ phase: "in", address: ALICE });
    await advance(13 * HOUR);
    expect((await begin()).service.state.session).toEqual({ phase: "out", by: "nobody" });
  });

  test("that is refused says why", async () => {
    server.http = () => ({ status: 401, body: { error: { code: "wrong_credentials", message: "" } } });
    const { service } = await loggedIn();
    expect(service.state.session).toMatchObject({
      phase: "out",
      by: "refusal",
      problem: { code: "wrong_credentials" },
    });
    server.http = () => ({ status: 502, body: "<html>" });
    service.take({ do: "sign on", jwt: "x" });
    await settle();
    expect(service.state.session).toMatchObject({ problem: { code: "busy" } });
    expect(JSON.parse(String(server.posts[1]?.init.body))).toEqual({ jwt: "x" });
  });

  test("of a service that has stopped does not begin any more", async () => {
    const { service } = await begin();
    service.take({ do: "log in", address: ALICE, password: "x" });
    service.stop();
    await settle();
    expect(FakeWebSocket.server.sockets).toHaveLength(0);
    expect(service.state.session.phase).toBe("out");
  });

  test("is entered without a store that keeps anything", async () => {
    vi.stubGlobal("indexedDB", {
      open: () => {
        throw new Error("SecurityError");
      },
    });
    expect((await loggedIn()).service.state.connection.phase).toBe("open");
  });
});
