/** Who is writing: until they stop, or nothing is heard of it for a while. */

import type { Address } from "../state/model.js";
import type { Link } from "./link.js";

/** Milliseconds without word after which somebody has stopped: clients repeat it every five seconds. */
const LASTS = 8000;

export class Writing {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly link: Link) {}

  heard(contact: Address, sender: Address, active: boolean): void {
    const key = `${contact} ${sender}`;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.link.dispatch({ type: "typing", contact, sender, active });
    if (active)
      this.timers.set(
        key,
        setTimeout(() => this.heard(contact, sender, false), LASTS),
      );
  }
}
