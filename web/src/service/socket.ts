/** One WebSocket: requests with their replies, and what is pushed. */

import type { Event, Routes } from "../protocol/frames.js";
import { problemFrom, Refused } from "./problem.js";

/** Milliseconds after which a request counts as lost. A reply that comes later finds nobody. */
export const PATIENCE = 15_000;

/** RFC 6455 §7.4.1: the server then knows that nobody comes back. */
const GOODBYE = 1000;

/** The fields of a request, besides those that every request has. */
export type Fields<A extends keyof Routes> = Omit<Routes[A]["request"], "action" | "request_id">;

interface Pending {
  resolve(reply: never): void;
  reject(error: Refused): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Socket {
  private readonly pending = new Map<string, Pending>();
  private count = 0;
  private idle: (() => void) | undefined;
  private ended = false;

  /** `closed` is called once, however it ends; `opened` before the first event. */
  constructor(
    private readonly socket: WebSocket,
    private readonly events: { opened(): void; pushed(event: Event): void; closed(): void },
  ) {
    socket.onopen = () => this.ended || events.opened();
    socket.onmessage = ({ data }) => this.ended || this.take(data);
    socket.onclose = () => this.end();
    socket.onerror = () => this.end();
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** @throws Refused with the server's code, or `unreachable` where no reply came. */
  request<A extends keyof Routes>(action: A, fields: Fields<A>, patience = PATIENCE): Promise<Routes[A]["reply"]> {
    if (!this.isOpen) return Promise.reject(new Refused({ code: "unreachable" }));
    this.count += 1;
    const request_id = String(this.count);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(request_id)?.reject(new Refused({ code: "unreachable" })), patience);
      this.pending.set(request_id, { resolve, reject, timer });
      this.socket.send(JSON.stringify({ action, request_id, ...fields }));
    });
  }

  /** Close for good, without waiting for the end, which a dead network would not report for long. */
  close(): void {
    this.socket.close(GOODBYE);
    this.end();
  }

  /** Close once the replies that are under way have come, or have been waited for. */
  async drain(): Promise<void> {
    if (this.pending.size) await new Promise<void>((resolve) => (this.idle = resolve));
    this.close();
  }

  /** Whatever is under way gets no answer: it is not known whether it was done. */
  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.events.closed();
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(new Refused({ code: "unreachable" }));
  }

  private take(data: unknown): void {
    const frame = parsed(data);
    if (!frame) return;
    if ("event" in frame) {
      this.events.pushed(frame as unknown as Event);
      return;
    }
    // API Gateway's own errors, such as throttling, name no request: those requests run out of patience.
    const pending = this.settle(String(frame.request_id ?? ""));
    if (frame.ok === true) pending?.resolve(frame as never);
    else pending?.reject(new Refused(problemFrom(frame, "internal")));
  }

  private settle(id: string): Pending | undefined {
    const pending = this.pending.get(id);
    if (!pending) return undefined;
    clearTimeout(pending.timer);
    this.pending.delete(id);
    if (!this.pending.size) this.idle?.();
    return pending;
  }
}

function parsed(data: unknown): Record<string, unknown> | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return frame && typeof frame === "object" ? (frame as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
