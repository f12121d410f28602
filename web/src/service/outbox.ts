/**
 * Messages on their way out. They are kept until the server said that they are stored, over reloads and lost networks.
 *
 * A message is sent again with its id, which is the same message however often it arrives. Only where the server says
 * that an id is too old, and so was never stored, does it go on under a new one. Messages to one contact go one after
 * another, so that their order holds when ids are made anew.
 */

import type { SendReply } from "../protocol/frames.js";
import type { Address, Id, MessageFrame, Outgoing, Problem } from "../state/model.js";
import type { Clock } from "./clock.js";
import type { Ids } from "./ids.js";
import type { Keeper } from "./keeper.js";
import { ask, type Link } from "./link.js";
import { isPassing } from "./problem.js";

/** Times that a message gets a new id before it counts as failed. */
const RENAMINGS = 3;

/** Keys that are remembered, to know what a window says again. */
const REMEMBERED = 200;

export class Outbox {
  private readonly keys = new Set<string>();
  /** Contacts whose messages are being sent now. */
  private readonly busy = new Set<Address>();
  /** The newest id that was given instead of another one: what was written later must not be sorted before it. */
  private renamedTo: Id = "";

  constructor(
    private readonly link: Link,
    private readonly keeper: Keeper,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Take up what was left of the time before a reload. */
  restore(kept: readonly Outgoing[] = []): void {
    for (const each of kept)
      this.link.dispatch({ type: "outgoing", outgoing: each.phase === "failed" ? each : without(each) });
    for (const { key } of kept) if (key) this.keys.add(key);
  }

  /** `key`: by which the window knows the message, and may give it again after the service has moved. */
  send(contact: Address, body: string, key?: string): void {
    if (key && this.knows(key)) return;
    const id = this.ids.next();
    this.put({ id, contact, body, at: this.clock.now(), phase: "waiting", ...(key ? { key } : {}) });
    void this.deliver(contact);
  }

  /** Whether the key was there before; it is from now on. */
  private knows(key: string): boolean {
    if (this.keys.has(key)) return true;
    this.keys.add(key);
    for (const oldest of this.keys) {
      if (this.keys.size <= REMEMBERED) break;
      this.keys.delete(oldest);
    }
    return false;
  }

  /** Try a failed message again. */
  retry(id: Id): void {
    const found = this.find(id);
    if (found?.phase !== "failed") return;
    this.link.dispatch({ type: "discarded", id }); // it goes behind those that wait already
    this.put(without(found));
    void this.deliver(found.contact);
  }

  discard(id: Id): void {
    if (this.find(id)?.phase !== "failed") return;
    this.link.dispatch({ type: "discarded", id });
    this.save();
  }

  /** A connection is open, or Offline is over: send all that waits. */
  resume(): void {
    for (const contact of new Set(this.link.state.outbox.map((each) => each.contact))) void this.deliver(contact);
  }

  /** A message of one's own came by push: its reply was lost, but it is stored. */
  seen(messages: readonly MessageFrame[]): void {
    for (const message of messages) if (this.find(message.id)) this.stored(message.id, message);
  }

  private async deliver(contact: Address): Promise<void> {
    if (this.busy.has(contact)) return;
    this.busy.add(contact);
    try {
      for (let next = this.next(contact); next; next = this.next(contact)) {
        if (!(await this.sendOne(next))) break;
      }
    } finally {
      this.busy.delete(contact);
    }
  }

  /** Returns whether the next one may be tried. */
  private async sendOne(outgoing: Outgoing): Promise<boolean> {
    let now = outgoing.tried || outgoing.id > this.renamedTo ? outgoing : this.rename(outgoing);
    for (let renamings = 0; ; renamings += 1) {
      now = { ...without(now), phase: "sending", tried: true };
      this.put(now);
      const { id, contact: recipient, body } = now;
      const { reply, problem } = await ask(this.link, "send", { id, recipient, body }, () => !!this.find(id));
      if (!this.find(id)) return true; // another user by now, or it came by push
      if (reply) {
        this.stored(id, this.message(now, reply));
        return true;
      }
      if (isRenameable(problem) && renamings < RENAMINGS) {
        const time = Number(problem.details?.server_time);
        if (time) this.clock.learn(time);
        // An id of a time to come would be refused again, whatever the clock says by now.
        if (problem.code === "clock_skew") this.ids.forget();
        now = this.rename(now);
      } else {
        return this.failed(now, problem);
      }
    }
  }

  /** Wait for a connection where there is none, and while Offline; else it is the user's turn. */
  private failed(outgoing: Outgoing, problem: Problem): boolean {
    const waits = problem.code === "offline" || (isPassing(problem) && this.link.state.connection.phase !== "open");
    this.put(waits ? without(outgoing) : { ...outgoing, phase: "failed", problem });
    return !waits;
  }

  private rename(outgoing: Outgoing): Outgoing {
    const to = this.ids.next();
    this.renamedTo = to;
    this.link.dispatch({ type: "renamed", id: outgoing.id, to });
    return { ...outgoing, id: to, tried: false };
  }

  private stored(id: Id, message: MessageFrame): void {
    this.link.dispatch({ type: "stored", id, message });
    this.save();
  }

  private message(outgoing: Outgoing, reply: SendReply): MessageFrame {
    const session = this.link.state.session;
    const sender = session.phase === "in" ? session.address : "";
    const { contact: recipient, body } = outgoing;
    return { id: reply.id, sender, recipient, body, sent_at: reply.sent_at, door: "web" };
  }

  private next(contact: Address): Outgoing | undefined {
    const { connection, own } = this.link.state;
    if (connection.phase !== "open" || own.chosen === "offline") return undefined;
    return this.link.state.outbox.find((each) => each.contact === contact && each.phase !== "failed");
  }

  private find(id: Id): Outgoing | undefined {
    return this.link.state.outbox.find((each) => each.id === id);
  }

  private put(outgoing: Outgoing): void {
    this.link.dispatch({ type: "outgoing", outgoing });
    this.save();
  }

  private save(): void {
    void this.keeper.write("outbox", this.link.state.outbox);
  }
}

/** The same message, waiting, without the reason for which it failed. */
function without({ problem: _problem, ...outgoing }: Outgoing): Outgoing {
  return { ...outgoing, phase: "waiting" };
}

/** Whether the server said that nothing is stored under the id, and nothing ever will be. */
function isRenameable(problem: Problem): boolean {
  return problem.code === "clock_skew" || problem.code === "id_taken";
}
