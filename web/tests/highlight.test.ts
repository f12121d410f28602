import { expect, test } from "vitest";
import { highlight } from "../src/ui/highlight.js";

/** The text with what is marked in brackets. */
const marked = (text: string, words: string) =>
  highlight(text, words)
    .map((run) => (run.hit ? `[${run.text}]` : run.text))
    .join("");

test.each([
  ["beginnings of words", "The harbour people, harboured", "harb", "The [harb]our people, [harb]oured"],
  ["not what is inside of one", "seaharbour", "harb", "seaharbour"],
  ["all words", "one offer for the harbour", "harb OFF", "one [off]er for the [harb]our"],
  ["the longer of two that begin alike", "offers", "off offer", "[offer]s"],
  ["any case", "HARBOUR", "harbour", "[HARBOUR]"],
  ["without diacritics", "Café Ångström", "cafe angst", "[Café] [Ångst]röm"],
  ["with diacritics that are written apart", "Cafe\u0301 au lait", "café", "[Cafe\u0301] au lait"],
  ["ß as ss", "In der Straße", "strass", "In der [Straß]e"],
  ["a half of ß", "Straße", "stras", "[Straß]e"],
  ["final sigma", "ΛΌΓΟΣ λόγος", "λογος", "[ΛΌΓΟΣ] [λόγος]"],
  ["Arabic without vowel signs", "العَرْضُ الأول", "العرض", "[العَرْضُ] الأول"],
  ["anywhere in scripts without spaces", "来週の会議について", "会議", "来週の[会議]について"],
  ["parts of a name with underscores", "harbour_offer_2.pdf", "offer pdf", "harbour_[offer]_2.[pdf]"],
  ["symbols", "ready 🎉 at last", "🎉", "ready [🎉] at last"],
  ["what a pattern would read otherwise", "1 + 1 = $2 ^^", "+ $ ^", "1 [+] 1 = [$]2 [^][^]"],
  ["an end with marks", "re\u0301sume\u0301", "resume", "[re\u0301sume\u0301]"],
])("marks %s", (_, text, words, expected) => {
  expect(marked(text, words)).toBe(expected);
});

test.each(["", "   ", "…!?", "()[]{}.*\\"])("marks nothing where there is no word: %j", (words) => {
  expect(highlight("a (b) [c] .* …", words)).toEqual([{ text: "a (b) [c] .* …", hit: false }]);
});

test("the runs together are the text, whatever it is", () => {
  for (const text of ["", "ﬁne ﬀ ½ ㎞", "👨‍👩‍👧 family", "\ud800 broken", "İstanbul ıŞık", "한국어 각"])
    for (const words of ["f fi 1 k", "👨 family", "istanbul", "한 가"])
      expect(
        highlight(text, words)
          .map((run) => run.text)
          .join(""),
      ).toBe(text);
});
