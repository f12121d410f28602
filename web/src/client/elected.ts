/**
 * One of the windows runs the service for all of them: who holds a lock. They speak over a BroadcastChannel.
 *
 * A window that is closed passes the lock on. One that is frozen keeps it, so whoever misses an answer asks for the
 * service, and takes the lock away from one that does not say a word.
 */

import { Hub, type Port } from "../service/hub.js";
import type { Downward, Settings, Transport, Upward } from "./client.js";

/** Milliseconds that a window which runs the service may be silent before another one takes over. */
const SILENCE = 4000;
/** Milliseconds in which a command should be taken. */
const PROMPT = 2000;
/** Milliseconds between two questions of a visible window, whether the service is still there. */
const BEAT = 20_000;
/** Milliseconds for which a window that runs the service need not look whether it has the lock: fewer than SILENCE. */
const SURE = 1000;

/** On the channel; `by`, `from` and `to` name windows, `to` is "" for whichever runs the service. */
type Word =
  | { readonly word: "up"; readonly from: string; readonly to: string; readonly message: Upward }
  /** A command was taken: the oldest of those that were not. */
  | { readonly word: "taken"; readonly by: string; readonly to: string }
  | { readonly word: "down"; readonly by: string; readonly to: string; readonly message: Downward }
  /** A window has begun to run the service. */
  | { readonly word: "here"; readonly by: string }
  | { readonly word: "anybody?" }
  | { readonly word: "yes"; readonly by: string };

type Raised = Extract<Word, { readonly word: "up" | "anybody?" }>;

/**
 * `seeking`: no service has answered yet. `following`: another window runs it. `doubting`: it does not answer.
 * `running`: this window runs it. Commands wait while seeking and doubting.
 */
type Phase = "seeking" | "following" | "doubting" | "running";

export class Elected implements Transport {
  private phase: Phase = "seeking";
  private readonly channel: BroadcastChannel;
  private readonly lock: string;
  private listener: (message: Downward) => void = () => undefined;
  private lost: () => void = () => undefined;
  private standing: AbortController | undefined;
  private doubt: Timer;
  private prompt: Timer;

  /** Who runs the service, as far as this window knows: one that slept may still believe that it does. */
  private runner = "";
  /** Commands that wait until somebody surely takes them. */
  private held: Upward[] = [];
  /** Commands that were sent to who runs the service, and may have found nobody. */
  private sent: Upward[] = [];

  private hub: Hub | undefined;
  private readonly ports = new Map<string, Port>();
  /** What came up, until it is sure that this window still runs the service. */
  private raised: Raised[] = [];
  private sureUntil = 0;
  private looking = false;
  /** Who holds the lock, as the browser names this window; "" where that cannot be known. */
  private holder = "";

