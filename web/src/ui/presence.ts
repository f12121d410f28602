/** How a contact appears: a colour and a shape, with a name for those who see neither. */

import { css, html, LitElement, nothing } from "lit";
import type { Appearance } from "../state/selectors.js";
import { text } from "../texts/index.js";

/** What is cut out of the dot: a check, the hands of a clock, a bar, or its middle. */
const SHAPES: Readonly<Record<Appearance, string>> = {
  available: "m3.4 6.2 1.8 1.8 3.4-3.7",
  away: "M6 3v3.2l2 1.3",
  busy: "M3.4 6h5.2",
  unavailable: "",
};

/**
 * `<company-chat-presence .appearance>`; with the attribute `decorative` where the words stand beside it.
 *
 * Its size is `--presence-size`, 12 px where that is not set.
 */
export class Presence extends LitElement {
  static override properties = { appearance: {}, decorative: { type: Boolean } };

  static override styles = css`
    :host {
      display: inline-block;
      flex: none;
      inline-size: var(--presence-size, 12px);
      block-size: var(--presence-size, 12px);
    }
    svg {
      display: block;
      inline-size: 100%;
      block-size: 100%;
      --cut: var(--chat-surface);
    }
    circle {
      fill: var(--dot);
    }
    path {
      fill: none;
      stroke: var(--cut);
      stroke-width: 1.5;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    .available {
      --dot: var(--chat-available);
    }
    .away {
      --dot: var(--chat-away);
    }
    .busy {
      --dot: var(--chat-busy);
    }
    .unavailable circle {
      fill: var(--cut);
      stroke: var(--chat-unavailable);
      stroke-width: 1.75;
    }
    @media (forced-colors: active) {
      svg {
        forced-color-adjust: none;
        --cut: Canvas;
        --dot: CanvasText;
      }
      .unavailable circle {
        stroke: CanvasText;
      }
    }
  `;

  declare appearance: Appearance;
  declare decorative: boolean;

  constructor() {
    super();
    this.appearance = "unavailable";
    this.decorative = false;
  }

  override render() {
    const { appearance, decorative } = this;
    return html`<svg
      viewBox="0 0 12 12"
      class=${appearance}
      role=${decorative ? nothing : "img"}
      aria-label=${decorative ? nothing : text.account.appearances[appearance]}
      aria-hidden=${decorative ? "true" : nothing}
    >
      <circle cx="6" cy="6" r=${appearance === "unavailable" ? 4.9 : 6} />
      <path d=${SHAPES[appearance]} />
    </svg>`;
  }
}

customElements.define("company-chat-presence", Presence);
