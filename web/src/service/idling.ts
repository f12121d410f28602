/** Away by itself: when nobody has touched any window for a while, and back with the first touch. */

/** Seconds. */
export const IDLE_AFTER = 10 * 60;

export class Idling {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private idle = false;

  /** `after` in seconds; `changed` is told when the user begins or ends idling. */
  constructor(
    private readonly changed: (idle: boolean) => void,
    private readonly after: number = IDLE_AFTER,
  ) {}

  /** Somebody is there. */
  stir(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.become(true), this.after * 1000);
    this.become(false);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.idle = false;
  }

  private become(idle: boolean): void {
    if (this.idle === idle) return;
    this.idle = idle;
    this.changed(idle);
  }
}
