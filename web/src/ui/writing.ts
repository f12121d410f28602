/** Rules of what can be written, and of telling the contact that the user is writing. */

/** Bytes of UTF-8 that a message may have. */
export const MOST_BYTES = 16_384;

/** Bytes that it may have as a JSON string, as the server counts too: a frame has room for more than that. */
const MOST_ESCAPED = 28 * 1024;

/** The counter shows from this many bytes on. */
const COUNT_FROM = MOST_BYTES * 0.9;

/** What XML 1.0 does not allow (§2.2): no XMPP client could be sent it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu;

/** The text without the characters that cannot be sent. */
export function allowed(text: string): string {
  return text.replace(FORBIDDEN, "");
}

/** The text as it is sent: without blank lines before and white space behind it; "" if nothing is left. */
export function bodyOf(text: string): string {
  return text.replace(/^\s*\n/, "").trimEnd();
}

const encoder = new TextEncoder();

const sizeOf = (text: string) => encoder.encode(text).length;

/**
 * Bytes left in a message, where it is worth saying; negative where the text is too long.
 *
 * Quotes, backslashes and line ends take two bytes each in a frame: a text of little else reaches its limit first.
 */
export function bytesLeft(text: string): number | null {
  if (text.length * 3 < COUNT_FROM) return null;
  const body = bodyOf(text);
  const inFrame = Math.floor((MOST_ESCAPED - sizeOf(JSON.stringify(body))) / 2);
  const left = Math.min(MOST_BYTES - sizeOf(body), inFrame);
  return left > MOST_BYTES - COUNT_FROM ? null : left;
}

/** Told again at most this often, in milliseconds (the protocol's rule). */
const REPEAT = 5_000;
/** Without a key for so long, the user has stopped. */
const SILENCE = 10_000;

/** Tells that the user is writing: at most every five seconds, and once when it is over. */
export class WritingSignal {
  private told = Number.NEGATIVE_INFINITY;
  private active = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly tell: (active: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A key changed the text. */
  wrote(text: string): void {
    if (!text.trim()) return this.stopped();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stopped(), SILENCE);
    if (this.active && this.now() - this.told < REPEAT) return;
    this.told = this.now();
    this.active = true;
    this.tell(true);
  }

  /** The text was emptied or left alone, or the window goes. */
  stopped(): void {
    const active = this.active;
    this.sent();
    if (active) this.tell(false);
  }

  /** The text was sent. Nothing is told: the message itself ends its writing, which saves a request for each. */
  sent(): void {
    clearTimeout(this.timer);
    this.active = false;
  }
}
