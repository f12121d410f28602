/** Days, times and durations in words of the present language. Times are milliseconds since the epoch or ISO 8601. */

import { locale } from "../texts/index.js";

type Time = number | string;

const HOUR = 60;

/** What the words depend on: the language, and the reader's time zone by its distances from UTC in winter and summer. */
export function manner(): string {
  return [locale, ...[0, 6].map((month) => new Date(2026, month).getTimezoneOffset())].join(" ");
}

// Making a formatter takes longer than a hundred uses of it.
const made = new Map<string, unknown>();

function kept<T>(kind: string, make: (locale: string) => T): T {
  const key = `${manner()} ${kind}`;
  const known = (made.get(key) as T | undefined) ?? make(locale);
  made.set(key, known);
  return known;
}

/** The formatter of dates, kept. */
export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(JSON.stringify(options), (tag) => new Intl.DateTimeFormat(tag, options));
}

function units(unit: string, digits = 0): Intl.NumberFormat {
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits } as const;
  return kept(`${unit} ${digits}`, (tag) => new Intl.NumberFormat(tag, options));
}

/** A whole number as the language writes it. */
export function numberWords(value: number): string {
  return kept("number", (tag) => new Intl.NumberFormat(tag)).format(value);
}

/** Names one after another: "Alice, Bob and Carol". */
export function listWords(items: readonly string[]): string {
  return kept("list", (tag) => new Intl.ListFormat(tag)).format(items);
}

/** Days from one time's day to the other's, in local time. */
function daysBetween(from: Date, to: Date): number {
  const [a, b] = [from, to].map((each) => Date.UTC(each.getFullYear(), each.getMonth(), each.getDate()));
  return ((b ?? 0) - (a ?? 0)) / 86_400_000;
}

/** "Today", "Yesterday", "Tuesday" within a week, else the date, with its year where that is not this year. */
export function dayWords(at: Time, now: Time = Date.now()): string {
  const day = new Date(at);
  const today = new Date(now);
  const distance = daysBetween(today, day);
  if (Math.abs(distance) <= 1) {
    const words = kept("day", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" })).format(distance, "day");
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
  }
  if (distance < 0 && distance > -7) return dateFormat({ weekday: "long" }).format(day);
  if (day.getFullYear() === today.getFullYear()) return dateFormat({ day: "numeric", month: "long" }).format(day);
  return dateFormat({ day: "numeric", month: "short", year: "numeric" }).format(day);
}

/** "14:05", or as the language writes it. */
export function timeWords(at: Time): string {
  return dateFormat({ timeStyle: "short" }).format(new Date(at));
}

/** "Friday, 20 November 2026", or as the language writes it. */
export function wholeDateWords(at: Time): string {
  return dateFormat({ dateStyle: "full" }).format(new Date(at));
}

/** The whole date and the time to the second. */
export function wholeTimeWords(at: Time): string {
  return dateFormat({ dateStyle: "full", timeStyle: "medium" }).format(new Date(at));
}

/** "14:05 – 14:20"; one time where both are in one minute. */
export function spanWords(start: Time, end: Time): string {
  const [from, to] = [new Date(start), new Date(end)];
  if (daysBetween(from, to) === 0) return dateFormat({ hour: "numeric", minute: "2-digit" }).formatRange(from, to);
  return `${timeWords(start)} – ${timeWords(end)}`;
}

/** From when to when an appointment is: the times of one day, or two dates with times. */
export function periodWords(start: Time, end: Time | null | undefined): string {
  if (!end) return timeWords(start);
  const [from, to] = [new Date(start), new Date(end)];
  if (daysBetween(from, to) === 0) return spanWords(start, end);
  return dateFormat({ dateStyle: "medium", timeStyle: "short" }).formatRange(from, to);
}

/** "12 min", "1 hr 5 min"; at least a minute. */
export function durationWords(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const hours = Math.floor(minutes / HOUR);
  const parts = [];
  if (hours) parts.push(units("hour").format(hours));
  if (minutes % HOUR || !hours) parts.push(units("minute").format(minutes % HOUR));
  return parts.join(" ");
}

/** "0.8 kB", "14 kB", "2.4 MB"; at least 0.1 kB of what is not empty. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000_000) return units("kilobyte", bytes < 10_000 ? 1 : 0).format(Math.max(bytes, bytes && 100) / 1000);
  return units("megabyte", 1).format(bytes / 1_000_000);
}
