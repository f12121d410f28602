/** Read markers: shown at once, and told to the server, over lost connections too. */

import type { Address, Id } from "../state/model.js";
import { ask, type Link } from "./link.js";
import { isPassing } from "./problem.js";

export class Reading {
  /** What the server has not been told yet. */
  private readonly untold = new Map<Address, Id>();

  constructor(private readonly link: Link) {}

  /** Begin anew with another user. */
  forget(): void {
    this.untold.clear();
  }

  /** The user has read the messages of a contact up to and with `id`. */
  async read(contact: Address, id: Id): Promise<void> {
    const { session, inbox } = this.link.state;
    if (session.phase !== "in" || (inbox.get(contact)?.read ?? "") >= id) return;
    this.link.dispatch({ type: "read", contact, reader: session.address, id });
    this.untold.set(contact, id);
    await this.tell(contact, id);
  }

  /** A connection is open: tell what it could not be told before. */
  async resume(): Promise<void> {
    await Promise.all([...this.untold].map(([contact, id]) => this.tell(contact, id)));
  }

  private async tell(contact: Address, id: Id): Promise<void> {
    const isNewest = () => this.untold.get(contact) === id;
    const { problem } = await ask(this.link, "read", { contact, id }, isNewest);
    if (isNewest() && !(problem && isPassing(problem))) this.untold.delete(contact);
  }
}
