/** The hub: what it gives each window, and what all of them show together. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Client, type Downward, type Settings, type Transport } from "../../src/client/client.js";
import type { View } from "../../src/client/commands.js";
import { Hub, type Port } from "../../src/service/hub.js";
import { FakeLocks } from "./browser.js";
import { API, advance, BOB, CAROL, type FakeServer, loggedIn, message, settle, unworld, world } from "./fakes.js";

const SETTINGS: Settings = { api: API };
const NOWHERE: View = { listed: [], selected: null, chat: null, looked: false, notifies: false };

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

/** A window that is a hub's, and what it was told. */
function windowOf(hub: Hub, name: string): { port: Port; said: Downward[]; client: Client } {
  const said: Downward[] = [];
  let listener: (message: Downward) => void = () => undefined;
  const post = (down: Downward) => {
    const copy = structuredClone(down);
    said.push(copy);
    listener(copy);
  };
  const port = { post };
  const receive = (given: typeof listener) => {
    listener = given;
  };
  const transport: Transport = {
    send: (up) => hub.take(port, up.say === "attach" ? { ...up, window: name } : up),
    receive,
  };
  void locks.of(name).request(`company-chat window ${name}`, () => new Promise(() => undefined));
  return { port, said, client: new Client(transport, SETTINGS) };
}

describe("the hub", () => {
  test("gives a window the state, then every action once, so that all windows agree", async () => {
    const hub = new Hub();
    const a = windowOf(hub, "a");
    await settle();
    server.push({ event: "message", message: message(1) });
    const b = windowOf(hub, "b");
    server.push({ event: "message", message: message(2) });
    await settle();
    for (const { client, said } of [a, b]) {
      expect(said[0]?.say).toBe("snapshot");
      expect(client.state.inbox.get(BOB)?.unread).toBe(2);
    }
    expect(b.client.state).toEqual(a.client.state);
  });

  test("tells a window that left nothing, and everything when it is back", async () => {
    const hub = new Hub();
    const { client } = windowOf(hub, "a");
    await settle();
    client.leave();
    server.push({ event: "message", message: message(1) });
    await settle();
    expect(client.state.inbox.size).toBe(0);
    client.attach();
    expect(client.state.inbox.size).toBe(1);
  });

  test("notices that a window is gone by its lock", async () => {
    const hub = new Hub();
    const gone = windowOf(hub, "a");
    await settle();
    locks.close("a");
    await settle();
    const before = gone.said.length;
    server.push({ event: "message", message: message(1) });
    await settle();
    expect(gone.said).toHaveLength(before);
  });

  test("watches what all windows show together, and opens their chats", async () => {
    const hub = new Hub();
    const [a, b] = [windowOf(hub, "a"), windowOf(hub, "b")];
    await settle();
    a.client.show({ listed: [CAROL], selected: BOB });
    b.client.show({ chat: BOB });
    b.client.show({ chat: BOB });
    await advance(150);
    expect(server.asked("watch").at(-1)?.contacts).toEqual([BOB, CAROL]);
    expect(a.client.state.timelines.has(BOB)).toBe(true);
    b.client.leave();
    await settle();
    expect(a.client.state.timelines.has(BOB)).toBe(false);
    hub.take({ post: () => undefined }, { say: "view", view: NOWHERE });
  });

  test("watches first what the window shows that is looked at", async () => {
    const hub = new Hub();
    const [a, b] = [windowOf(hub, "a"), windowOf(hub, "b")];
    await settle();
    const listed = (name: string) => Array.from({ length: 150 }, (_, index) => `${name}${index}@example.com`);
    a.client.show({ listed: listed("a") });
    b.client.show({ listed: listed("b"), looked: true });
    await advance(150);
    const watched = server.asked("watch").at(-1)?.contacts as string[];
    expect(watched.slice(0, 150)).toEqual(listed("b"));
    expect(watched).toHaveLength(200);
  });

  test("has one window announce a message, which shows it by then", async () => {
    const hub = new Hub();
    const [a, b] = [windowOf(hub, "a"), windowOf(hub, "b")];
    await settle();
    const noticed: string[] = [];
    for (const { client } of [a, b])
      client.onNotice(({ body }) => noticed.push(`${body} ${client.state.inbox.get(BOB)?.preview}`));
    b.client.show({ looked: true, chat: CAROL });
    b.client.show({ looked: false });
    server.push({ event: "message", message: message(1, { body: "Hello" }) });
    b.client.show({ looked: true, chat: BOB });
    server.push({ event: "message", message: message(2, { body: "seen" }) });
    expect(noticed).toEqual(["Hello Hello"]);
  });

  test("ends its service, and passes nothing on, once it is closed", async () => {
    const hub = new Hub();
    const { client, said } = windowOf(hub, "a");
    await settle();
    const before = said.length;
    hub.close();
    await settle();
    expect(server.socket.closedWith).toBe(1000);
    expect(said).toHaveLength(before);
    expect(client.state.session.phase).toBe("in");
    client.wake();
  });

  test("tells listeners until they have enough", async () => {
    const { client } = windowOf(new Hub(), "a");
    let count = 0;
    const end = client.subscribe(() => {
      count += 1;
    });
    await settle();
    const before = count;
    expect(before).toBeGreaterThan(0);
    end();
    client.onNotice(() => undefined)();
    client.command({ do: "prefer", preferences: { sound: false } });
    await settle();
    expect(count).toBe(before);
    expect(client.state.preferences.sound).toBe(false);
  });
});
