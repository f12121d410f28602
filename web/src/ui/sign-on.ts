/** Single sign-on: when to ask the webmail for a fresh JWT, and what came of it. Free of DOM. */

import type { Address, Problem, Session } from "../state/model.js";

/** Milliseconds in which a second sign-on by itself would be one too many: something turns every session away. */
const PAUSE = 30_000;

/** Whether somebody else is logged in than `wanted`, whom the webmail names; null where it names nobody. */
export function isOther(session: Session, wanted: Address | null): boolean {
  return wanted !== null && session.phase === "in" && session.address !== wanted;
}

export interface SignOnOrder {
  /** Gives a fresh JWT of the webmail's user. */
  readonly fetch: () => Promise<string>;
  readonly send: (jwt: string) => void;
  /** Something to show has changed. */
  readonly changed: () => void;
}

export class SignOn {
  /** Why there is no session, until the user tries again. */
  problem: Problem | null = null;
  private busy = false;
  private session: Session = { phase: "starting" };
  /** The session at which the JWT was sent: as long as it stands, no answer has come. */
  private sentAt: Session | null = null;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly order: SignOnOrder,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether a session is on its way. */
  get pending(): boolean {
    return this.busy || this.sentAt !== null;
  }

  /** Look at the session whenever it may have changed; `address` is whom the webmail has logged in, if it says so. */
  look(session: Session, address: Address | null): void {
    this.session = session;
    if (session === this.sentAt || this.busy) return;
    switch (session.phase) {
      case "starting":
      case "entering":
        return;
      case "in":
        return this.lookInside(session, address);
      case "out":
        return this.lookOutside(session);
    }
  }

  /** The user asks for it: after a refusal, or after having logged out. */
  retry(): void {
    this.problem = null;
    void this.run();
  }

  private lookInside(session: Extract<Session, { phase: "in" }>, wanted: Address | null): void {
    if (!isOther(session, wanted)) {
      this.problem = null;
      this.sentAt = null;
    } else if (this.sentAt) this.fail({ code: "other_address" });
    else this.begin(session);
  }

  private lookOutside(session: Extract<Session, { phase: "out" }>): void {
    if (session.by === "user") return; // also passing by, on the way from one user's session to another's
    if (this.sentAt) this.fail(session.problem ?? { code: "sign_on_failed" });
    else this.begin(session);
  }

  private begin(session: Session): void {
    if (this.problem) return;
    if (this.now() - this.lastAt < PAUSE) {
      this.fail((session.phase === "out" && session.problem) || { code: "sign_on_failed" });
    } else void this.run();
  }

  private async run(): Promise<void> {
    this.busy = true;
    this.lastAt = this.now();
    this.order.changed();
    try {
      const jwt = await this.order.fetch();
      this.sentAt = this.session;
      this.order.send(jwt);
    } catch (error) {
      this.fail({ code: "sign_on_failed", ...(error instanceof Error ? { message: error.message } : {}) });
    } finally {
      this.busy = false;
      this.order.changed();
    }
  }

  private fail(problem: Problem): void {
    this.sentAt = null;
    this.problem = problem;
    this.order.changed();
  }
}
