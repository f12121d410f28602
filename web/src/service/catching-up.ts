/** After every opening of a connection: what happened meanwhile, once and in order. */

import type { MessageFrame, ThreadFrame } from "../protocol/frames.js";
import type { Id } from "../state/model.js";
import { lowest, timeOf } from "./ids.js";
import { ask, isSelf, type Link } from "./link.js";

/** Milliseconds by which the newest id is taken back: ids may be a minute ahead of the server's time, or behind. */
const OVERLAP = 2 * 60_000;

export class CatchingUp {
  /** The newest id that was seen, "" before the first answer. */
  private newest: Id = "";
  /** The newest id that was pushed while something before it may be missing. */
  private ahead: Id = "";
  private whole = false;
  private runs = 0;

  /** `arrived` gets the messages since a while before the connection was lost; those behind `known` were missed. */
  constructor(
    private readonly link: Link,
    private readonly arrived: (messages: readonly MessageFrame[], known: Id) => void,
  ) {}

  /** Begin anew with another user. */
  forget(): void {
    this.newest = "";
    this.miss();
    this.ahead = "";
  }

  /** From now on something may be missing: what is pushed is no newest id until all before it has come. */
  miss(): void {
    this.whole = false;
    this.runs += 1;
  }

  /** A message was pushed: later questions need not reach behind it. */
  saw(id: Id): void {
    if (id > this.ahead) this.ahead = id;
    if (this.whole && id > this.newest) this.newest = id;
  }

  /** Ask for everything since the newest id; returns whether all of it came. */
  async run(): Promise<boolean> {
    const { session } = this.link.state;
    if (session.phase !== "in") return false;
    const self = session.address;
    this.miss();
    const run = this.runs;
    const isWanted = () => this.runs === run && isSelf(this.link, self);
    const since = this.newest ? { since: lowest(timeOf(this.newest) - OVERLAP) } : {};
    let threads: readonly ThreadFrame[] = [];
    const known = this.newest;
    let newest = known;
    let cursor: string | null | undefined;
    do {
      const { reply } = await ask(
        this.link,
        "sync",
        cursor ? { ...since, cursor } : since,
        isWanted,
        Number.POSITIVE_INFINITY,
      );
      if (!reply || !isWanted()) return false;
      threads = [...threads, ...reply.threads];
      // The threads come first, with their counts; messages are not counted again.
      if (reply.messages.length || !reply.cursor) {
        if (threads.length) this.link.dispatch({ type: "threads", threads });
        threads = [];
        newest ||= reply.until;
      }
      this.arrived(reply.messages, known);
      for (const message of reply.messages) if (message.id > newest) newest = message.id;
      cursor = reply.cursor;
    } while (cursor);
    if (newest < this.ahead) newest = this.ahead;
    this.newest = newest;
    this.whole = true;
    return true;
  }
}
