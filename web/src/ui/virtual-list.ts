/** Where the rows of a long list are, so that only those near the screen need to exist. */

/** Rows beyond each edge of the screen that are there as well, so that scrolling finds them ready. */
export const OVERSCAN = 15;

/** The range moves in steps of so many rows, to render once for several rows of scrolling. */
const STEP = 5;

/** The row that a key leads to from `index` (-1: none yet), or null where it is none of ours. `page`: rows on the screen. */
export function rowAfter(key: string, index: number, length: number, page: number): number | null {
  const last = length - 1;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + Math.max(1, page),
    PageUp: index - Math.max(1, page),
    Home: 0,
    End: last,
  };
  const next = steps[key];
  return next === undefined || last < 0 ? null : Math.max(0, Math.min(next, last));
}

/** Rows from `start` up to, but not with, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Sections of rows of one height, each under a heading; a section without rows has none. Measures are pixels. */
export class Layout {
  readonly length: number;
  readonly height: number;

  constructor(
    readonly counts: readonly number[],
    readonly row: number,
    readonly heading: number,
  ) {
    this.length = counts.reduce((sum, count) => sum + count, 0);
    this.height = this.length * row + counts.filter(Boolean).length * heading;
  }

  /** The index of a section's first row. */
  firstOf(section: number): number {
    return this.counts.slice(0, section).reduce((sum, count) => sum + count, 0);
  }

  /** Where a section begins, with its heading. */
  topOfSection(section: number): number {
    return this.firstOf(section) * this.row + this.counts.slice(0, section).filter(Boolean).length * this.heading;
  }

  /** Where a row begins. */
  topOf(index: number): number {
    let headings = 0;
    let first = 0;
    for (const count of this.counts) {
      if (first > index) break;
      if (count) headings += 1;
      first += count;
      if (index < first) break;
    }
    return headings * this.heading + index * this.row;
  }

  /** The row at a place; that behind it where a heading is. */
  rowAt(y: number): number {
    let index = Math.floor(Math.max(0, y) / this.row);
    while (index > 0 && this.topOf(index) > y) index -= 1;
    if (this.topOf(index) + this.row <= y) index += 1;
    return Math.max(0, Math.min(index, this.length - 1));
  }

  /** The rows to render for what is on the screen. Nothing where the list has no height, because nobody sees it. */
  range(scrolled: number, visible: number): Range {
    if (visible <= 0 || !this.length) return { start: 0, end: 0 };
    const start = this.rowAt(scrolled) - OVERSCAN;
    const end = this.rowAt(scrolled + visible) + 1 + OVERSCAN;
    return {
      start: Math.max(0, Math.floor(start / STEP) * STEP),
      end: Math.min(this.length, Math.ceil(end / STEP) * STEP),
    };
  }

  /** Where to scroll to so that a row is on the screen: no further than needed. */
  reveal(index: number, scrolled: number, visible: number): number {
    const first = this.counts.some((_, section) => this.counts[section] && this.firstOf(section) === index);
    const top = this.topOf(index);
    if (top - (first ? this.heading : 0) < scrolled) return top - (first ? this.heading : 0);
    return Math.max(scrolled, top + this.row - visible);
  }
}
