/** What changed while there was no connection, besides new messages. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  ALICE,
  advance,
  BOB,
  CAROL,
  type FakeServer,
  idAt,
  loggedIn,
  message,
  type Running,
  refusal,
  SILENCE,
  settle,
  threadOf,
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

const unread = ({ service }: Running, contact = BOB) => service.state.inbox.get(contact)?.unread;

test("what was read elsewhere meanwhile is not unread any more", async () => {
  const running = await loggedIn();
  server.push({ event: "message", message: message(1000) });
  server.answers.sync = ({ since }) => ({
    threads: since ? [] : [threadOf(BOB, 1000, { read: idAt(1000) })],
    messages: [],
    until: idAt(0),
  });
  await reconnect();
  expect(unread(running)).toBe(0);
  await reconnect();
  expect(server.asked("sync").filter(({ since }) => !since)).toHaveLength(2); // the first one, and while some were unread
});

test("a renewal of the connection asks for no more than what is new", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const running = await loggedIn(ALICE, { connection_lifetime: 7200 });
  running.service.show([], new Set([BOB]));
  await settle();
  server.push({ event: "message", message: message(1000) });
  await advance(7200 * 885);
  expect(server.sockets).toHaveLength(2);
  expect(server.asked("sync").map(({ since }) => !!since)).toEqual([false, true]);
  expect(server.asked("history")).toHaveLength(1);
});

test("open chats learn what the contact has read meanwhile", async () => {
  const running = await loggedIn();
  server.answers.history = () => ({ messages: [message(1)], cursor: "earlier" });
  running.service.show([], new Set([BOB]));
  await settle();
  server.answers.history = () => ({ messages: [message(1), message(2)], cursor: "other", read: idAt(2) });
  await reconnect();
  expect(running.service.state.timelines.get(BOB)).toMatchObject({ peerRead: idAt(2), cursor: "earlier" });
  expect(running.service.state.timelines.get(BOB)?.items).toHaveLength(2);
});

test("read markers that get no answer do not keep what was missed waiting", async () => {
  const running = await loggedIn();
  server.push({ event: "message", message: message(1000) });
  server.answers.read = () => SILENCE;
  void running.do({ do: "read", contact: BOB, id: idAt(1000) });
  await advance(100);
  server.socket.end();
  await advance(5000);
  expect(running.service.state.connection).toEqual({ phase: "open", synced: true });
});

test("pushes behind the first listing are not counted again, those of later are", async () => {
  server.answers.sync = () => ({ threads: [threadOf(BOB, 3000, { unread: 3 })], messages: [], until: idAt(0) });
  const running = await loggedIn();
  for (const after of [2000, 3000]) server.push({ event: "message", message: message(after) });
  expect(unread(running)).toBe(3);
  server.push({ event: "message", message: message(4000) });
  expect(unread(running)).toBe(4);
  await advance(20_000);
  server.push({ event: "message", message: message(2500) }); // of a clock that is behind
  expect(unread(running)).toBe(5);
});

test("what was asked for one user is not shown to the next", async () => {
  const running = await loggedIn();
  server.answers.contact = server.answers.conversations = () => SILENCE;
  await running.do({ do: "load details", contact: BOB });
  await running.do({ do: "load conversations", contact: BOB, more: false });
  server.answers.contacts = () => refusal("busy");
  server.push({ event: "directory", domain: "example.com" });
  await advance(20_000); // now its pauses are long
  server.answers.contacts = () => ({ version: 1, contacts: [] });
  await running.do({ do: "log out" });
  await running.do({ do: "log in", address: CAROL, password: "secret" });
  await advance(1000);
  expect(running.service.state.contacts.complete).toBe(true);
  expect([running.service.state.details.size, running.service.state.conversations.size]).toEqual([0, 0]);
});
