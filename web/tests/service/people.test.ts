/** Contacts, presence, typing, and what the user sets. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../src/state/model.js";
import {
  ALICE,
  advance,
  BOB,
  begin,
  CAROL,
  type FakeServer,
  loggedIn,
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

async function reconnect(): Promise<void> {
  server.socket.end();
  await advance(5000);
}

describe("contacts", () => {
  const contact = (address: string) => ({ kind: "user", address, name: address });
  const listed = (state: State) => state.contacts.list.map(({ address }) => address);

  test("are kept over a reload, and asked for by their version", async () => {
    server.answers.contacts = () => ({ version: 7, contacts: [contact(BOB)] });
    (await loggedIn()).service.stop();
    server.answers.contacts = () => ({ version: 7, unchanged: true, contacts: [] });
    const { service } = await begin();
    expect(listed(service.state)).toEqual([BOB]);
    expect(server.asked("contacts").at(-1)?.version).toBe(7);
    expect(service.state.contacts).toMatchObject({ version: 7, complete: true });
  });

  test("are shown page by page at first, under the version of the first page", async () => {
    server.answers.contacts = ({ cursor }) =>
      cursor ? SILENCE : { version: 7, contacts: [contact(BOB)], cursor: "more" };
    const { service } = await loggedIn();
    expect(service.state.contacts).toMatchObject({ version: 7, complete: false });
    server.reply(server.asked("contacts").at(-1) as never, { version: 8, contacts: [contact(CAROL)] });
    await settle();
    expect(listed(service.state)).toEqual([BOB, CAROL]);
    expect(service.state.contacts).toMatchObject({ version: 7, complete: true });
  });

  test("stay whole while they are listed again, and are listed once more after a change meanwhile", async () => {
    server.answers.contacts = () => ({ version: 1, contacts: [contact(BOB)] });
    const { service } = await loggedIn();
    server.answers.contacts = ({ cursor }) =>
      cursor ? SILENCE : { version: 2, contacts: [contact(CAROL)], cursor: "more" };
    server.push({ event: "directory", domain: "example.com" });
    await settle();
    expect(listed(service.state)).toEqual([BOB]);
    server.push({ event: "directory", domain: "example.com" });
    const before = server.asked("contacts").length;
    server.answers.contacts = () => ({ version: 3, contacts: [contact(CAROL)] });
    server.reply(server.asked("contacts").at(-1) as never, { version: 3, contacts: [] });
    await settle();
    expect(server.asked("contacts").slice(before)).toMatchObject([{ version: 2 }]);
    expect(service.state.contacts.version).toBe(3);
  });
});

describe("presence", () => {
  test("is watched of those who are shown, gathered, and not of oneself", async () => {
    const { service } = await loggedIn();
    service.show([BOB], new Set());
    service.show([BOB, CAROL, ALICE], new Set());
    await advance(149);
    expect(server.asked("watch")).toHaveLength(0);
    await advance(1);
    expect(server.asked("watch").map(({ contacts }) => contacts)).toEqual([[BOB, CAROL]]);
    expect(service.state.presence.get(BOB)).toEqual({ status: "available", revision: 5 });
    service.show([CAROL, BOB], new Set());
    await advance(150);
    expect(server.asked("watch")).toHaveLength(1);
  });

  test("is watched of two hundred at most", async () => {
    const { service } = await loggedIn();
    service.show(
      Array.from({ length: 300 }, (_, index) => `u${index}@example.com`),
      new Set(),
    );
    await advance(150);
    expect(server.asked("watch")[0]?.contacts).toHaveLength(200);
  });

  test("is watched again by a new connection and after Offline, and not while Offline", async () => {
    const running = await loggedIn();
    running.service.show([BOB], new Set());
    await advance(150);
    await reconnect();
    expect(server.asked("watch")).toHaveLength(2);
    await running.do({ do: "choose", status: "offline" });
    expect(running.service.state.presence.size).toBe(0);
    running.service.show([BOB, CAROL], new Set());
    await advance(150);
    expect(server.asked("watch")).toHaveLength(2);
    await running.do({ do: "choose", status: "available" });
    expect(server.asked("watch").at(-1)?.contacts).toEqual([BOB, CAROL]);
  });

  test("is watched of oneself where nobody is shown, so that changes of the directory are told", async () => {
    await loggedIn();
    await advance(150);
    expect(server.asked("watch").map(({ contacts }) => contacts)).toEqual([[ALICE]]);
  });

  test("once watched, has the contacts asked for again: what changed before that was told to nobody", async () => {
    const { service } = await loggedIn();
    const before = server.asked("contacts").length;
    service.show([BOB], new Set());
    await advance(150);
    service.show([BOB, CAROL], new Set());
    await advance(150);
    expect(server.asked("contacts")).toHaveLength(before + 1);
  });

  test("is asked for until it is answered", async () => {
    const { service } = await loggedIn();
    const { watch } = server.answers;
    server.answers.watch = () => refusal("busy");
    service.show([BOB], new Set());
    await advance(10_000);
    server.answers.watch = watch as never;
    await advance(10_000);
    expect(service.state.presence.size).toBe(1);
  });

  test("changes by push, and ends where the server knows nothing any more", async () => {
    const { service } = await loggedIn();
    service.show([BOB], new Set());
    await advance(150);
    server.push({ event: "presence", address: BOB, status: "busy", revision: 6 });
    server.push({ event: "presence", address: BOB, status: "away", revision: 4 });
    expect(service.state.presence.get(BOB)?.status).toBe("busy");
    server.answers.watch = () => ({ presence: [{ address: BOB, status: "offline", revision: 0 }] });
    await reconnect();
    expect(service.state.presence.get(BOB)?.status).toBe("offline");
  });
});

describe("one's own status", () => {
  test("is what was chosen, here or in another browser", async () => {
    const running = await loggedIn();
    await running.do({ do: "choose", status: "busy" });
    expect(running.service.state.own.chosen).toBe("busy");
    server.push({ event: "presence", address: ALICE, status: "available", revision: 1, chosen: "available" });
    expect(running.service.state.own.chosen).toBe("available");
  });

  test("that was chosen without a connection is told to the next one", async () => {
    const running = await loggedIn();
    server.opens = false;
    server.socket.end();
    await running.do({ do: "choose", status: "busy" });
    expect(running.service.state.own).toMatchObject({ chosen: "available", wished: "busy" });
    server.opens = true;
    await advance(40_000);
    expect(running.service.state.own).toMatchObject({ chosen: "busy", wished: null });
    await reconnect();
    expect(server.asked("presence").at(-1)).toMatchObject({ automatic: true });
  });

  test("is told one request at a time, the last one being what is wanted", async () => {
    const running = await loggedIn(ALICE, { idle_after: 60 });
    const { presence } = server.answers;
    server.answers.presence = () => SILENCE;
    await advance(60_000);
    await running.do({ do: "stir" });
    const asked = server.asked("presence");
    expect(asked).toHaveLength(2);
    server.answers.presence = presence as never;
    server.reply(asked[1] as never, { status: "away", chosen: "available" });
    await settle();
    expect(server.asked("presence").map(({ status }) => status)).toEqual(["available", "away", "available"]);
  });

  test("that is refused is given up", async () => {
    const running = await loggedIn();
    server.answers.presence = () => refusal("bad_field");
    await running.do({ do: "choose", status: "busy" });
    expect(running.service.state.own).toMatchObject({ chosen: "available", wished: null });
  });

  test("becomes Away by idling, over connections, and comes back with the first touch", async () => {
    const running = await loggedIn(ALICE, { idle_after: 60 });
    await advance(60_000);
    await reconnect();
    await running.do({ do: "stir" });
    const told = server.asked("presence").map(({ status, automatic }) => [status, automatic]);
    expect(told).toEqual(["available", "away", "away", "available"].map((status) => [status, true]));
    expect(running.service.state.own.idle).toBe(false);
  });
});

test("typing ends by itself where nothing more is heard", async () => {
  const { service, do: take } = await loggedIn();
  server.push({ event: "typing", contact: BOB, sender: BOB, active: true });
  await advance(5000);
  server.push({ event: "typing", contact: BOB, sender: BOB, active: true });
  await advance(5000);
  expect(service.state.typing.get(BOB)).toEqual([BOB]);
  await advance(3000);
  expect(service.state.typing.size).toBe(0);
  await take({ do: "type", contact: BOB, active: true });
  expect(server.asked("typing")).toMatchObject([{ contact: BOB, active: true }]);
});

test("preferences are kept for whoever comes", async () => {
  const first = await loggedIn();
  await first.do({ do: "prefer", preferences: { theme: "dark" } });
  await first.do({ do: "log out" });
  expect((await begin()).service.state.preferences).toMatchObject({ theme: "dark", sound: true });
});

test("the connection is looked for on demand", async () => {
  const running = await loggedIn();
  server.opens = false;
  server.socket.end();
  await settle();
  server.opens = true;
  await running.do({ do: "connect" });
  expect(running.service.state.connection.phase).toBe("open");
});
