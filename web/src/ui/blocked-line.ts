/** Opens chat windows; one that the browser blocked can be opened as a tab instead. */

import { css, html, LitElement, nothing } from "lit";
import { addressOf, openChat, type Target } from "../client/windows.js";
import { text } from "../texts/index.js";
import { closeIcon, warningIcon } from "./icons.js";
import { vanish } from "./tell.js";
import { shared } from "./theme.js";

/** `<company-chat-blocked .page>`: `page` is the one for chat windows. It shows nothing while none is blocked. */
export class BlockedLine extends LitElement {
  static override properties = { page: {}, blocked: { state: true } };

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        flex: none;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 12px;
        padding: 6px 16px;
        border-block-end: 1px solid var(--chat-border);
        background: var(--chat-accent-soft);
        font-size: 0.875rem;
      }
      span {
        flex: 1 1 12rem;
      }
      a {
        color: inherit;
        font-weight: 600;
      }
    `,
  ];

  declare page: string;
  declare blocked: Target | null;

  constructor() {
    super();
    this.page = "";
    this.blocked = null;
  }

  /** Open a chat's window, or bring it to the front. */
  open(target: Target): void {
    this.blocked = openChat(this.page, target) ? null : target;
  }

  override render() {
    return html`<div role="alert">${this.blocked ? this.renderLine(this.blocked) : nothing}</div>`;
  }

  private renderLine(target: Target) {
    const { blocked, openTab, close } = text.account;
    return html`<div class="line">
      ${warningIcon()}
      <span>
        ${blocked}
        <a href=${addressOf(this.page, target)} target="_blank" rel="noopener noreferrer" @click=${this.close}>${openTab}</a>
      </span>
      <button class="icon" aria-label=${close} @click=${this.close}>${closeIcon()}</button>
    </div>`;
  }

  private close(): void {
    vanish(this);
    this.blocked = null;
  }
}

customElements.define("company-chat-blocked", BlockedLine);
