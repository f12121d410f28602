/** Opening a connection, and requests over it. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ALICE,
  advance,
  BOB,
  type FakeServer,
  loggedIn,
  refusal,
  SILENCE,
  START,
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

/** The server takes no connections from now on. */
function refuseTickets(code: string, details?: object, status = 503): void {
  const before = server.http;
  server.http = (path, init) =>
    path === "/session/ticket" ? { status, body: { error: { code, message: "", details } } } : before(path, init);
}

describe("opening", () => {
  test("asks for a ticket with the token, and opens the connection with the ticket alone", async () => {
    const { service } = await loggedIn();
    expect(server.posts.map(({ path }) => path)).toEqual(["/session", "/session/ticket"]);
    expect(server.posts[1]?.init.headers).toEqual({ authorization: `Bearer token of ${ALICE}` });
    expect(server.socket.ticket).toBe(`for Bearer token of ${ALICE}`);
    expect(service.state.connection).toEqual({ phase: "open", synced: true });
  });

  test("waits longer after every failure, by full jitter, and up to half a minute", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    refuseTickets("busy");
    const { service } = await loggedIn();
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      const { connection } = service.state;
      waits.push(connection.phase === "waiting" ? connection.until - Date.now() : -1);
      await advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    vi.spyOn(Math, "random").mockReturnValue(0);
    await advance(30_000);
    expect(server.posts.length).toBeGreaterThan(8);
  });

  test("waits as long as it is told to", async () => {
    refuseTickets("too_many_attempts", { retry_after: 90 }, 429);
    const { service } = await loggedIn();
    expect(service.state.connection).toEqual({ phase: "waiting", until: START + 90_000 });
  });

  test("does not hammer where it is told nonsense", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    refuseTickets("too_many_attempts", { retry_after: "soon" }, 429);
    const { service } = await loggedIn();
    expect(service.state.connection).toEqual({ phase: "waiting", until: START + 500 });
  });

  test("tries at once when something suggests that the network is there again", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    vi.stubGlobal("navigator", { onLine: false });
    const { http } = server;
    server.http = (path, init) => (path === "/session/ticket" ? new Error("no network") : http(path, init));
    const { service } = await loggedIn();
    expect(service.state.connection).toEqual({ phase: "unplugged" });
    server.http = http;
    service.wake();
    await settle();
    expect(service.state.connection.phase).toBe("open");
    await advance(5000);
    expect(server.sockets).toHaveLength(1);
  });

  test("goes on where a network's log-in page answers in the server's place", async () => {
    const { http } = server;
    server.http = (path, init) => (path === "/session/ticket" ? { body: "<html>" } : http(path, init));
    const { service } = await loggedIn();
    expect(service.state.connection.phase).toBe("waiting");
  });

  test("gives a handshake up that gets no answer, and one that is refused", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    server.opens = false;
    const { service } = await loggedIn();
    await advance(15_001);
    expect(server.sockets).toHaveLength(2);
    server.socket.onerror();
    await advance(1);
    expect(server.sockets).toHaveLength(3);
    server.socket.open();
    await settle();
    expect(service.state.connection.phase).toBe("open");
  });

  test("goes on where it is given an address that is none", async () => {
    const { service } = await loggedIn();
    vi.stubGlobal(
      "WebSocket",
      class {
        constructor() {
          throw new SyntaxError("not an address");
        }
      },
    );
    server.socket.end();
    await advance(1000);
    expect(service.state.connection.phase).toBe("waiting");
  });

  test("stops where the session is not accepted any more, and says why", async () => {
    const { service } = await loggedIn();
    refuseTickets("session_expired", undefined, 401);
    server.socket.end();
    await advance(1000);
    expect(service.state.session).toMatchObject({ phase: "out", by: "refusal", problem: { code: "session_expired" } });
    expect(service.state.connection.phase).toBe("closed");
    await advance(HOUR);
    expect(server.sockets).toHaveLength(1);
  });

  test("for one user never ends as the connection of the next", async () => {
    let release: (ticket: never) => void = () => undefined;
    const { http } = server;
    server.http = (path, init) =>
      path === "/session/ticket"
        ? new Promise<never>((resolve) => {
            release = resolve as typeof release;
          })
        : http(path, init);
    const running = await loggedIn(ALICE);
    const late = release;
    await running.do({ do: "log out" });
    server.http = http;
    await running.do({ do: "log in", address: BOB, password: "secret" });
    late({ body: { ticket: "of Alice", url: "wss://ws" } } as never);
    await settle();
    expect(server.sockets.map(({ ticket }) => ticket)).toEqual([`for Bearer token of ${BOB}`]);
  });
});

describe("requests", () => {
  test("get the reply with their id, in whatever order replies come", async () => {
    const { service } = await loggedIn();
    server.answers.contact = () => SILENCE;
    const both = ["a@x.org", "b@x.org"].map((contact) => service.request("contact", { contact }));
    for (const asked of server.asked("contact").reverse())
      server.reply(asked, { contact: { kind: "user", address: asked.contact, name: "" } });
    expect((await Promise.all(both)).map(({ contact }) => contact.address)).toEqual(["a@x.org", "b@x.org"]);
  });

  test("fail with the server's code", async () => {
    const { service } = await loggedIn();
    server.answers.contact = () => refusal("unknown_contact");
    await expect(service.request("contact", { contact: BOB })).rejects.toThrow("unknown_contact");
  });

  test("are lost after a while without reply, whatever garbage and gateway errors come instead", async () => {
    const { service } = await loggedIn();
    server.answers.contact = () => SILENCE;
    const lost = expect(service.request("contact", { contact: BOB })).rejects.toThrow("unreachable");
    for (const frame of ["{", "7", "null", "[]", { message: "Too Many Requests", connectionId: "x", requestId: "y" }])
      server.socket.receive(frame);
    server.socket.receive({ event: "unheard of" });
    await advance(15_000);
    await lost;
    server.reply(server.asked("contact")[0] as never, {});
  });

  test("are lost at once when the connection ends", async () => {
    const { service } = await loggedIn();
    server.answers.contact = () => SILENCE;
    const lost = expect(service.request("contact", { contact: BOB })).rejects.toThrow("unreachable");
    server.socket.end();
    await lost;
    await expect(service.request("contact", { contact: BOB })).rejects.toThrow("unreachable");
  });

  test("that are not answered make the connection doubted", async () => {
    const { service } = await loggedIn();
    server.answers.contact = () => SILENCE;
    server.answers.ping = () => SILENCE;
    void service.request("contact", { contact: BOB }).catch(() => undefined);
    await advance(19_000);
    expect(server.sockets[0]?.closedWith).toBe(1000);
  });

  test("that find the connection unregistered open another one", async () => {
    const { service } = await loggedIn();
    server.answers.contact = () => refusal("not_connected");
    await expect(service.request("contact", { contact: BOB })).rejects.toThrow("not_connected");
    await advance(1000);
    expect(server.sockets).toHaveLength(2);
    expect(service.state.connection.phase).toBe("open");
  });
});
