/** Keeps a list of messages at its end, or at the place that is being read when earlier messages come above it. */

/** Within so many pixels of the end, the reader is at the end. */
const NEAR = 40;

/** The place of one scrolling element. Call `before` and `after` around every change of what is in it. */
export class ScrollKeeper {
  /** Whether the end is in sight, so that new messages should be as well. */
  atEnd = true;
  private fromEnd = 0;

  /** @param moved - Called whenever the end came into sight or went out of it. */
  constructor(
    private readonly scroller: () => HTMLElement | null,
    private readonly moved: () => void,
  ) {}

  /** The reader scrolled. */
  look(): void {
    const box = this.scroller();
    if (!box?.clientHeight) return; // not shown
    this.note(box.scrollHeight - box.scrollTop - box.clientHeight < NEAR);
  }

  private note(atEnd: boolean): void {
    if (atEnd === this.atEnd) return;
    this.atEnd = atEnd;
    this.moved();
  }

  before(): void {
    const box = this.scroller();
    this.fromEnd = box ? box.scrollHeight - box.scrollTop : 0;
  }

  /** `above`: whether something came in above what is shown. */
  after(above: boolean): void {
    const box = this.scroller();
    if (!box) return;
    if (this.atEnd) this.toEnd();
    else if (above) box.scrollTop = box.scrollHeight - this.fromEnd;
  }

  toEnd(): void {
    const box = this.scroller();
    if (box) box.scrollTop = box.scrollHeight;
    this.note(true);
  }

  /** Show an element near the top, if the end shows it not at all. */
  toStart(element: Element): void {
    const box = this.scroller();
    if (!box) return;
    const above = element.getBoundingClientRect().top - box.getBoundingClientRect().top;
    if (above >= 0) return;
    box.scrollTop += above - 16;
    this.look();
  }
}
