/** The contacts of the domain: kept over reloads with their version, and listed again when that is no longer it. */

import type { ContactSummary } from "../state/model.js";
import type { Keeper, Kept } from "./keeper.js";
import { ask, isSelf, type Link } from "./link.js";

export class Listing {
  private running = false;
  private again = false;

  constructor(
    private readonly link: Link,
    private readonly keeper: Keeper,
  ) {}

  /** Show what was kept, before anything is asked. */
  restore(kept: Kept["contacts"] | undefined): void {
    if (kept) this.link.dispatch({ type: "contacts", ...kept, complete: true });
  }

  /** List the contacts if they changed. A change while they are listed lists them once more. */
  async refresh(): Promise<void> {
    this.again = true;
    if (this.running) return;
    this.running = true;
    try {
      while (this.again) {
        this.again = false;
        await this.list();
      }
    } finally {
      this.running = false;
    }
  }

  private async list(): Promise<void> {
    const { session, contacts: before } = this.link.state;
    if (session.phase !== "in") return;
    const self = session.address;
    const known = before.complete && before.version !== null ? { version: before.version } : {};
    let list: readonly ContactSummary[] = [];
    let version: number | undefined;
    let cursor: string | null | undefined;
    do {
      const fields = cursor ? { cursor } : known;
      const { reply } = await ask(this.link, "contacts", fields, () => true, Number.POSITIVE_INFINITY);
      if (!reply || !isSelf(this.link, self)) return; // the next connection asks again
      if (reply.unchanged) return;
      version ??= reply.version; // of the first page: a change while paging must make us ask again
      list = [...list, ...reply.contacts];
      cursor = reply.cursor;
      // A list that is being renewed stays whole until the new one is.
      if (!before.complete) this.link.dispatch({ type: "contacts", version, list, complete: !cursor });
    } while (cursor);
    if (before.complete) this.link.dispatch({ type: "contacts", version, list, complete: true });
    await this.keeper.write("contacts", { version, list });
  }
}
