/** Finds links in plain text. What it gives is text and checked addresses, never markup. */

/** A run of text, or a link: `href` is parsed and of http, https or mailto. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
}

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** Bidirectional controls end a link: inside one they could make it read as another. */
const BIDI = "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const LOCAL = "\\p{L}\\p{N}._%+'\\-";

/**
 * Candidates. The look-behinds let a match begin only where a run of its characters begins: so a long run is tried once,
 * not from each of its characters.
 */
const CANDIDATE = new RegExp(
  `(?<![\\p{L}\\p{N}_])(?:https?://|www\\.|mailto:)[^\\s<>"${BIDI}]+|(?<![${LOCAL}@/])[${LOCAL}]+@[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+`,
  "giu",
);

const PUNCTUATION = new Set([...".,:;!?'\"`*_~»”’…،؛؟。、！？"]);
const BRACKETS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{", "）": "（" };

/** The text in pieces, whose texts together are the text. */
export function linkify(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trimmed(match[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (match.index > done) pieces.push({ text: text.slice(done, match.index) });
    pieces.push({ text: shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done) });
  return pieces;
}

/** Without what follows a link in a sentence: punctuation, and brackets that were not opened in it. */
function trimmed(candidate: string): string {
  const open = new Map<string, number>();
  for (const [close, opening] of Object.entries(BRACKETS)) {
    open.set(close, candidate.split(opening).length - candidate.split(close).length);
  }
  let end = candidate.length;
  for (; end > 0; end--) {
    const last = candidate.charAt(end - 1);
    const balance = open.get(last);
    if (balance !== undefined && balance < 0) open.set(last, balance + 1);
    else if (!PUNCTUATION.has(last)) break;
  }
  return candidate.slice(0, end);
}

function hrefOf(shown: string): string | undefined {
  const written = /^(?:https?:|mailto:)/i.test(shown);
  const given = written
    ? shown
    : shown.includes("@") && !/^www\./i.test(shown)
      ? `mailto:${shown}`
      : `https://${shown}`;
  const url = parsed(given);
  if (!url || !SCHEMES.has(url.protocol)) return undefined;
  const complete = url.protocol === "mailto:" ? /.@./.test(url.pathname) : url.hostname.length > 4 || written;
  return complete ? url.href : undefined;
}

function parsed(given: string): URL | null {
  try {
    return new URL(given);
  } catch {
    return null; // not a URL after all
  }
}

/** Emoji as people see them, three at most in a row. */
// biome-ignore lint/complexity/useRegexLiterals: TypeScript knows the flag `v` from ES2024 on only
const EMOJI = new RegExp("^\\s*(?:\\p{RGI_Emoji}\\s*){1,3}$", "v");

/** Whether a text is nothing but one to three emoji, which is shown larger. */
export function isEmoji(text: string): boolean {
  return text.length <= 48 && EMOJI.test(text);
}
