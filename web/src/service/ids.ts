/** Message ids: UUIDv7 (RFC 9562 §5.7) in lower case, ever rising within one service. */

import type { Id } from "../state/model.js";

const TIME_DIGITS = 12;

export class Ids {
  private last = "";

  /** `now` gives the server's time, in ms since the epoch. */
  constructor(private readonly now: () => number) {}

  /** A new id, higher than those before even within one millisecond or after the clock went back a little. */
  next(): Id {
    // RFC 9562 §6.2 lets the time run ahead where ids come faster than it.
    const before = this.last ? timeOf(this.last) : 0;
    let id = make(Math.max(this.now(), before), randomTail());
    if (id <= this.last) id = make(before + 1, randomTail());
    this.last = id;
    return id;
  }

  /** Begin again from the present time: the clock was found wrong, and ids of a time to come would be refused. */
  forget(): void {
    this.last = "";
  }
}

/** The lowest id of a time: every message since then has a higher one. */
export function lowest(time: number): Id {
  return make(Math.max(0, time), new Uint8Array(10));
}

/** Milliseconds since the epoch that an id carries. */
export function timeOf(id: Id): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, TIME_DIGITS), 16);
}

function make(time: number, random: Uint8Array): Id {
  const tail = [...random];
  tail[0] = ((tail[0] ?? 0) & 0x0f) | 0x70; // version 7
  tail[2] = ((tail[2] ?? 0) & 0x3f) | 0x80; // variant of RFC 9562
  const digits = Math.floor(time).toString(16).padStart(TIME_DIGITS, "0") + tail.map(hex).join("");
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    "-",
  );
}

function randomTail(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(10));
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
