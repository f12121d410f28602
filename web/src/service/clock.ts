/** The server's time, by the times that it told: this device's clock may be wrong by more than a message's id may be. */

/** Milliseconds of difference that are the network's, and not worth a correction. */
const NEAR = 300;

export class Clock {
  private offset = 0;

  constructor(private readonly device: () => number = Date.now) {}

  now(): number {
    return this.device() + this.offset;
  }

  /** The server said that it is `time`. Returns whether this changes anything. */
  learn(time: number): boolean {
    const offset = time - this.device();
    if (Math.abs(offset - this.offset) < NEAR) return false;
    this.offset = Math.abs(offset) < NEAR ? 0 : offset;
    return true;
  }
}
