/** Windows that elect one of them to run the service, and the addresses of chat windows. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Client, Settings } from "../../src/client/client.js";
import { addressOf, openChat, targetIn } from "../../src/client/windows.js";
import { FakeChannel, FakeLocks } from "./browser.js";
import { ALICE, API, advance, BOB, type FakeServer, loggedIn, message, settle, unworld, world } from "./fakes.js";

const SETTINGS: Settings = { api: API };

let server: FakeServer;
let locks: FakeLocks;
beforeEach(async () => {
  server = world();
  locks = new FakeLocks();
  vi.stubGlobal("navigator", { onLine: true, locks: locks.of("worker") });
  (await loggedIn()).service.stop();
  await settle();
});
afterEach(unworld);

describe("an elected window", () => {
  /** Another window of the browser, with modules of its own, as every window has. */
  async function opened(name: string): Promise<{ client: Client; channel: FakeChannel }> {
    vi.resetModules();
    vi.stubGlobal("navigator", { onLine: true, locks: locks.of(name) });
    const { connect } = await import("../../src/client/transports.js");
    await Promise.all([import("../../src/client/elected.js"), import("../../src/client/alone.js")]); // there at once later
    const own = await import("../../src/client/client.js");
    const client = new own.Client(connect(SETTINGS), SETTINGS);
    await settle();
    return { client, channel: FakeChannel.all.at(-1) as FakeChannel };
  }

  function close(name: string, channel: FakeChannel): void {
    channel.close();
    locks.close(name);
  }

  const openSockets = () => server.sockets.filter(({ closedWith }) => closedWith === undefined);

  beforeEach(() => {
    FakeChannel.all = [];
    vi.stubGlobal("BroadcastChannel", FakeChannel);
    vi.stubGlobal("location", { origin: "https://mail.example.com" });
  });

  test("runs the service for all of them", async () => {
    const a = await opened("a");
    const b = await opened("b");
    server.push({ event: "message", message: message(1) });
    b.client.command({ do: "send", contact: BOB, body: "from b" });
    await settle();
    expect(openSockets()).toHaveLength(1);
    expect(a.client.state.inbox.get(BOB)?.unread).toBe(1);
    expect(b.client.state).toEqual(a.client.state);
    expect(server.asked("send")).toHaveLength(1);
  });

  test("is followed by another one when it is closed", async () => {
    const a = await opened("a");
    const b = await opened("b");
    const c = await opened("c");
    close("a", a.channel);
    server.sockets.at(-1)?.end();
    await settle();
    c.client.command({ do: "send", contact: BOB, body: "from c" });
    await settle();
    expect(b.client.state.connection).toEqual({ phase: "open", synced: true });
    expect(server.asked("send")).toHaveLength(1);
    expect(c.client.state.inbox.get(BOB)?.preview).toBe("from c");
  });

  test("keeps the service where it answers", async () => {
    await opened("a");
    const b = await opened("b");
    b.client.wake();
    await advance(10_000);
    expect(server.sockets).toHaveLength(2); // that of the log-in before, and its own
  });

  test("that is silent is replaced, and stops its service when it goes on", async () => {
    const a = await opened("a");
    const b = await opened("b");
    const c = await opened("c");
    a.channel.frozen = true;
    b.client.wake();
    b.client.command({ do: "send", contact: BOB, body: "once" });
    await advance(4000);
    c.client.command({ do: "send", contact: BOB, body: "twice" });
    await settle();
    a.channel.thaw();
    await settle();
    expect(server.asked("send").map(({ body }) => body)).toEqual(["once", "twice"]);
    expect(openSockets()).toHaveLength(1);
    server.push({ event: "message", message: message(9_000_000) }, openSockets()[0]);
    await settle();
    for (const { client } of [a, b, c]) expect(client.state.inbox.get(BOB)?.unread).toBe(1);
  });

  test("that is frozen is noticed by a window that opens, by a command, and by a look now and then", async () => {
    const notice: Record<string, (client: Client) => void> = {
      open: () => undefined,
      command: (client) => client.command({ do: "send", contact: BOB, body: "command" }),
      look: () => undefined,
    };
    for (const [name, act] of Object.entries(notice)) {
      FakeChannel.all = [];
      locks = new FakeLocks();
      const a = await opened(`${name} a`);
      if (name === "open") a.channel.frozen = true;
      const b = await opened(`${name} b`);
      a.channel.frozen = true;
      const before = server.sockets.length;
      act(b.client);
      await advance(name === "look" ? 25_000 : 7000);
      expect(server.sockets.length).toBeGreaterThan(before);
      expect(b.client.state.connection.phase).toBe("open");
      close(`${name} a`, a.channel);
      close(`${name} b`, b.channel);
    }
    expect(server.asked("send")).toHaveLength(1);
  });

  test("that goes on takes nothing that was said to it while it was frozen", async () => {
    const a = await opened("a");
    const b = await opened("b");
    await advance(2000);
    a.channel.frozen = true;
    locks.frozen.add("a");
    b.client.command({ do: "send", contact: BOB, body: "once" });
    await advance(7000);
    expect(server.asked("send")).toHaveLength(1);
    a.channel.thaw();
    await settle();
    expect(server.asked("send")).toHaveLength(1);
    locks.thaw();
    await settle();
    a.client.command({ do: "send", contact: BOB, body: "of a" });
    await settle();
    expect(server.asked("send").map(({ body }) => body)).toEqual(["once", "of a"]);
    expect(openSockets()).toHaveLength(1);
  });

  test("does not replace itself where its turn came while it doubted", async () => {
    const a = await opened("a");
    const b = await opened("b");
    a.channel.frozen = true;
    b.client.wake();
    close("a", a.channel);
    await settle();
    const before = server.sockets.length;
    await advance(10_000);
    expect(server.sockets).toHaveLength(before);
    b.client.command({ do: "prefer", preferences: { sound: false } });
    await settle();
    expect(b.client.state.preferences.sound).toBe(false);
  });

  test("serves itself alone where the browser gives no locks", async () => {
    locks.refusal = new DOMException("no", "SecurityError");
    const a = await opened("a");
    expect(a.client.state.session).toEqual({ phase: "in", address: ALICE });
    vi.stubGlobal("BroadcastChannel", undefined);
    locks.refusal = undefined;
    const b = await opened("b");
    b.client.wake();
    expect(b.client.state.connection.phase).toBe("open");
  });

  test("is not needed where the page has a worker of its own origin", async () => {
    const { protocol, origin } = new URL(import.meta.url);
    vi.stubGlobal("location", { origin, protocol });
    const posted: unknown[] = [];
    const port = {
      postMessage: (up: unknown) => posted.push(up),
      onmessage: (_: unknown) => undefined,
      close: vi.fn(),
    };
    vi.stubGlobal(
      "SharedWorker",
      class {
        readonly port = port;
      },
    );
    const createPolicy = (_: string, rules: { createScriptURL(url: string): string }) => rules;
    vi.stubGlobal("trustedTypes", { createPolicy });
    const { client } = await opened("a");
    expect(posted).toMatchObject([{ say: "attach" }, { say: "view" }]);
    port.onmessage({ data: { say: "snapshot", state: { ...client.state, outbox: ["x"] } } });
    expect(client.state.outbox).toEqual(["x"]);
  });
});

describe("chat windows", () => {
  test("have addresses that tell what they show", () => {
    for (const target of [{ contact: "a/b@example.com" }, { contact: BOB, conversation: "c1" }])
      expect(targetIn(new URL(addressOf("https://x.org/chat.html", target)).hash)).toEqual(target);
    for (const hash of ["", "#other", "#company-chat/", "#company-chat/%"]) expect(targetIn(hash)).toBeNull();
    expect(targetIn("#company-chat/Bob%40Example.com/c1")).toEqual({ contact: BOB, conversation: "c1" });
  });

  test("are opened once each, and a refusal is told", () => {
    const opened = { focus: vi.fn() };
    const open = vi.fn((): object | null => opened);
    vi.stubGlobal("window", { open });
    expect(openChat("p", { contact: BOB })).toBe(true);
    expect(opened.focus).toHaveBeenCalledTimes(1);
    open.mockReturnValue(null);
    expect(openChat("p", { contact: BOB })).toBe(false);
    expect(new Set(open.mock.calls.map((call) => (call as unknown[])[1])).size).toBe(1);
  });
});
