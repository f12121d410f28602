/**
 * Every text of the page, by language. A text with a number or a name in it is a function.
 *
 * To add a language: a folder like `en/` with the same texts (the compiler tells what is missing), a line in `LANGUAGES`.
 */

import { en } from "./en/index.js";

/** The shape of a language: that of English, with any words. */
type Words<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...of: infer A) => string
      ? (...of: A) => string
      : Words<T[K]>;
};
export type Texts = Words<typeof en>;

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
/** BCP 47 tag of the present language, for dates, numbers and sorting. */
export let language = "en";
export let direction: "ltr" | "rtl" = "ltr";

/** The language that fits best: the user's choice, else the browser's, else English. */
export function bestLanguage(chosen: string | null, browser: readonly string[] = navigator.languages): string {
  const wanted = [chosen ?? "", ...browser].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return wanted.find((tag) => tag in LANGUAGES) ?? "en";
}

/** Change `text`, `language` and `direction`; whoever shows texts has to render again. */
export async function speak(tag: string): Promise<void> {
  const found = LANGUAGES[tag];
  if (!found || tag === language) return;
  text = await found.load();
  language = tag;
  direction = found.direction;
}
