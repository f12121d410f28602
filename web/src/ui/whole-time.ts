/** Whole dates, for where the short words of `day.ts` are not enough. */

import { language } from "../texts/index.js";

// Making a formatter takes longer than a hundred uses of it.
const made = new Map<string, Intl.DateTimeFormat>();

function written(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = language + (options.timeStyle ?? "");
  const format = made.get(key) ?? new Intl.DateTimeFormat(language, options);
  made.set(key, format);
  return format.format(at);
}

/** "Friday, 20 November 2026", or as the language writes it. */
export function wholeDate(at: number): string {
  return written(at, { dateStyle: "full" });
}

/** The whole date and the time to the second. */
export function wholeTime(at: number): string {
  return written(at, { dateStyle: "full", timeStyle: "medium" });
}
