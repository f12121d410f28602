/** The user's own status: chosen in the status menu of this or another window or browser, or Away by idling. */

import type { Status } from "../state/model.js";
import { ask, type Link } from "./link.js";
import { isPassing } from "./problem.js";

export class OwnStatus {
  /** What was chosen here and is not confirmed yet. */
  private wish: Status | undefined;
  private connections = 0;
  /** The connection that is being told: one request at a time, as two that cross would leave what nobody meant. */
  private telling = 0;
  /** Whether the present connection holds the user for idle; unknown of a new one. */
  private toldIdle: boolean | undefined;

  /** `changed` is told the choice that holds now and the one before. */
  constructor(
    private readonly link: Link,
    private readonly changed: (status: Status, before: Status | null) => void,
  ) {}

  /** Begin anew with another user. */
  forget(): void {
    this.connections += 1;
    this.wish = undefined;
  }

  /** Tell a new connection; returns whether it took it: else it is gone again. */
  tell(): Promise<boolean> {
    this.connections += 1;
    this.toldIdle = undefined;
    return this.settle((status) => this.link.dispatch({ type: "chosen", status }));
  }

  async choose(status: Status): Promise<void> {
    this.want(status);
    await this.turn();
  }

  /** The choice that holds now, here or of another browser. */
  hear(status: Status): void {
    const before = this.link.state.own.chosen;
    this.link.dispatch({ type: "chosen", status });
    this.changed(status, before);
  }

  idles(idle: boolean): void {
    this.link.dispatch({ type: "idle", idle });
    void this.turn();
  }

  private want(status: Status | undefined): void {
    this.wish = status;
    this.link.dispatch({ type: "wished", status: status ?? null });
  }

  /** Something changed: it is told now, or by who tells already, or to the next connection. */
  private async turn(): Promise<void> {
    const isTold = this.telling === this.connections;
    if (!isTold && this.link.state.connection.phase === "open") await this.settle((status) => this.hear(status));
  }

  /** Tell what is wanted until the connection has it; returns whether it does. `heard` gets the choice that holds. */
  private async settle(heard: (status: Status) => void): Promise<boolean> {
    const connection = this.connections;
    const isLast = () => this.connections === connection;
    this.telling = connection;
    try {
      while (isLast()) {
        const { wish } = this;
        const { idle } = this.link.state.own;
        if (!wish && this.toldIdle === idle) return true;
        const isWanted = () => isLast() && this.wish === wish && (!!wish || this.link.state.own.idle === idle);
        const automatic = { status: idle ? "away" : "available", automatic: true } as const;
        const fields = wish ? { status: wish } : automatic;
        const { reply, problem } = await ask(this.link, "presence", fields, isWanted, Number.POSITIVE_INFINITY);
        if (!isLast()) return false;
        if (reply) {
          this.toldIdle = !wish && idle;
          if (wish && this.wish === wish) this.want(undefined);
          heard(reply.chosen as Status);
        } else if (isWanted()) {
          if (!wish || isPassing(problem)) return false; // the next connection is told
          this.want(undefined);
        }
      }
      return false;
    } finally {
      if (isLast()) this.telling = 0;
    }
  }
}
