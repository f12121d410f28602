/** How the connection is, in one quiet line; nothing at all while all is well. */

import { css, html, nothing, type PropertyValues } from "lit";
import { text } from "../texts/index.js";
import { type Line, lineOf } from "./connection-line.js";
import { Part } from "./part.js";
import { vanish } from "./tell.js";
import { shared } from "./theme.js";

/** Milliseconds for which the end of trouble is shown. */
const RELIEF = 2500;

/** `<company-chat-state-line .client .state>`. */
export class StateLine extends Part {
  static override properties = {
    ...Part.properties,
    relieved: { state: true },
  };

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        font-size: 0.8125rem;
      }
      p {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 4px 8px;
        animation: appear 0.3s;
      }
      .slow {
        animation-delay: 0.7s;
        animation-fill-mode: backwards; /* most connections open sooner, and need no word */
      }
      p::before {
        content: "";
        flex: none;
        inline-size: 8px;
        block-size: 8px;
        border-radius: 50%;
        background: var(--chat-away);
      }
      .well::before {
        background: var(--chat-available);
      }
      .unplugged::before {
        border-radius: 1px;
        background: var(--chat-busy);
      }
      span {
        font-variant-numeric: tabular-nums;
      }
      button {
        min-block-size: 28px;
        padding: 2px 8px;
      }
      @media (pointer: coarse) {
        button {
          min-block-size: 44px;
        }
      }
      @keyframes appear {
        from {
          opacity: 0;
        }
      }
    `,
  ];

  declare relieved: boolean;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private relief: ReturnType<typeof setTimeout> | undefined;
  private line: Line = "well";
  private troubled = false;

  constructor() {
    super();
    this.relieved = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
    clearTimeout(this.relief);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("state")) return;
    const line = lineOf(this.state);
    if (line === this.line) return;
    this.line = line;
    clearInterval(this.ticking);
    if (line === "waiting") this.ticking = setInterval(() => this.requestUpdate(), 1000);
    if (line === "waiting" || line === "unplugged") this.troubled = true;
    if (line === "well" && this.troubled) this.relieve();
  }

  private relieve(): void {
    this.troubled = false;
    this.relieved = true;
    clearTimeout(this.relief);
    this.relief = setTimeout(() => {
      this.relieved = false;
    }, RELIEF);
  }

  private connect(): void {
    vanish(this);
    this.client.command({ do: "connect" });
  }

  override render() {
    return html`<div class="visually-hidden" role="status">${this.spoken()}</div>
      ${this.renderLine()}`;
  }

  /** Without the seconds, which a screen reader would read out one by one. */
  private spoken(): string | typeof nothing {
    const { line } = text.account;
    if (this.line === "waiting") return line.noConnection;
    if (this.line === "unplugged") return line.unplugged;
    return this.line === "well" && this.relieved ? line.connected : nothing;
  }

  private renderLine() {
    const { line } = text.account;
    const { connection } = this.state;
    switch (this.line) {
      case "well":
        return this.relieved ? html`<p class="well quiet"><span>${line.connected}</span></p>` : nothing;
      case "waiting": {
        const left = connection.phase === "waiting" ? Math.ceil((connection.until - Date.now()) / 1000) : 0;
        return html`<p class="quiet">
          <span>${line.waiting(Math.max(0, left))}</span>
          <button @click=${this.connect}>${line.now}</button>
        </p>`;
      }
      case "unplugged":
        return html`<p class="unplugged quiet"><span>${line.unplugged}</span></p>`;
      default:
        return html`<p class="slow quiet">
          <span>${this.line === "fetching" ? line.fetching : line.connecting}</span>
        </p>`;
    }
  }
}

customElements.define("company-chat-state-line", StateLine);
