/** What the service meets at its edge, for tests: the server behind WebSocket and fetch, and the browser's storage. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { vi } from "vitest";
import type { Command } from "../../src/client/commands.js";
import type { Event, MessageFrame } from "../../src/protocol/frames.js";
import { lowest } from "../../src/service/ids.js";
import { Service } from "../../src/service/service.js";
import type { Action } from "../../src/state/actions.js";
import type { Address } from "../../src/state/model.js";

export const API = "https://api.example.com";
export const ALICE = "alice@example.com";
export const BOB = "bob@example.com";
export const CAROL = "carol@example.com";
export const START = Date.UTC(2026, 0, 31, 9, 30);

/** Node's, not faked: what is stored takes turns of the event loop, and no time. */
declare function setImmediate(callback: () => void): void;

type Frame = Record<string, unknown>;
export interface Asked extends Frame {
  readonly action: string;
  readonly request_id: string;
  readonly socket: FakeWebSocket;
}

/** The answer that is none. */
export const SILENCE = Symbol("silence");

export function refusal(code: string, details?: Frame): Frame {
  return { ok: false, error: { code, message: `said ${code}`, ...(details ? { details } : {}) } };
}

export class FakeWebSocket {
  static readonly OPEN = 1;
  static server: FakeServer;
  readyState = 0;
  closedWith: number | undefined;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onclose: () => void = () => undefined;
  onerror: () => void = () => undefined;

  constructor(readonly url: string) {
    FakeWebSocket.server.sockets.push(this);
    if (FakeWebSocket.server.opens) queueMicrotask(() => this.open());
  }

  send(text: string): void {
    if (this.readyState === 1) FakeWebSocket.server.take(this, JSON.parse(text));
  }

  close(code: number): void {
    if (this.readyState >= 2) return;
    this.closedWith = code;
    this.readyState = 2;
    if (FakeWebSocket.server.reportsEnds) queueMicrotask(() => this.end());
  }

  open(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen();
  }

  /** The network or the server ends it. */
  end(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose();
  }

  receive(data: unknown): void {
    if (this.readyState === 1) this.onmessage({ data: typeof data === "string" ? data : JSON.stringify(data) });
  }

  get ticket(): string | null {
    return new URL(this.url).searchParams.get("ticket");
  }
}

export class FakeServer {
  readonly sockets: FakeWebSocket[] = [];
  readonly requests: Asked[] = [];
  readonly posts: { path: string; init: RequestInit }[] = [];
  opens = true;
  reportsEnds = true;
  /** Milliseconds by which the server's clock differs from the device's. */
  ahead = 0;
  readonly answers: Record<string, (asked: Asked) => Frame | typeof SILENCE> = {
    presence: ({ status, automatic }) => ({ status, chosen: automatic ? "available" : status }),
    watch: ({ contacts }) => ({
      presence: (contacts as string[]).map((address) => ({ address, status: "available", revision: 5 })),
    }),
    send: ({ id }) => ({ id, sent_at: new Date(this.now()).toISOString(), reached: 1 }),
    typing: () => ({}),
    read: () => ({ moved: true }),
    contacts: () => ({ version: 1, contacts: [] }),
    contact: ({ contact }) => ({ contact: { kind: "user", address: contact, name: "Somebody" } }),
    conversations: () => ({ conversations: [] }),
    history: () => ({ messages: [] }),
    sync: () => ({ threads: [], messages: [], until: lowest(this.now()) }),
    communications: () => ({ indexed: true, communications: [] }),
    ping: () => ({ time: this.now() }),
  };
  /** Answers to posts, by path; an Error where nothing comes. */
  http: (path: string, init: RequestInit) => { status?: number; body: unknown } | Error | Promise<never> = (
    path,
    init,
  ) => {
    if (path === "/session/ticket")
      return { body: { ticket: `for ${tokenOf(init)}`, url: "wss://ws", expires_in: 60 } };
    const { address } = JSON.parse(String(init.body));
    return { body: { token: `token of ${address}`, address, expires_at: Date.now() + 12 * 3_600_000 } };
  };

  now(): number {
    return Date.now() + this.ahead;
  }

  get socket(): FakeWebSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no connection was opened");
    return last;
  }

  take(socket: FakeWebSocket, frame: Asked): void {
    const asked = { ...frame, socket };
    this.requests.push(asked);
    const answer = this.answers[frame.action]?.(asked) ?? SILENCE;
    if (answer !== SILENCE) queueMicrotask(() => this.reply(asked, answer));
  }

  reply(asked: Asked, answer: Frame): void {
    asked.socket.receive({ request_id: asked.request_id, ok: true, ...answer });
  }

  asked(action: string): Asked[] {
    return this.requests.filter((each) => each.action === action);
  }

  push(event: Event, socket = this.socket): void {
    socket.receive(event);
  }

  async fetch(url: string, init: RequestInit): Promise<unknown> {
    const path = url.slice(API.length);
    this.posts.push({ path, init });
    const answer = await this.http(path, init);
    if (answer instanceof Error) throw answer;
    const { status = 200, body } = answer;
    const json = async () => (typeof body === "string" ? JSON.parse(body) : body);
    return { ok: status < 400, status, json };
  }
}

function tokenOf(init: RequestInit): string {
  return (init.headers as Record<string, string>).authorization ?? "";
}

/** A new world: nothing stored, a server that answers, and time that stands still until `advance`. */
export function world(): FakeServer {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"], now: START });
  const server = new FakeServer();
  FakeWebSocket.server = server;
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("WebSocket", FakeWebSocket);
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => server.fetch(url, init));
  vi.stubGlobal("navigator", { onLine: true });
  return server;
}

export function unworld(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

/** Let everything happen that waits for no timer. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export async function advance(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle();
}

export interface Running {
  readonly service: Service;
  readonly actions: Action[];
  readonly announced: MessageFrame[];
  do(command: Command): Promise<void>;
}

/** A service that has started with what is kept. */
export async function begin(settings: { connection_lifetime?: number; idle_after?: number } = {}): Promise<Running> {
  const actions: Action[] = [];
  const announced: MessageFrame[] = [];
  const service = new Service(
    { api: API, ...settings },
    (more) => actions.push(...more),
    (message) => announced.push(message),
  );
  void service.start();
  await settle();
  const take = async (command: Command) => {
    service.take(command);
    await settle();
  };
  return { service, actions, announced, do: take };
}

/** A service of a user who has just logged in. */
export async function loggedIn(address: Address = ALICE, settings = {}): Promise<Running> {
  const running = await begin(settings);
  await running.do({ do: "log in", address, password: "secret" });
  return running;
}

/** An id of a time, counted in ms from the start of the test; `tail` tells ids of one time apart. */
export function idAt(after: number, tail = 0): string {
  return lowest(START + after).slice(0, -4) + tail.toString(16).padStart(4, "0");
}

export function message(after: number, more: Partial<MessageFrame> = {}): MessageFrame {
  const sent_at = new Date(START + after).toISOString();
  return { id: idAt(after), sender: BOB, recipient: ALICE, body: `at ${after}`, sent_at, door: "web", ...more };
}

export function threadOf(contact: Address, after: number, more = {}): Frame {
  const sent_at = new Date(START + after).toISOString();
  return { contact, last_id: idAt(after), sender: contact, sent_at, preview: "…", unread: 0, ...more };
}
