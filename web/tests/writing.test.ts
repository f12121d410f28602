import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { allowed, bodyOf, bytesLeft, MOST_BYTES, WritingSignal } from "../src/ui/writing.js";

test("what XML 1.0 forbids is dropped; tabs, newlines and emoji stay", () => {
  expect(allowed("a\u0000b\u0007\u000b\tc\n\ud800d\uffff👍")).toBe("ab\tc\nd👍");
});

test("blank lines before and white space behind are not sent", () => {
  expect(bodyOf("\n \n  indented\nline \n\n")).toBe("  indented\nline");
  expect(bodyOf(" \n\t")).toBe("");
});

describe("bytes left", () => {
  test("are told from 90 % on", () => {
    expect(bytesLeft("x".repeat(14_000))).toBeNull();
    expect(bytesLeft("x".repeat(15_000))).toBe(MOST_BYTES - 15_000);
  });

  test("count UTF-8, of what would be sent", () => {
    expect(bytesLeft("é".repeat(8_192))).toBe(0);
    expect(bytesLeft(`${"é".repeat(8_192)} \n`)).toBe(0);
    expect(bytesLeft("€".repeat(5_462))).toBe(-2);
  });

  test("count quotes and line ends twice, of 28 KiB", () => {
    expect(bytesLeft('"'.repeat(14_336))).toBe(-1);
    expect(bytesLeft('"'.repeat(14_335))).toBe(0);
  });
});

describe("the signal of writing", () => {
  const told: boolean[] = [];
  const signal = () => new WritingSignal((active) => told.push(active), Date.now);

  beforeEach(() => {
    told.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is given at most every five seconds", () => {
    const writing = signal();
    for (let second = 0; second < 10; second++) {
      writing.wrote("text");
      vi.advanceTimersByTime(1000);
    }
    expect(told).toEqual([true, true]);
  });

  test("ends once after ten seconds of silence", () => {
    const writing = signal();
    writing.wrote("text");
    vi.advanceTimersByTime(60_000);
    writing.stopped();
    expect(told).toEqual([true, false]);
  });

  test("ends when the text is emptied", () => {
    const writing = signal();
    writing.wrote("t");
    writing.wrote("");
    expect(told).toEqual([true, false]);
  });

  test("says nothing on sending, and begins anew at once", () => {
    const writing = signal();
    writing.wrote("t");
    writing.sent();
    vi.advanceTimersByTime(60_000);
    writing.wrote("u");
    expect(told).toEqual([true, true]);
  });
});
