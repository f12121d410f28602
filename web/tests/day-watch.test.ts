import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchDay } from "../src/ui/day-watch.js";

beforeEach(() => vi.useFakeTimers({ now: new Date(2026, 2, 11, 23, 58) }));
afterEach(() => vi.useRealTimers());

test("a new day is told once, soon after midnight", () => {
  const passed = vi.fn();
  const end = watchDay(passed);
  vi.advanceTimersByTime(60_000);
  expect(passed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(120_000);
  expect(passed).toHaveBeenCalledOnce();
  end();
  vi.advanceTimersByTime(48 * 3_600_000);
  expect(passed).toHaveBeenCalledOnce();
});

test("a computer that slept over midnight notices when it wakes", () => {
  const passed = vi.fn();
  watchDay(passed);
  vi.setSystemTime(new Date(2026, 2, 13, 9));
  vi.advanceTimersByTime(60_000);
  expect(passed).toHaveBeenCalledOnce();
});
