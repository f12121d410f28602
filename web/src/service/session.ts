/** Who is logged in: taken up after a reload, entered by a password or a JWT, given up or run out. */

import type { TicketReply } from "../protocol/frames.js";
import type { Address, Session as Phase, Problem } from "../state/model.js";
import type { Entry, Keeper } from "./keeper.js";
import type { Link } from "./link.js";
import { Refused } from "./problem.js";
import { type Credentials, getTicket, logIn } from "./session-api.js";

export interface Turns {
  /** Somebody is in: what was kept of the time before is to be shown. */
  entered(kept: Awaited<ReturnType<typeof readAll>>): void;
  /** The session is about to be over. */
  left(): void;
}

function readAll(keeper: Keeper) {
  return Promise.all([keeper.read("drafts"), keeper.read("contacts"), keeper.read("outbox")]);
}

export class Session {
  /** Settled once it is known whether a session was kept. */
  started: Promise<void> = Promise.resolve();
  private entry: Entry | undefined;
  /** Whether an answer to a log-in is on its way, and which: a log-out ends it. */
  private busy = false;
  private attempt = 0;

  constructor(
    private readonly link: Link,
    private readonly api: string,
    private readonly keeper: Keeper,
    private readonly turns: Turns,
  ) {}

  is(phase: Phase["phase"]): boolean {
    return this.link.state.session.phase === phase;
  }

  /** Take up the session that was kept, if there is one, once the service is `ready`. */
  start(ready: Promise<void>): Promise<void> {
    this.started = this.takeUp(ready);
    return this.started;
  }

  /** End, and leave everything that is kept to the service that comes after. */
  stop(): void {
    this.attempt += 1;
    this.entry = undefined;
  }

  /** A ticket for the next connection. @throws Refused */
  async ticket(): Promise<TicketReply> {
    if (!this.entry) throw new Refused({ code: "session_expired" });
    return getTicket(this.api, this.entry.token);
  }

  /** One that is in already stays in, and goes on with the new token; another one takes the place. */
  async logIn(credentials: Credentials): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.attempt += 1;
    const { attempt } = this;
    const isWanted = () => this.attempt === attempt;
    try {
      if (this.is("starting")) await this.started;
      if (isWanted()) await this.change(credentials, isWanted);
    } finally {
      if (isWanted()) this.busy = false;
    }
  }

  /** The session is over. What the user kept here is forgotten by a log-out, and stays otherwise. */
  async leave(by: "user" | "refusal", problem?: Problem): Promise<void> {
    this.end(by, problem);
    await (by === "user" ? this.keeper.forget() : this.keeper.endSession());
  }

  private async takeUp(ready: Promise<void>): Promise<void> {
    await ready;
    const entry = await this.keeper.read("session");
    if (!this.is("starting")) return; // it has stopped
    if (entry && entry.expires_at > Date.now()) await this.enter(entry);
    else this.show({ phase: "out", by: "nobody" });
  }

  private async change(credentials: Credentials, isWanted: () => boolean): Promise<void> {
    if (!this.entry) this.show({ phase: "entering" });
    try {
      const { token, address, expires_at } = await logIn(this.api, credentials);
      if (!isWanted()) return;
      const entry = { token, address, expires_at };
      if (this.is("in") && this.entry?.address === address) return await this.renew(entry);
      if (this.entry) this.end("user");
      await this.enter(entry);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (isWanted()) await this.leave("refusal", error.problem);
    }
  }

  /** The same user with another token; whoever asked for it sees that it was given. */
  private async renew(entry: Entry): Promise<void> {
    this.entry = entry;
    this.show({ phase: "in", address: entry.address });
    await this.keeper.write("session", entry);
  }

  private async enter(entry: Entry): Promise<void> {
    this.entry = entry;
    await this.keeper.belongTo(entry.address);
    if (this.entry !== entry) return;
    await this.keeper.write("session", entry);
    const kept = await readAll(this.keeper);
    if (this.entry !== entry) return;
    this.show({ phase: "in", address: entry.address as Address });
    this.turns.entered(kept);
  }

  private end(by: "user" | "refusal", problem?: Problem): void {
    this.entry = undefined;
    if (by === "user") {
      this.attempt += 1;
      this.busy = false;
    }
    this.turns.left();
    this.show({ phase: "out", by, ...(problem ? { problem } : {}) });
  }

  private show(session: Phase): void {
    this.link.dispatch({ type: "session", session });
  }
}
