import { afterEach, describe, expect, test, vi } from "vitest";
import { speak } from "../src/texts/index.js";
import { beginOf, ruleWords, timesOf } from "../src/ui/appointment-words.js";

/** Monday, 9 March 2026. */
const MONDAY = "2026-03-09T10:00:00.000Z";
const plain = (words: string) => words.replace(/\s/g, " ");
const rule = (text: string, at = MONDAY) => plain(ruleWords({ at, rule: text }));

afterEach(async () => {
  vi.unstubAllEnvs();
  await speak("en");
});

describe("when an appointment is", () => {
  test("times are those of the viewer's clock", async () => {
    await speak("en-GB");
    vi.stubEnv("TZ", "Asia/Tokyo");
    const times = timesOf({ at: MONDAY, ends_at: "2026-03-09T11:30:00.000Z" });
    expect(plain(times)).toBe("19:00–20:30");
  });

  test.each(["America/Los_Angeles", "UTC", "Pacific/Kiritimati"])("whole days are the same days in %s", (zone) => {
    vi.stubEnv("TZ", zone);
    const day = { at: "2026-03-09T00:00:00.000Z", ends_at: "2026-03-10T00:00:00.000Z", all_day: true };
    expect(timesOf(day)).toBe("All day");
    expect(new Date(beginOf(day)).getDate()).toBe(9);
    expect(plain(timesOf({ ...day, ends_at: "2026-03-12T00:00:00.000Z" }))).toBe("Mar 9 – 11, 2026");
  });

  test("a whole day without an end is one day", () => {
    expect(timesOf({ at: "2026-03-09T00:00:00.000Z", all_day: true })).toBe("All day");
  });
});

describe("how it is repeated", () => {
  test.each([
    ["FREQ=DAILY", "every day"],
    ["FREQ=DAILY;INTERVAL=3", "every 3 days"],
    ["FREQ=WEEKLY", "every week"],
    ["FREQ=WEEKLY;BYDAY=MO", "every week on Monday"],
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,MO;WKST=SU", "every 2 weeks on Monday and Wednesday"],
    ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on Monday – Friday"],
    ["FREQ=WEEKLY;BYDAY=SU,MO,TU,WE,TH,FR,SA", "every day"],
    ["FREQ=MONTHLY", "every month"],
    ["FREQ=MONTHLY;BYMONTHDAY=9", "every month on day 9"],
    ["FREQ=MONTHLY;BYDAY=2MO", "every month on the second Monday"],
    ["FREQ=MONTHLY;BYDAY=-1MO", "every month on the last Monday"],
    ["FREQ=YEARLY", "every year"],
    ["FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=9", "every year"],
    ["freq=weekly;until=20270303t235959z", "every week, until March 3, 2027"],
    ["FREQ=DAILY;UNTIL=20270303", "every day, until March 3, 2027"],
    ["FREQ=WEEKLY;COUNT=12", "every week, 12 times"],
    ["FREQ=WEEKLY;COUNT=1", "every week, 1 time"],
  ])("%s is in words", (text, words) => {
    expect(rule(text)).toBe(words);
  });

  test.each([
    "FREQ=HOURLY",
    "FREQ=MONTHLY;BYDAY=1MO,3MO",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=YEARLY;BYMONTH=1,7",
    "FREQ=WEEKLY;INTERVAL=0",
    "FREQ=WEEKLY;BYDAY=XX",
    "nonsense",
    ";;=;",
  ])("%s is only said to be repeated", (text) => {
    expect(rule(text)).toBe("repeated");
  });

  test("days of another zone are not named", () => {
    vi.stubEnv("TZ", "Asia/Tokyo");
    const late = "2026-03-09T20:00:00.000Z"; // Tuesday the 10th in Tokyo
    expect(rule("FREQ=WEEKLY;BYDAY=MO", late)).toBe("every week");
    expect(rule("FREQ=MONTHLY;BYDAY=2MO", late)).toBe("every month");
    expect(rule("FREQ=MONTHLY;BYMONTHDAY=9", late)).toBe("every month");
  });

  test("nothing is said of what happens once", () => {
    expect(rule("")).toBe("");
    expect(ruleWords({ at: MONDAY })).toBe("");
  });

  test("Arabic has its own words", async () => {
    await speak("ar");
    expect(rule("FREQ=WEEKLY;INTERVAL=2")).toBe("كل أسبوعين");
    expect(rule("FREQ=HOURLY")).toBe("متكرر");
  });
});
