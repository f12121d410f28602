import { afterEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/texts/index.js";
import {
  dayWords,
  durationWords,
  listWords,
  periodWords,
  sizeWords,
  spanWords,
  wholeDateWords,
} from "../src/ui/day.js";

/** Local times: the words go by the reader's days. */
const at = (day: number, hour = 12, month = 3, year = 2026, minute = 0) =>
  new Date(year, month - 1, day, hour, minute).getTime();
const NOW = at(18);
/** Intl puts thin and no-break spaces around. */
const plain = (words: string) => words.replace(/\s/g, " ");

afterEach(async () => {
  vi.unstubAllEnvs();
  await speak("en");
});

describe("dayWords", () => {
  it("says Today, Yesterday and Tomorrow by the calendar, not by hours", () => {
    expect(dayWords(at(18, 0), NOW)).toBe("Today");
    expect(dayWords(at(17, 23), at(18, 0))).toBe("Yesterday");
    expect(dayWords(at(19, 1), NOW)).toBe("Tomorrow");
  });

  it("names the weekday within a week", () => {
    expect(dayWords(at(12), NOW)).toBe("Thursday");
    expect(dayWords(at(11), NOW)).toBe("March 11");
  });

  it("gives the date of days to come, as their weekday alone could be taken for one that was", () => {
    expect(dayWords(at(21), NOW)).toBe("March 21");
  });

  it("adds the year where it is another", () => expect(dayWords(at(30, 12, 12, 2025), NOW)).toBe("Dec 30, 2025"));

  it("takes ISO 8601", () => expect(dayWords(new Date(NOW).toISOString(), NOW)).toBe("Today"));

  it("writes dates as in the reader's region", async () => {
    await speak("en-GB");
    expect(dayWords(at(11), NOW)).toBe("11 March");
    expect(wholeDateWords(at(11))).toMatch(/11 March 2026$/);
  });

  it("goes by the reader's time zone, though it has changed", () => {
    const noon = Date.UTC(2026, 2, 11, 12);
    vi.stubEnv("TZ", "Asia/Tokyo");
    expect(plain(spanWords(noon, noon))).toBe("9:00 PM");
    vi.stubEnv("TZ", "America/Lima");
    expect(plain(spanWords(noon, noon))).toBe("7:00 AM");
  });

  it("speaks Arabic", async () => {
    await speak("ar");
    expect(dayWords(at(17), NOW)).toBe("أمس");
  });
});

describe("times", () => {
  it("says from when to when", () => expect(plain(spanWords(at(1, 9), at(1, 10)))).toBe("9:00 – 10:00 AM"));

  it("says one time for what took less than a minute", () =>
    expect(plain(spanWords(at(1, 9), at(1, 9)))).toBe("9:00 AM"));

  it("says both times of a span over midnight", () => {
    expect(plain(spanWords(at(1, 23), at(2, 1)))).toBe("11:00 PM – 1:00 AM");
  });

  it("names the days of an appointment over several", () => {
    expect(plain(periodWords(at(1, 9), at(3, 10)))).toMatch(/Mar 1.*Mar 3/);
    expect(plain(periodWords(at(1, 9), null))).toBe("9:00 AM");
  });
});

describe("measures", () => {
  it("says durations in hours and minutes", () => {
    expect([0, 12, 60, 65].map((minutes) => durationWords(minutes * 60_000))).toEqual([
      "1 min",
      "12 min",
      "1 hr",
      "1 hr 5 min",
    ]);
  });

  it("says sizes", () => {
    expect([0, 1, 820, 14_200, 2_400_000].map(sizeWords)).toEqual(["0 kB", "0.1 kB", "0.8 kB", "14 kB", "2.4 MB"]);
  });

  it("says names one after another", () => expect(listWords(["A", "B", "C"])).toBe("A, B, and C"));
});
