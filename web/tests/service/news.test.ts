/** What comes in: catching up after an absence, read markers, and lists. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { timeOf } from "../../src/service/ids.js";
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
  START,
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

const MINUTE = 60_000;

async function reconnect(): Promise<void> {
  server.socket.end();
  await advance(5000);
}

const unread = ({ service }: Running, contact = BOB) => service.state.inbox.get(contact)?.unread;
const since = () => String(server.asked("sync").findLast((asked) => asked.since)?.since);
const bodies = ({ announced }: Running) => announced.map(({ body }) => body);

describe("catching up", () => {
  test("asks for all threads first, and then since the newest id less two minutes", async () => {
    await loggedIn();
    server.push({ event: "message", message: message(5000) });
    await reconnect();
    const [first, second] = server.asked("sync");
    expect(first?.since).toBeUndefined();
    expect(timeOf(String(second?.since))).toBe(START + 5000 - 2 * MINUTE);
  });

  test("follows the pages, threads before messages, and announces what was missed once", async () => {
    const running = await loggedIn();
    server.push({ event: "message", message: message(1000) });
    const pages: Record<string, object> = {
      first: { threads: [threadOf(CAROL, 2000, { unread: 1 })], messages: [], cursor: "second" },
      second: {
        threads: [threadOf(BOB, 3000, { unread: 2 })],
        messages: [message(1000), message(2000, { sender: CAROL })],
        cursor: "third",
      },
      third: { threads: [], messages: [message(3000)] },
    };
    server.answers.sync = ({ cursor }) => ({ until: idAt(0), ...pages[String(cursor ?? "first")] });
    await reconnect();
    expect(bodies(running)).toEqual(["at 1000", "at 2000", "at 3000"]);
    expect([unread(running), unread(running, CAROL)]).toEqual([2, 1]);
    expect(running.service.state.connection).toEqual({ phase: "open", synced: true });
    await reconnect();
    expect(bodies(running)).toHaveLength(3);
  });

  test("announces nothing that was read elsewhere meanwhile", async () => {
    const running = await loggedIn();
    server.answers.sync = () => ({
      threads: [threadOf(BOB, 3000, { read: idAt(3000) })],
      messages: [message(3000)],
      until: idAt(0),
    });
    await reconnect();
    expect(bodies(running)).toEqual([]);
  });

  test("misses nothing where pushes are faster, and announces nothing twice", async () => {
    const running = await loggedIn();
    server.push({ event: "message", message: message(1000) });
    const answer = server.answers.presence;
    server.answers.presence = () => SILENCE;
    await reconnect();
    const late = message(30 * MINUTE);
    server.push({ event: "message", message: late });
    server.answers.sync = () => ({ threads: [], messages: [message(2000), late], until: idAt(0) });
    server.answers.presence = answer as never;
    server.reply(server.asked("presence").at(-1) as never, { status: "available", chosen: "available" });
    await settle();
    expect(timeOf(since())).toBe(START + 1000 - 2 * MINUTE);
    expect(bodies(running)).toEqual(["at 1000", `at ${30 * MINUTE}`, "at 2000"]);
    server.push({ event: "message", message: message(2000) });
    expect(bodies(running)).toHaveLength(3);
    await reconnect();
    expect(timeOf(since())).toBe(START + 28 * MINUTE);
  });

  test("begins where it was, if it did not come to its end", async () => {
    const running = await loggedIn();
    server.push({ event: "message", message: message(1000) });
    server.answers.sync = ({ cursor }) =>
      cursor ? SILENCE : { threads: [], messages: [message(2000)], until: idAt(0), cursor: "more" };
    await reconnect();
    server.push({ event: "message", message: message(30 * MINUTE) });
    server.answers.sync = () => ({ threads: [], messages: [message(2000), message(3000)], until: idAt(0) });
    await reconnect();
    expect(timeOf(since())).toBe(START + 1000 - 2 * MINUTE);
    expect(bodies(running)).toEqual(["at 1000", "at 2000", `at ${30 * MINUTE}`, "at 3000"]);
  });

  test("goes on asking a server that is busy", async () => {
    const running = await loggedIn();
    const { sync, presence } = server.answers;
    server.answers.presence = () => refusal("busy");
    await reconnect();
    await advance(20_000);
    server.answers.presence = presence as never;
    server.answers.sync = () => refusal("busy");
    await advance(40_000);
    expect(running.service.state.connection).toEqual({ phase: "open", synced: false });
    server.answers.sync = sync as never;
    await advance(40_000);
    expect(running.service.state.connection).toEqual({ phase: "open", synced: true });
  });

  test("is done after coming back from Offline, not while Offline", async () => {
    const running = await loggedIn();
    await running.do({ do: "choose", status: "offline" });
    server.answers.presence = ({ status, automatic }) => ({ status, chosen: automatic ? "offline" : status });
    await reconnect();
    expect(server.asked("sync")).toHaveLength(1);
    expect(running.service.state.connection).toEqual({ phase: "open", synced: true });
    await running.do({ do: "choose", status: "available" });
    expect(server.asked("sync")).toHaveLength(2);
  });
});

describe("read markers", () => {
  test("are shown and told, once", async () => {
    const running = await loggedIn();
    server.push({ event: "message", message: message(1000) });
    await running.do({ do: "read", contact: BOB, id: idAt(1000) });
    await running.do({ do: "read", contact: BOB, id: idAt(500) });
    expect(unread(running)).toBe(0);
    expect(server.asked("read")).toMatchObject([{ contact: BOB, id: idAt(1000) }]);
  });

  test("that were set without a connection are told to the next one", async () => {
    const running = await loggedIn();
    server.push({ event: "message", message: message(1000) });
    server.opens = false;
    server.socket.end();
    await running.do({ do: "read", contact: BOB, id: idAt(1000) });
    server.opens = true;
    await advance(40_000);
    expect(server.asked("read")).toHaveLength(1);
    await reconnect();
    expect(server.asked("read")).toHaveLength(1);
  });

  test("of the contact and of oneself elsewhere are taken over", async () => {
    const running = await loggedIn();
    running.service.show([], new Set([BOB]));
    server.push({ event: "message", message: message(1000) });
    server.push({ event: "read", contact: BOB, reader: ALICE, id: idAt(1000) });
    server.push({ event: "read", contact: BOB, reader: BOB, id: idAt(1000) });
    expect(unread(running)).toBe(0);
    expect(running.service.state.timelines.get(BOB)?.peerRead).toBe(idAt(1000));
  });
});

describe("lists", () => {
  test("are asked once at a time, page by page, and afresh", async () => {
    const running = await loggedIn();
    server.answers.conversations = ({ cursor }) => ({
      conversations: [{ id: String(cursor ?? "first") }],
      ...(cursor ? {} : { cursor: "second" }),
    });
    const load = (more: boolean) => running.do({ do: "load conversations", contact: BOB, more });
    const ids = () => running.service.state.conversations.get(BOB)?.items.map(({ id }) => id);
    await Promise.all([load(false), load(false)]);
    await load(true);
    await load(true);
    expect(ids()).toEqual(["first", "second"]);
    expect(server.asked("conversations")).toHaveLength(2);
    await load(false);
    expect(ids()).toEqual(["first", "second"]);
  });

  test("of transcripts and communications come by their routes", async () => {
    const running = await loggedIn();
    server.answers.history = () => ({ messages: [message(1)] });
    server.answers.communications = () => ({ indexed: false, communications: [] });
    await running.do({ do: "load transcript", contact: BOB, conversation: idAt(1), more: false });
    await running.do({ do: "load communications", contact: BOB, kind: "attachment", more: false });
    const { transcripts, communications } = running.service.state;
    expect(transcripts.get(`${BOB} ${idAt(1)}`)?.items).toHaveLength(1);
    expect(communications.get(`${BOB} attachment`)).toMatchObject({ indexed: false, loading: false });
    server.answers.communications = () => refusal("unknown_contact");
    await running.do({ do: "load communications", contact: CAROL, kind: "message", more: false });
    expect(running.service.state.communications.get(`${CAROL} message`)?.problem?.code).toBe("unknown_contact");
  });

  test("of communications change with what is pushed", async () => {
    const running = await loggedIn();
    const mail = (after: number, title: string) =>
      ({ id: idAt(after), kind: "message", at: new Date(START + after).toISOString(), title }) as const;
    server.answers.communications = () => ({ indexed: true, communications: [mail(1, "first")] });
    await running.do({ do: "load communications", contact: BOB, kind: "message", more: false });
    server.push({ event: "communication", contact: BOB, communication: mail(2, "second") });
    server.push({ event: "communication", contact: BOB, communication: mail(2, "second") });
    server.push({ event: "communication", contact: CAROL, communication: mail(3, "of another") });
    await settle();
    const titles = running.service.state.communications.get(`${BOB} message`)?.items.map(({ title }) => title);
    expect(titles).toEqual(["second", "first"]);
  });

  test("of hits are asked for page by page, those of each query by themselves", async () => {
    const running = await loggedIn();
    const hit = (id: string) => ({ id, kind: "chat", at: new Date(START).toISOString(), title: "", text: id });
    server.answers.search = ({ words, cursor }) => ({
      hits: [hit(`${words} ${cursor ?? "first"}`)],
      ...(cursor ? {} : { cursor: "second", searched_to: new Date(START).toISOString() }),
    });
    const search = (words: string, more: boolean) => running.do({ do: "search", contact: BOB, words, more });
    await Promise.all([search("a b", false), search("a b", false), search("a", false)]);
    await search("a b", true);
    const { searches } = running.service.state;
    expect(searches.get(`${BOB} a b`)?.items.map(({ id }) => id)).toEqual(["a b first", "a b second"]);
    expect(searches.get(`${BOB} a`)?.items.map(({ id }) => id)).toEqual(["a first"]);
    expect(server.asked("search")).toHaveLength(3);
  });

  test("a mail is asked for once, a file each time: its address is good for a minute", async () => {
    const running = await loggedIn();
    server.answers.mail = ({ id }) => ({ id, at: "", subject: "s", to: [], cc: [], text: "", cut: false, files: [] });
    server.answers.download = () => ({ url: "https://files.example/1", name: "a.pdf" });
    const mail = () => running.do({ do: "load mail", contact: BOB, id: idAt(1) });
    const file = () => running.do({ do: "load download", contact: BOB, id: idAt(2) });
    await Promise.all([mail(), mail(), file(), file()]);
    await Promise.all([mail(), file()]);
    expect(server.asked("mail")).toHaveLength(1);
    expect(server.asked("download")).toHaveLength(2);
    expect(running.service.state.mails.get(`${BOB} ${idAt(1)}`)?.value?.subject).toBe("s");
    expect(running.service.state.downloads.get(`${BOB} ${idAt(2)}`)?.value?.name).toBe("a.pdf");
  });

  test("a mail that was refused is asked for again", async () => {
    const running = await loggedIn();
    server.answers.mail = () => refusal("unknown_item");
    await running.do({ do: "load mail", contact: BOB, id: idAt(1) });
    expect(running.service.state.mails.get(`${BOB} ${idAt(1)}`)?.problem?.code).toBe("unknown_item");
    await running.do({ do: "load mail", contact: BOB, id: idAt(1) });
    expect(server.asked("mail")).toHaveLength(2);
  });

  test("of details are asked once at a time, and again after a refusal", async () => {
    const running = await loggedIn();
    server.answers.contact = () => refusal("unknown_contact");
    const load = () => running.do({ do: "load details", contact: BOB });
    await Promise.all([load(), load()]);
    expect(server.asked("contact")).toHaveLength(1);
    expect(running.service.state.details.get(BOB)?.problem?.code).toBe("unknown_contact");
    server.answers.contact = () => ({ contact: { kind: "user", address: BOB, name: "Bob" } });
    await load();
    expect(running.service.state.details.get(BOB)?.value?.name).toBe("Bob");
  });

  test("of open chats come by themselves, and earlier pages by cursor", async () => {
    const running = await loggedIn();
    server.answers.history = ({ cursor }) =>
      cursor ? { messages: [message(1)] } : { messages: [message(2)], cursor: "earlier", read: idAt(2) };
    running.service.show([], new Set([BOB]));
    await settle();
    await running.do({ do: "load earlier", contact: BOB });
    await running.do({ do: "load earlier", contact: BOB });
    const timeline = running.service.state.timelines.get(BOB);
    expect(timeline?.items.map(({ body }) => body)).toEqual(["at 1", "at 2"]);
    expect(server.asked("history")).toHaveLength(2);
    running.service.show([], new Set());
    expect(running.service.state.timelines.size).toBe(0);
  });

  test("of open chats that were cut off can go on with the next connection, where they were", async () => {
    const running = await loggedIn();
    const paged = server.answers.history;
    server.answers.history = () => ({ messages: [message(2)], cursor: "earlier" });
    running.service.show([], new Set([BOB]));
    await settle();
    server.answers.history = () => SILENCE;
    await running.do({ do: "load earlier", contact: BOB });
    server.answers.history = paged as never;
    await reconnect();
    expect(server.asked("history").map(({ cursor }) => cursor)).toEqual([undefined, "earlier", undefined]);
    expect(running.service.state.timelines.get(BOB)).toMatchObject({ cursor: "earlier", loading: false });
    server.answers.history = () => refusal("unknown_contact");
    running.service.show([], new Set([CAROL]));
    await settle();
    await running.do({ do: "load earlier", contact: CAROL });
    expect(server.asked("history")).toHaveLength(5);
  });
});
