/** Messages that come in, by push or after an absence: each is shown once and announced once. */

import type { MessageFrame, ThreadFrame } from "../protocol/frames.js";
import { type Address, contactOf, type Id } from "../state/model.js";
import { selfOf } from "../state/selectors.js";
import type { Link } from "./link.js";
import type { Outbox } from "./outbox.js";

/** Milliseconds after a listing of the threads in which a push may be of a message that it has counted. */
const LATE = 10_000;

/** Messages that are remembered, to know them when they come again. */
const REMEMBERED = 500;

export class Arrivals {
  private readonly recent = new Set<string>();
  /** The newest messages of the last listing: what it has counted. */
  private readonly counted = new Map<Address, Id>();
  private countedAt = 0;

  constructor(
    private readonly link: Link,
    private readonly outbox: Outbox,
    private readonly announce: (message: MessageFrame) => void,
  ) {}

  /** Begin anew with another user. */
  forget(): void {
    this.recent.clear();
    this.counted.clear();
  }

  /** The threads were listed with their unread messages. */
  listed(threads: readonly ThreadFrame[]): void {
    if (Date.now() - this.countedAt > LATE) this.counted.clear();
    this.countedAt = Date.now();
    for (const { contact, last_id } of threads) this.counted.set(contact, last_id);
    this.link.dispatch({ type: "threads", threads });
  }

  /** Two connections push the same message, while one takes the place of the other. */
  pushed(message: MessageFrame): void {
    if (!this.isNew(message)) return;
    this.take([message], !this.wasCounted(message));
    this.announce(message);
  }

  /** Messages since a while before the connection was lost: those behind `known` were missed. */
  caughtUp(messages: readonly MessageFrame[], known: Id): void {
    const { inbox, session } = this.link.state;
    if (session.phase !== "in") return;
    this.take(messages, false);
    const newest = new Map<Address, MessageFrame>(); // after a night away, one notice for each contact is enough
    for (const message of messages.filter((each) => this.isNew(each))) {
      const contact = contactOf(message, session.address);
      const read = inbox.get(contact)?.read ?? "";
      if (message.id > known && message.id > read && message.sender !== session.address) newest.set(contact, message);
    }
    for (const message of newest.values()) this.announce(message);
  }

  /** Whether it was not remembered; it is from now on. */
  private isNew(message: MessageFrame): boolean {
    const key = `${message.sender} ${message.recipient} ${message.id}`;
    if (this.recent.has(key)) return false;
    this.recent.add(key);
    for (const oldest of this.recent) {
      if (this.recent.size <= REMEMBERED) break;
      this.recent.delete(oldest);
    }
    return true;
  }

  /** Ids below may also come of clocks that are behind, so this holds for a while only. */
  private wasCounted(message: MessageFrame): boolean {
    const last = this.counted.get(contactOf(message, selfOf(this.link.state))) ?? "";
    return Date.now() - this.countedAt <= LATE && message.id <= last;
  }

  private take(messages: readonly MessageFrame[], live: boolean): void {
    this.outbox.seen(messages);
    if (messages.length) this.link.dispatch({ type: "arrived", messages, live });
  }
}
