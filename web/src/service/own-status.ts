/** The user's own status: chosen in the status menu of this or another window or browser, or Away by idling. */

import type { Status } from "../state/model.js";
import { ask, type Link } from "./link.js";
import { isPassing } from "./problem.js";

export class OwnStatus {
  /** What was chosen here and is not confirmed yet. */
  private wish: Status | undefined;
  private connections = 0;

  /** `changed` is told the choice that holds now and the one before. */
  constructor(
    private readonly link: Link,
    private readonly changed: (status: Status, before: Status | null) => void,
  ) {}

  /** Begin anew with another user. */
  forget(): void {
    this.wish = undefined;
  }

  /** Tell a new connection; returns whether it took it: else it is gone again. */
  async tell(): Promise<boolean> {
    this.connections += 1;
    const connection = this.connections;
    const isLast = () => this.connections === connection;
    const fields = this.wish ? { status: this.wish } : this.automatic();
    const { reply } = await ask(this.link, "presence", fields, isLast, Number.POSITIVE_INFINITY);
    if (!reply || !isLast()) return false;
    if (this.wish === fields.status) this.wish = undefined;
    this.link.dispatch({ type: "chosen", status: reply.chosen as Status });
    return true;
  }

  async choose(status: Status): Promise<void> {
    this.wish = status;
    const isWished = () => this.wish === status;
    const { reply, problem } = await ask(this.link, "presence", { status }, isWished);
    if (!isWished()) return;
    if (reply || !isPassing(problem)) this.wish = undefined; // else the next connection is told
    if (reply) this.hear(reply.chosen as Status);
  }

  /** The choice that holds now, here or of another browser. */
  hear(status: Status): void {
    const before = this.link.state.own.chosen;
    this.link.dispatch({ type: "chosen", status });
    this.changed(status, before);
  }

  idles(idle: boolean): void {
    this.link.dispatch({ type: "idle", idle });
    if (this.link.state.connection.phase === "open")
      void ask(this.link, "presence", this.automatic(), () => this.link.state.own.idle === idle);
  }

  private automatic(): { status: "away" | "available"; automatic: true } {
    return { status: this.link.state.own.idle ? "away" : "available", automatic: true };
  }
}
