/**
 * The one connection of a browser: opened by tickets, kept alive, renewed before its time, and opened again when lost.
 *
 * API Gateway ends a connection after 2 hours, and after 10 minutes without a frame
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
 */

import type { Event, Routes, TicketReply } from "../protocol/frames.js";
import type { Connection as Phase, Problem } from "../state/model.js";
import { isPassing, problemIn, Refused } from "./problem.js";
import { type Fields, PATIENCE, Socket } from "./socket.js";

export const LIFETIME = 2 * 60 * 60;
/** Milliseconds between pings: a missed one still leaves the ten minutes whole. */
const PING = 5 * 60_000;
/** Milliseconds that a ping may take where the connection is doubted. */
const DOUBT = 4000;
/** Share of its lifetime after which a connection is renewed, and how much earlier by chance. */
const RENEWAL = 0.92;
const SPREAD = 0.07;
/** Milliseconds: the longest wait after the first failure, doubled with every further one, up to the last. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
/** Milliseconds after which an open connection is trusted, and the waits begin short again. */
const TRUSTED = 20_000;
/**
 * Milliseconds between looks at the clock, and the gap in them that means: the device slept. Browsers let the timers of
 * a hidden window run once a minute.
 */
const LOOK = 10_000;
const SLEPT = 90_000;

export interface Events {
  phase(phase: Phase): void;
  /**
   * A new connection is open: everything that a connection has to be told is to be told. `renewed`: it takes the place
   * of one that is open still, so that nothing was missed.
   */
  opened(renewed: boolean): void;
  pushed(event: Event): void;
  /** The session is not accepted any more; the connection has stopped. */
  ended(problem: Problem): void;
}

export class Connection {
  private current: Socket | undefined;
  /** All that are not closed: the present one, one that is opening, and one that drains. */
  private readonly sockets = new Set<Socket>();
  private opening = false;
  private running = false;
  /** Counts starts and stops: what was begun for one user must not end with another one. */
  private run = 0;
  private failures = 0;
  private lastLook = Date.now();
  private timers: { retry?: Timer; renewal?: Timer; ping?: Timer; trust?: Timer; look?: Timer } = {};

  /** `lifetime` in seconds. */
  constructor(
    private readonly ticket: () => Promise<TicketReply>,
    private readonly events: Events,
    private readonly lifetime: number = LIFETIME,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.run += 1;
    this.failures = 0;
    this.lastLook = Date.now();
    this.timers.look = setInterval(() => this.look(), LOOK);
    void this.open();
  }

  /** End with a goodbye: others see at once that the user is gone. */
  stop(): void {
    this.running = false;
    this.opening = false;
    this.run += 1;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.timers = {};
    this.current = undefined;
    for (const socket of this.sockets) socket.close();
    this.events.phase({ phase: "closed" });
  }

  /** Something suggests that the network is there again, or that the device slept: look now, and do not wait. */
  wake(): void {
    if (!this.running || this.opening) return;
    if (this.current) void this.ping(DOUBT);
    else void this.open();
  }

  /** @throws Refused with the server's code, or `unreachable`. */
  async request<A extends keyof Routes>(action: A, fields: Fields<A>): Promise<Routes[A]["reply"]> {
    const socket = this.current;
    if (!socket) throw new Refused({ code: "unreachable" });
    try {
      return await socket.request(action, fields);
    } catch (error) {
      const { code } = problemIn(error);
      if (code === "not_connected") socket.close();
      if (code === "unreachable" && socket === this.current) void this.ping(DOUBT);
      throw error;
    }
  }

  /** Open a connection, beside the present one if there is one. */
  private async open(): Promise<void> {
    if (this.opening || !this.running) return;
    clearTimeout(this.timers.retry);
    this.opening = true;
    const { run } = this;
    if (!this.current) this.events.phase({ phase: "opening" });
    try {
      const { url, ticket } = await this.ticket();
      if (run !== this.run) return;
      await this.establish(`${url}?ticket=${encodeURIComponent(ticket)}`);
      if (run === this.run) this.opening = false;
    } catch (error) {
      if (run !== this.run) return;
      this.opening = false;
      this.failed(error instanceof Refused ? error.problem : { code: "unreachable" }); // such as an address that is none
    }
  }

  private establish(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket: Socket = new Socket(new WebSocket(url), {
        opened: () => {
          clearTimeout(timer);
          resolve();
          this.take(socket);
        },
        pushed: (event) => this.events.pushed(event),
        closed: () => {
          clearTimeout(timer);
          this.sockets.delete(socket);
          reject(new Refused({ code: "unreachable" }));
          this.gone(socket);
        },
      });
      this.sockets.add(socket);
      const timer = setTimeout(() => socket.close(), PATIENCE);
    });
  }

  private take(socket: Socket): void {
    const former = this.current;
    this.current = socket;
    clearTimeout(this.timers.trust);
    clearTimeout(this.timers.renewal);
    clearInterval(this.timers.ping);
    this.timers.trust = setTimeout(() => (this.failures = 0), TRUSTED);
    const share = RENEWAL - SPREAD * Math.random();
    this.timers.renewal = setTimeout(() => void this.open(), this.lifetime * 1000 * share);
    this.timers.ping = setInterval(() => void this.ping(PATIENCE), PING);
    this.events.phase({ phase: "open", synced: former !== undefined });
    this.events.opened(former !== undefined);
    void former?.drain();
  }

  /** A connection has ended: if it was the present one, there is none. */
  private gone(socket: Socket): void {
    if (this.current !== socket) return;
    this.current = undefined;
    clearTimeout(this.timers.renewal);
    clearTimeout(this.timers.trust);
    clearInterval(this.timers.ping);
    if (this.opening) this.events.phase({ phase: "opening" });
    else this.failed({ code: "unreachable" });
  }

  private failed(problem: Problem): void {
    if (!this.running) return;
    if (!isPassing(problem) && problem.code !== "too_many_attempts") {
      this.stop();
      this.events.ended(problem);
      return;
    }
    // Full jitter, so that the clients of a gateway that restarts do not come back in step.
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures);
    const asked = (Number(problem.details?.retry_after) || 0) * 1000;
    const wait = Math.max(asked, longest * Math.random());
    this.failures += 1;
    if (!this.current) {
      const unplugged = navigator.onLine === false;
      this.events.phase(unplugged ? { phase: "unplugged" } : { phase: "waiting", until: Date.now() + wait });
    }
    clearTimeout(this.timers.retry);
    this.timers.retry = setTimeout(() => void this.open(), wait);
  }

  private async ping(patience: number): Promise<void> {
    const socket = this.current;
    if (!socket) return;
    try {
      await socket.request("ping", {}, patience);
    } catch (error) {
      // Any other answer shows that it lives.
      if (["unreachable", "not_connected"].includes(problemIn(error).code)) socket.close();
    }
  }

  private look(): void {
    const slept = Date.now() - this.lastLook > SLEPT;
    this.lastLook = Date.now();
    if (slept) this.wake();
  }
}

type Timer = ReturnType<typeof setTimeout>;