  constructor(
    settings: Settings,
    private readonly window: string,
  ) {
    const name = `company-chat ${settings.api}`;
    this.lock = `${name} service`;
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }: MessageEvent<Word>) => this.hear(data);
  }

  receive(listener: (message: Downward) => void, lost: () => void): void {
    this.listener = listener;
    this.lost = lost;
    if (this.standing) return;
    this.stand(false);
    setInterval(() => globalThis.document?.visibilityState !== "hidden" && this.ask(), BEAT);
  }

  send(message: Upward): void {
    const isCommand = message.say === "command";
    if (this.hub) this.raise({ word: "up", from: this.window, to: this.window, message });
    else if (isCommand && this.phase !== "following") this.held.push(message);
    else {
      if (isCommand) this.sent.push(message);
      this.say({ word: "up", from: this.window, to: isCommand ? this.runner : "", message });
      if (isCommand) this.expect();
    }
    if (message.say === "attach") this.wait();
    if (message.say === "wake") this.ask();
  }

  private say(word: Word): void {
    this.channel.postMessage(word);
  }

  private hear(word: Word): void {
    switch (word.word) {
      case "up":
        if (this.hub && (!word.to || word.to === this.window)) this.raise(word);
        return;
      case "anybody?":
        if (this.hub) this.raise(word);
        return;
      default:
        if (!this.hub) this.follow(word);
    }
  }

  /** A word of the window that runs the service, or of one that believes it does. */
  private follow(word: Exclude<Word, Raised>): void {
    switch (word.word) {
      case "taken":
        if (word.to !== this.window || word.by !== this.runner) return;
        this.sent.shift();
        return this.expect();
      case "down":
        if (word.to !== this.window) return;
        if (word.message.say === "snapshot") this.runner = word.by;
        if (word.by !== this.runner) return;
        this.listener(word.message);
        return this.found(word.by);
      case "here":
        this.runner = ""; // whoever it is knows nobody yet
        return this.found(word.by);
      case "yes":
        return this.found(word.by);
    }
  }

  /** Ask whether anybody runs the service; who does not answer is replaced. */
  private ask(): void {
    if (this.hub || this.doubt) return;
    this.say({ word: "anybody?" });
    if (this.phase === "following") this.phase = "doubting";
    this.wait();
  }

  /** An answer is due. */
  private wait(): void {
    if (this.hub) return;
    this.doubt ??= setTimeout(() => {
      this.doubt = undefined;
      this.stand(true);
    }, SILENCE);
  }

  /** What was sent is to be taken soon, or the service is doubted. */
  private expect(): void {
    clearTimeout(this.prompt);
    if (this.sent.length) this.prompt = setTimeout(() => this.ask(), PROMPT);
  }

  /** The service answers, over there or here. */
  private found(by: string): void {
    clearTimeout(this.doubt);
    this.doubt = undefined;
    const isOther = by !== this.runner;
    this.runner = by;
    this.phase = this.hub ? "running" : "following";
    if (isOther) {
      clearTimeout(this.prompt);
      this.held.unshift(...this.sent.splice(0));
      this.lost();
    }
    for (const message of this.held.splice(0)) this.send(message);
  }

  /** Become the one that runs the service: in turn, or at once instead of a window that does not answer. */
  private stand(steal: boolean): void {
    this.standing?.abort();
    const standing = new AbortController();
    this.standing = standing;
    let own: Hub | undefined;
    const hold = () => {
      own = this.run();
      return new Promise<never>(() => undefined);
    };
    const how = steal ? { steal } : { signal: standing.signal };
    navigator.locks.request(this.lock, how, hold).catch((error: DOMException) => {
      if (!own && standing.signal.aborted) return; // it stands in another way
      if (error.name !== "AbortError") return void this.run(); // no locks here, in a sandbox: each window for itself
      this.giveUp(own);
      this.stand(false);
    });
  }

  private run(): Hub {
    const hub = new Hub();
    this.hub = hub;
    this.ports.clear();
    this.holder = "";
    this.sureUntil = 0;
    this.say({ word: "here", by: this.window });
    this.found(this.window);
    return hub;
  }

  /** Another window took over while this one slept. */
  private giveUp(stale: Hub | undefined): void {
    stale?.close();
    if (this.hub !== stale) return;
    // The others say theirs again, to the next one.
    for (const each of this.raised.splice(0))
      if (each.word === "up" && each.from === this.window && each.message.say === "command")
        this.held.push(each.message);
    this.hub = undefined;
    this.phase = "seeking";
    this.runner = "";
    this.lost();
  }

  /** Something came up for the service, from this window or another one. */
  private raise(word: Raised): void {
    this.raised.push(word);
    if (!this.looking) void this.takeRaised();
  }

  /** Act only with the lock: one that slept hears late that it has lost it, and before that what waits for the next. */
  private async takeRaised(): Promise<void> {
    this.looking = true;
    try {
      while (this.hub && this.raised.length) {
        const { hub } = this;
        if (Date.now() >= this.sureUntil) {
          if (!(await this.holds())) return; // the browser is about to say so, too
          if (this.hub !== hub) continue;
          this.sureUntil = Date.now() + SURE;
        }
        for (const word of this.raised.splice(0)) this.take(word);
      }
    } finally {
      this.looking = false;
    }
  }

  private take(word: Raised): void {
    if (word.word === "anybody?") return this.say({ word: "yes", by: this.window });
    const { from, message } = word;
    this.hub?.take(this.portOf(from), message);
    if (message.say === "command" && from !== this.window) this.say({ word: "taken", by: this.window, to: from });
  }

  private async holds(): Promise<boolean> {
    const { held = [] } = await navigator.locks.query().catch(() => ({ held: [] }));
    const holder = held.find(({ name }) => name === this.lock)?.clientId ?? "";
    this.holder ||= holder;
    return holder === this.holder;
  }

  private portOf(to: string): Port {
    const found = this.ports.get(to);
    if (found) return found;
    const post = (message: Downward) =>
      to === this.window ? this.listener(message) : this.say({ word: "down", by: this.window, to, message });
    const made: Port = { post, gone: () => this.ports.delete(to) };
    this.ports.set(to, made);
    return made;
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined;
