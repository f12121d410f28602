import { describe, expect, it } from "vitest";
import { Layout, OVERSCAN, rowAfter } from "../src/ui/virtual-list.js";

const LAYOUT = new Layout([2, 10_000], 50, 30);

describe("Layout", () => {
  it("is as high as its rows and the headings of sections that have rows", () => {
    expect(LAYOUT.height).toBe(10_002 * 50 + 60);
    expect(new Layout([0, 3], 50, 30).height).toBe(180);
    expect(new Layout([0, 0], 50, 30).height).toBe(0);
  });

  it("places rows below their heading", () => {
    expect([0, 1, 2, 3].map((index) => LAYOUT.topOf(index))).toEqual([30, 80, 160, 210]);
    expect(new Layout([0, 3], 50, 30).topOf(0)).toBe(30);
    expect([0, 1].map((section) => LAYOUT.topOfSection(section))).toEqual([0, 130]);
  });

  it("finds the row at a place, and below a heading the next", () => {
    expect([0, 30, 79, 80, 129, 131, 160, 209, 210].map((y) => LAYOUT.rowAt(y))).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 3]);
    expect(LAYOUT.rowAt(1e9)).toBe(10_001);
  });

  it("finds every row at its top and at its last pixel", () => {
    const layout = new Layout([3, 40], 52, 32);
    for (let index = 0; index < 43; index += 1) {
      expect(layout.rowAt(layout.topOf(index))).toBe(index);
      expect(layout.rowAt(layout.topOf(index) + 51)).toBe(index);
    }
  });

  it("renders the rows on the screen and some around, however long the list is", () => {
    const { start, end } = LAYOUT.range(250_000, 800);
    expect(start).toBeLessThanOrEqual(LAYOUT.rowAt(250_000) - OVERSCAN);
    expect(end).toBeGreaterThan(LAYOUT.rowAt(250_800) + OVERSCAN);
    expect(end - start).toBeLessThan(60);
  });

  it("keeps to the list", () => {
    expect(LAYOUT.range(0, 800).start).toBe(0);
    expect(LAYOUT.range(1e9, 800).end).toBe(10_002);
  });

  it("renders nothing where nobody sees it", () => {
    expect(LAYOUT.range(500, 0)).toEqual({ start: 0, end: 0 });
    expect(new Layout([0, 0], 50, 30).range(0, 800)).toEqual({ start: 0, end: 0 });
  });

  it("scrolls no further than needed to show a row, and with a first row its heading", () => {
    expect(LAYOUT.reveal(10, 0, 800)).toBe(0);
    expect(LAYOUT.reveal(100, 0, 800)).toBe(LAYOUT.topOf(100) + 50 - 800);
    expect(LAYOUT.reveal(5, 1000, 800)).toBe(LAYOUT.topOf(5));
    expect(LAYOUT.reveal(0, 1000, 800)).toBe(0);
    expect(LAYOUT.reveal(2, 1000, 800)).toBe(130);
  });
});

describe("rowAfter", () => {
  it("moves by rows and pages, and to the ends", () => {
    expect(rowAfter("ArrowDown", -1, 10, 5)).toBe(0);
    expect(rowAfter("ArrowUp", 4, 10, 5)).toBe(3);
    expect(rowAfter("PageDown", 1, 10, 5)).toBe(6);
    expect(rowAfter("PageUp", 6, 10, 5)).toBe(1);
    expect(rowAfter("Home", 6, 10, 5)).toBe(0);
    expect(rowAfter("End", 6, 10, 5)).toBe(9);
  });

  it("stays in the list", () => {
    expect(rowAfter("ArrowDown", 9, 10, 5)).toBe(9);
    expect(rowAfter("PageUp", 2, 10, 5)).toBe(0);
    expect(rowAfter("End", 0, 0, 5)).toBeNull();
  });

  it("leaves other keys alone", () => expect(rowAfter("x", 1, 10, 5)).toBeNull());
});
