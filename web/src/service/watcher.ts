/** Presence of whom the windows show: the server is told whom, and pushes the changes of those alone. */

import type { Address, Status } from "../state/model.js";
import { ask, type Link } from "./link.js";

/** As many as one connection may watch. */
const MOST = 200;
/** Milliseconds in which changes of what is shown are gathered: a list that is scrolled asks when it rests. */
const GATHER = 150;

export class Watcher {
  private wanted: readonly Address[] = [];
  private told = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `began` is called when a connection watches at last: only from then on is it told of changes in the directory. */
  constructor(
    private readonly link: Link,
    private readonly began: () => void,
  ) {}

  /** The contacts that are shown, the most important first. */
  want(contacts: Iterable<Address>): void {
    this.wanted = [...new Set(contacts)].slice(0, MOST);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.tell();
    }, GATHER);
  }

  /** A new connection, or back from Offline: nothing is watched. */
  async renew(): Promise<void> {
    this.told = "";
    if (this.wanted.length) await this.tell();
    else this.want([]); // rows may be shown in a moment
  }

  private async tell(): Promise<void> {
    const { connection, own, session } = this.link.state;
    if (connection.phase !== "open" || session.phase !== "in" || own.chosen === null || own.chosen === "offline")
      return;
    const self = session.address;
    const before = this.link.state.presence;
    const others = this.wanted.filter((each) => each !== self);
    // Who watches nobody is not told of changes in the directory either, such as a first colleague.
    const contacts = others.length ? others : [self];
    const key = [...contacts].sort().join(" ");
    if (key === this.told) return;
    const isFirst = this.told === "";
    this.told = key;
    const { reply, problem } = await ask(
      this.link,
      "watch",
      { contacts },
      () => this.told === key,
      Number.POSITIVE_INFINITY,
    );
    if (this.told !== key) return; // others are wanted by now
    if (problem) {
      this.told = "";
      return;
    }
    this.link.dispatch({ type: "watched", contacts });
    const of = reply.presence.map(({ address, status, revision }) => {
      // Revision 0: nothing is known any more of somebody long gone, which no pushed change has contradicted.
      const known = before.get(address);
      const gone = revision === 0 && known && this.link.state.presence.get(address) === known;
      return [address, { status: status as Status, revision: gone ? known.revision : revision }] as const;
    });
    this.link.dispatch({ type: "presence", of });
    if (isFirst) this.began();
  }
}
