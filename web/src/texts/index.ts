/**
 * Every text of the page, by language. A text with a number or a name in it is a function.
 *
 * To add a language: a folder like `en/` with the same texts (the compiler tells what is missing), a line in `LANGUAGES`.
 */

import { en } from "./en/index.js";
import type { mail } from "./en/mail.js";

/** The shape of a language: that of English, with any words. */
type Words<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...of: infer A) => string
      ? (...of: A) => string
      : Words<T[K]>;
};
export type MailTexts = Words<typeof mail>;
/** `mail` comes with the language, except in English, where it comes with the parts that show it: see `mail.ts`. */
export type Texts = Words<typeof en> & { readonly mail?: MailTexts };

interface Language {
  /** As its readers call it. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  load(): Promise<Texts>;
}

export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: "English", direction: "ltr", load: () => Promise.resolve(en) },
  ar: { name: "العربية", direction: "rtl", load: async () => (await import("./ar/index.js")).ar },
};

/** The texts of the present language. */
export let text: Texts = en;
/** The present language: one of `LANGUAGES`. */
export let language = "en";
/** BCP 47 tag of the present language with the reader's region, where it is known: for dates and numbers. */
export let locale = "en";
export let direction: "ltr" | "rtl" = "ltr";

/** A language with a region, and perhaps a script before it: the only tags that are taken as they are. */
const REGIONAL = /^[a-z]{2,3}(-[a-z]{4})?-([a-z]{2}|\d{3})$/i;

/**
 * The language that fits best: the user's choice, else the browser's, else English. It comes with the region of the first
 * of these tags that has one: a reader in Britain who chooses English goes on reading British dates.
 */
export function bestLocale(chosen: string | null, browser: readonly string[] = navigator.languages): string {
  const wanted = [chosen ?? "", ...browser];
  const best = wanted.map(languageOf).find((tag) => tag in LANGUAGES) ?? "en";
  return wanted.find((tag) => languageOf(tag) === best && REGIONAL.test(tag)) ?? best;
}

function languageOf(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "";
}

/** Change `text`, `language`, `locale` and `direction`; whoever shows texts has to render again. */
export async function speak(tag: string): Promise<void> {
  const name = languageOf(tag);
  const found = LANGUAGES[name];
  if (!found) return;
  if (name !== language) text = await found.load();
  language = name;
  locale = tag;
  direction = found.direction;
}
