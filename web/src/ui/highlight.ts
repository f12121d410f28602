/**
 * Where the words of a search are in a text, by the rule of the server: case, diacritics and how a letter is spelled in
 * Unicode do not matter; a word is found where a word of the text begins with it, and in scripts without spaces, as a
 * symbol, anywhere.
 */

/** A run of text; `hit`: it is one of the words. */
export interface Run {
  readonly text: string;
  readonly hit: boolean;
}

/** Diacritics of Latin, Greek, Cyrillic, Hebrew and Arabic, and what is not seen. Marks of other scripts are letters. */
const IGNORED =
  "\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufe00-\\ufe0f\\ufeff";
const NOT_SEEN = new RegExp(`[${IGNORED}]`, "gu");
/** Thai, Lao, Tibetan, Burmese, Khmer, kana, bopomofo, Han. */
const UNSPACED =
  "\\u0e00-\\u0eff\\u0f00-\\u0fff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3041-\\u3096\\u3099\\u309a\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff\\u3105-\\u312f\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
/** A letter or digit of a script with spaces, or a mark of an Indian one. */
const LETTER = `(?![${UNSPACED}])[\\p{L}\\p{N}\\u0900-\\u0963\\u0966-\\u0dff]`;
const WORD = new RegExp(`[${UNSPACED}]+|(?:${LETTER})+|\\p{S}`, "gu");
const FOUND_ANYWHERE = new RegExp(`^(?:[${UNSPACED}]|\\p{S})`, "u");

function fold(text: string): string {
  const plain = text.normalize("NFKD").replace(NOT_SEEN, "").toLowerCase();
  return plain.replace(/[ßς_]/g, (each) => ({ ß: "ss", ς: "σ" })[each] ?? " ");
}

/** What finds the words in a folded text, or null where there are none. */
function patternOf(query: string): RegExp | null {
  const words = [...new Set(fold(query).match(WORD) ?? [])].sort((a, b) => b.length - a.length);
  const patterns = words.map((word) => {
    const literal = word.replace(/[$^+|~`=<>\\]/g, "\\$&"); // of the symbols, those that a pattern reads otherwise
    return FOUND_ANYWHERE.test(word) ? literal : `(?<!${LETTER})${literal}`;
  });
  return words.length ? new RegExp(patterns.join("|"), "gu") : null;
}

/** The text in runs, whose texts together are the text. */
export function highlight(text: string, query: string): readonly Run[] {
  const pattern = patternOf(query);
  if (!pattern) return [{ text, hit: false }];
  let folded = "";
  const from: number[] = []; // for each place of the folded text, where its character begins in the text
  let place = 0;
  for (const character of text) {
    const plain = fold(character);
    folded += plain;
    for (let each = 0; each < plain.length; each += 1) from.push(place);
    place += character.length;
  }
  const runs: Run[] = [];
  const add = (start: number, end: number, hit: boolean) =>
    end > start && runs.push({ text: text.slice(start, end), hit });
  let done = 0;
  for (const { index, 0: found } of folded.matchAll(pattern)) {
    const last = from[index + found.length - 1];
    const start = Math.max(done, from[index] ?? text.length);
    const end = from.slice(index + found.length).find((each) => each !== last) ?? text.length;
    add(done, start, false);
    add(start, end, true);
    done = Math.max(done, end);
  }
  add(done, text.length, false);
  return runs;
}
