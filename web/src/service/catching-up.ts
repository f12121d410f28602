/** After every opening of a connection: what happened meanwhile, once and in order. */

import type { MessageFrame, SyncReply, ThreadFrame } from "../protocol/frames.js";
import type { Id } from "../state/model.js";
import { lowest, timeOf } from "./ids.js";
import { ask, isSelf, type Link } from "./link.js";

/** Milliseconds by which the newest id is taken back: ids may be a minute ahead of the server's time, or behind. */
const OVERLAP = 2 * 60_000;

export interface Found {
  listed(threads: readonly ThreadFrame[]): void;
  /** Messages since a while before the connection was lost; those behind `known` were missed. */
  caughtUp(messages: readonly MessageFrame[], known: Id): void;
}

export class CatchingUp {
  /** The newest id that was seen, "" before the first answer. */
  private newest: Id = "";
  /** The newest id that was pushed while something before it may be missing. */
  private ahead: Id = "";
  private whole = false;
  private runs = 0;

  constructor(
    private readonly link: Link,
    private readonly found: Found,
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

  /** Ask for everything since the newest id; returns whether all of it came. `absent`: pushes were missed meanwhile. */
  async run(absent: boolean): Promise<boolean> {
    const { session } = this.link.state;
    if (session.phase !== "in") return false;
    const self = session.address;
    this.miss();
    const run = this.runs;
    const isWanted = () => this.runs === run && isSelf(this.link, self);
    const since = this.newest ? { since: lowest(timeOf(this.newest) - OVERLAP) } : {};
    const known = this.newest;
    let newest = known;
    const take = (reply: SyncReply) => {
      newest ||= reply.until;
      this.found.caughtUp(reply.messages, known);
      for (const message of reply.messages) if (message.id > newest) newest = message.id;
    };
    if (!(await this.page(since, isWanted, take))) return false;
    // Where something was read elsewhere, no message tells of it.
    const isUnread = [...this.link.state.inbox.values()].some(({ unread }) => unread > 0);
    if (absent && known && isUnread && !(await this.page({}, isWanted, () => undefined))) return false;
    if (newest < this.ahead) newest = this.ahead;
    this.newest = newest;
    this.whole = true;
    return true;
  }

  /** Ask for all pages: the threads come first, with their counts; messages are not counted again. */
  private async page(
    since: { since?: Id },
    isWanted: () => boolean,
    take: (reply: SyncReply) => void,
  ): Promise<boolean> {
    let threads: readonly ThreadFrame[] = [];
    let cursor: string | null | undefined;
    do {
      const fields = cursor ? { ...since, cursor } : since;
      const { reply } = await ask(this.link, "sync", fields, isWanted, Number.POSITIVE_INFINITY);
      if (!reply || !isWanted()) return false;
      threads = [...threads, ...reply.threads];
      if (reply.messages.length || !reply.cursor) {
        if (threads.length) this.found.listed(threads);
        threads = [];
      }
      take(reply);
      cursor = reply.cursor;
    } while (cursor);
    return true;
  }
}
