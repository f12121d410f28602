/** Tells of new messages: by a browser notification, by a sound, and to screen readers. */

import type { Client } from "../client/client.js";
import type { Notice } from "../client/commands.js";
import type { Address, State } from "../state/model.js";
import { isReceptive, nameOf } from "../state/selectors.js";
import { text } from "../texts/index.js";

/** What the browser says to notifications; `none` where it has none. */
export type Permission = NotificationPermission | "none";

/** Milliseconds between two sounds, at least. */
const REST = 1000;
/** Characters of a message that a notification shows. */
const LENGTH = 200;
/** The two tones: hertz, and seconds after the beginning. */
const TONES = [
  [660, 0],
  [880, 0.12],
] as const;

export function mayNotify(): Permission {
  return "Notification" in globalThis && isSecureContext ? Notification.permission : "none";
}

/** What a notification of a message says; to an alias, with who wrote it. */
export function wordsOf(notice: Notice, state: State): { readonly title: string; readonly body: string } {
  const body =
    notice.sender === notice.contact ? notice.body : text.account.notice.of(nameOf(state, notice.sender), notice.body);
  return { title: nameOf(state, notice.contact), body: body.length > LENGTH ? `${body.slice(0, LENGTH - 1)}…` : body };
}

export class Announcer {
  /** Called when a notification is clicked. */
  open: (contact: Address) => void = () => {};
  /** Called with a sentence for screen readers. */
  say: (sentence: string) => void = () => {};
  /** Address of the picture in notifications. */
  icon = "";
  private audio: AudioContext | undefined;
  private lastSound = Number.NEGATIVE_INFINITY;

  constructor(private readonly client: Client) {
    client.onNotice((notice) => this.announce(notice));
  }

  private announce(notice: Notice): void {
    const { state } = this.client;
    if (!isReceptive(state)) return;
    this.say(text.account.notice.from(nameOf(state, notice.contact)));
    if (state.preferences.sound) this.sound();
    if (notice.visual && state.preferences.notifications && mayNotify() === "granted") this.notify(notice, state);
  }

  /** The next message of the same contact takes the place of this one, without another alarm. */
  private notify(notice: Notice, state: State): void {
    const { title, body } = wordsOf(notice, state);
    try {
      const tag = `company-chat ${notice.contact}`;
      const shown = new Notification(title, {
        body,
        tag,
        silent: true,
        dir: "auto",
        ...(this.icon ? { icon: this.icon } : {}),
      });
      shown.onclick = () => {
        shown.close();
        window.focus();
        this.open(notice.contact);
      };
    } catch {
      // Chrome on Android has the class, but lets only service workers use it.
    }
  }

  /** Two soft tones of 0.35 s. Browsers let a page sound only once somebody has touched it. */
  private sound(): void {
    const now = Date.now();
    if (now - this.lastSound < REST || !navigator.userActivation?.hasBeenActive) return;
    this.lastSound = now;
    this.audio ??= new AudioContext();
    const { audio } = this;
    void audio.resume();
    for (const [frequency, after] of TONES) {
      const tone = new OscillatorNode(audio, { frequency });
      const loudness = new GainNode(audio, { gain: 0 });
      const start = audio.currentTime + after;
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(0.08, start + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0005, start + 0.22);
      tone.connect(loudness).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.23);
    }
  }
}
