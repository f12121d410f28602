/** Messages that come in, by push or after an absence: each is shown once and announced once. */

import type { MessageFrame } from "../protocol/frames.js";
import { contactOf, type Id } from "../state/model.js";
import type { Link } from "./link.js";
import type { Outbox } from "./outbox.js";

/** Messages that are remembered, to know them when they come again. */
const REMEMBERED = 500;

export class Arrivals {
  private readonly recent = new Set<string>();

  constructor(
    private readonly link: Link,
    private readonly outbox: Outbox,
    private readonly announce: (message: MessageFrame) => void,
  ) {}

  /** Begin anew with another user. */
  forget(): void {
    this.recent.clear();
  }

  /** Two connections push the same message, while one takes the place of the other. */
  pushed(message: MessageFrame): void {
    if (!this.isNew(message)) return;
    this.take([message], true);
    this.announce(message);
  }

  /** Messages since a while before the connection was lost: those behind `known` were missed. */
  caughtUp(messages: readonly MessageFrame[], known: Id): void {
    const { inbox, session } = this.link.state;
    if (session.phase !== "in") return;
    this.take(messages, false);
    for (const message of messages.filter((each) => this.isNew(each))) {
      const read = inbox.get(contactOf(message, session.address))?.read ?? "";
      if (message.id > known && message.id > read) this.announce(message);
    }
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

  private take(messages: readonly MessageFrame[], live: boolean): void {
    this.outbox.seen(messages);
    if (messages.length) this.link.dispatch({ type: "arrived", messages, live });
  }
}
