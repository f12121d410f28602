/** What a screen reader is told by itself: the sentences of one moment together, and a sentence again though it is the same. */

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";

/** Milliseconds for which sentences are gathered: what follows at once would cut off the one before. */
const GATHER = 300;

export class Speaker implements ReactiveController {
  private said = "";
  /** What is said is a new element each time: the same text in the same place is silent. */
  private turn = 0;
  private next: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.next = [];
  }

  say(sentence: string): void {
    this.next.push(sentence);
    this.timer ??= setTimeout(() => this.speak(), GATHER);
  }

  private speak(): void {
    this.timer = undefined;
    this.said = this.next.join(" ");
    this.next = [];
    this.turn += 1;
    this.host.requestUpdate();
  }

  /** The live region, for the host's template. */
  render(): TemplateResult {
    return html`<div class="visually-hidden" role="status">${keyed(this.turn, html`<p>${this.said}</p>`)}</div>`;
  }
}
