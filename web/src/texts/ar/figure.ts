import { locale } from "../index.js";

let made = new Intl.NumberFormat("ar");
let madeFor = "ar";

/** A number in the figures of the reader's region: ١٢ in Egypt, 12 in Morocco. */
export function figure(value: number): string {
  if (madeFor !== locale) {
    made = new Intl.NumberFormat(locale);
    madeFor = locale;
  }
  return made.format(value);
}
