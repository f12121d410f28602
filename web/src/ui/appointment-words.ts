/** When an appointment is, and how it is repeated, in words of the present language. */

import type { CommunicationFrame } from "../state/model.js";
import { mailText } from "../texts/mail.js";
import { dateFormat, listWords, periodWords } from "./day.js";

type Appointment = Pick<CommunicationFrame, "at" | "ends_at" | "all_day" | "rule">;

/** The local midnight of the date that a time has in UTC: whole days are the same days wherever one is. */
export function dateOf(at: string): Date {
  const day = new Date(at);
  return new Date(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate());
}

/** The moment that stands for an appointment's first day. */
export function beginOf({ at, all_day }: Appointment): number {
  return all_day ? dateOf(at).getTime() : Date.parse(at);
}

/** "14:00 – 15:30" on the viewer's clock, "All day", or the first and last of several days. */
export function timesOf({ at, ends_at, all_day }: Appointment): string {
  if (!all_day) return periodWords(at, ends_at);
  const first = dateOf(at);
  const last = ends_at ? dateOf(ends_at) : first;
  last.setDate(last.getDate() - 1); // it ends where the next day begins
  return last > first ? dateFormat({ dateStyle: "medium" }).formatRange(first, last) : mailText().allDay;
}

const WEEKDAYS: Readonly<Record<string, number>> = { SU: 0, MO: 1, TU: 2, WE: 3, TH: 4, FR: 5, SA: 6 };

/** "Monday", or as the language has it. 4 January 1970 was a Sunday. */
function weekdayWord(day: number): string {
  return dateFormat({ weekday: "long", timeZone: "UTC" }).format(new Date(Date.UTC(1970, 0, 4 + day)));
}

/** Names of weekdays; three and more that follow one another as the first and the last. */
function weekdaysWords(days: readonly number[]): string {
  const inOrder = days.map((day) => (day + 6) % 7).sort();
  const words = inOrder.map((day) => weekdayWord((day + 1) % 7));
  const follow = inOrder.every((day, index) => day === (inOrder[0] ?? 0) + index);
  return follow && words.length > 2 ? `${words[0]} – ${words.at(-1)}` : listWords(words);
}

/**
 * A recurrence rule (RFC 5545 §3.3.10) in words, with its end: "every 2 weeks on Monday, until 3 March 2027"; of one that
 * is not of the common kinds that it is repeated; "" without one.
 *
 * Weekdays and days of the month are those of the appointment's own zone: where the viewer's day is another, they are not
 * named.
 */
export function ruleWords(appointment: Appointment): string {
  if (!appointment.rule) return "";
  const words = mailText().rule;
  const parts = new Map(
    appointment.rule
      .toUpperCase()
      .split(";")
      .map((part) => part.split("=", 2) as [string, string]),
  );
  const often = frequencyWords(parts, new Date(beginOf(appointment)));
  return [often ?? words.repeated, often && endWords(parts)].filter(Boolean).join(", ");
}

/** "every 2 weeks on Monday", or undefined for a rule that has no words. `day`: when it is, for the viewer. */
function frequencyWords(parts: ReadonlyMap<string, string>, day: Date): string | undefined {
  const words = mailText().rule;
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const named = [...parts.keys()]
    .filter((name) => name.startsWith("BY") || name === "FREQ")
    .sort()
    .join(" ");
  const isOnce = ["BYMONTH", "BYMONTHDAY"].every((name) => /^\d+$/.test(parts.get(name) ?? "1"));
  if (!Number.isInteger(interval) || interval < 1) return undefined;
  switch (`${parts.get("FREQ")} ${named}`) {
    case "DAILY FREQ":
      return words.daily(interval);
    case "WEEKLY FREQ":
      return words.weekly(interval);
    case "WEEKLY BYDAY FREQ": {
      const days = (parts.get("BYDAY") ?? "").split(",").map((each) => WEEKDAYS[each]);
      if (days.some((each) => each === undefined)) return undefined;
      if (days.length === 7 && interval === 1) return words.daily(1);
      return days.includes(day.getDay())
        ? words.weeklyOn(interval, weekdaysWords(days as number[]))
        : words.weekly(interval);
    }
    case "MONTHLY FREQ":
      return words.monthly(interval);
    case "MONTHLY BYMONTHDAY FREQ":
      if (!/^\d+$/.test(parts.get("BYMONTHDAY") ?? "")) return undefined;
      return Number(parts.get("BYMONTHDAY")) === day.getDate()
        ? words.monthlyOnDay(interval, day.getDate())
        : words.monthly(interval);
    case "MONTHLY BYDAY FREQ": {
      const [, place, name = ""] = /^\+?([1-5]|-1)([A-Z]{2})$/.exec(parts.get("BYDAY") ?? "") ?? [];
      const weekday = WEEKDAYS[name];
      if (weekday === undefined) return undefined;
      return weekday === day.getDay()
        ? words.monthlyOn(interval, Number(place), weekdayWord(weekday))
        : words.monthly(interval);
    }
    case "YEARLY FREQ":
    case "YEARLY BYMONTH BYMONTHDAY FREQ":
    case "YEARLY BYMONTH FREQ":
      return named.includes("BY") && !isOnce ? undefined : words.yearly(interval);
    default:
      return undefined;
  }
}

/** When the series ends: "until 3 March 2027", "12 times"; "" where it does not. */
function endWords(parts: ReadonlyMap<string, string>): string {
  const words = mailText().rule;
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(parts.get("UNTIL") ?? "") ?? [];
  if (day)
    return words.until(
      dateFormat({ dateStyle: "long" }).format(new Date(Number(year), Number(month) - 1, Number(day))),
    );
  const times = Number(parts.get("COUNT"));
  return times > 0 ? words.times(times) : "";
}
