/** The contacts of the domain: kept over reloads with their version, and listed again when that is no longer it. */

import type { ContactSummary } from "../state/model.js";
import type { Keeper, Kept } from "./keeper.js";
import { ask, type Link } from "./link.js";

export class Listing {
  private running = false;
  private again = false;
  /** Counts users: what was asked for one is not gone on with for the next. */
  private run = 0;

  constructor(
    private readonly link: Link,
    private readonly keeper: Keeper,
  ) {}

  /** Show what was kept, before anything is asked. */
  restore(kept: Kept["contacts"] | undefined): void {
    if (kept) this.link.dispatch({ type: "contacts", ...kept, first: true, last: true });
  }

  /** Begin anew with another user. */
  forget(): void {
    this.run += 1;
    this.running = false;
    this.again = false;
  }

  /** List the contacts if they changed. A change while they are listed lists them once more. */
  async refresh(): Promise<void> {
    this.again = true;
    if (this.running) return;
    this.running = true;
    const { run } = this;
    const isWanted = () => this.run === run;
    try {
      while (this.again && isWanted()) {
        this.again = false;
        await this.list(isWanted);
      }
    } finally {
      if (isWanted()) this.running = false;
    }
  }

  private async list(isWanted: () => boolean): Promise<void> {
    const { session, contacts: before } = this.link.state;
    if (session.phase !== "in") return;
    const known = before.complete && before.version !== null ? { version: before.version } : {};
    const list: ContactSummary[] = [];
    let version: number | undefined;
    let cursor: string | null | undefined;
    do {
      const fields = cursor ? { cursor } : known;
      const { reply } = await ask(this.link, "contacts", fields, isWanted, Number.POSITIVE_INFINITY);
      if (!reply || !isWanted()) return; // the next connection asks again
      if (reply.unchanged) return;
      version ??= reply.version; // of the first page: a change while paging must make us ask again
      const first = !cursor;
      list.push(...reply.contacts);
      cursor = reply.cursor;
      // A list that is being renewed stays whole until the new one is.
      if (!before.complete)
        this.link.dispatch({ type: "contacts", version, list: reply.contacts, first, last: !cursor });
    } while (cursor);
    if (before.complete) this.link.dispatch({ type: "contacts", version, list, first: true, last: true });
    await this.keeper.write("contacts", { version, list });
  }
}
