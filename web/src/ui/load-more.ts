/** The end of a list that has more pages: the next one is asked for when it comes near the screen, or by the button. */

import { css, html, LitElement, nothing } from "lit";
import type { Paged } from "../state/model.js";
import { text } from "../texts/index.js";
import { problemNote } from "./placeholders.js";
import { shared } from "./theme.js";

/** Pixels beyond the edge of the screen at which the next page is asked for. */
const NEAR = 240;

/** What stands below a list: why its last page did not come, and the way to the next one. */
export function listEnd({ cursor, loading, problem }: Paged<unknown>, load: (more: boolean) => void) {
  return html`${problem ? problemNote(problem, () => load(cursor !== null)) : nothing}
    ${
      cursor
        ? html`<company-chat-load-more .busy=${loading} .halted=${problem !== undefined} @more=${() => load(true)}>
          </company-chat-load-more>`
        : nothing
    }`;
}

/** `<company-chat-load-more .busy .halted>`: event `more`. While `halted`, only the button asks. */
export class LoadMore extends LitElement {
  static override properties = { busy: { type: Boolean }, halted: { type: Boolean } };

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        justify-items: center;
        padding: 12px;
      }
    `,
  ];

  declare busy: boolean;
  declare halted: boolean;

  private observer: IntersectionObserver | undefined;

  constructor() {
    super();
    this.busy = false;
    this.halted = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
  }

  override render() {
    return html`<button type="button" aria-disabled=${this.busy || nothing} @click=${this.more}>
      ${this.busy ? text.people.preview.loading : text.people.preview.earlier}
    </button>`;
  }

  /** A new observer tells at once whether the end is near: it may still be after a page has come. */
  protected override updated(): void {
    this.observer?.disconnect();
    if (this.busy || this.halted) return;
    this.observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && this.more(),
      {
        root: this.closest(".scroller"),
        rootMargin: `${NEAR}px`,
      },
    );
    this.observer.observe(this);
  }

  private more(): void {
    if (!this.busy) this.dispatchEvent(new CustomEvent("more"));
  }
}

customElements.define("company-chat-load-more", LoadMore);
