/** What stands in place of the log-in form where the webmail signs its users on. */

import { css, html } from "lit";
import { text } from "../texts/index.js";
import { chatIcon, warningIcon } from "./icons.js";
import { Part } from "./part.js";
import { sentenceOf } from "./problems.js";
import type { SignOn } from "./sign-on.js";
import { shared } from "./theme.js";

/** `<company-chat-sign-on .state .signOn>`. */
export class SignOnPanel extends Part {
  static override properties = {
    ...Part.properties,
    signOn: { attribute: false, hasChanged: () => true },
  };

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        min-block-size: 100%;
        place-items: center;
        padding: 24px 16px;
      }
      section {
        display: grid;
        justify-items: center;
        gap: 12px;
        max-inline-size: 44ch;
        text-align: center;
        overflow-wrap: anywhere;
      }
      h1 {
        font-size: 1.125rem;
      }
      svg {
        inline-size: 32px;
        block-size: 32px;
        color: var(--chat-text-quiet);
      }
    `,
  ];

  declare signOn: SignOn;

  override render() {
    const { signOn } = text.account;
    const { problem, pending } = this.signOn;
    const left = this.state.session.phase === "out" && this.state.session.by === "user";
    if (pending || !(problem || left)) {
      return html`<section role="status">${chatIcon()}<p class="quiet">${signOn.title}</p></section>`;
    }
    return html`<section role=${problem ? "alert" : "status"}>
      ${problem ? warningIcon() : chatIcon()}
      <h1>${problem ? signOn.refused : signOn.left}</h1>
      ${problem ? html`<p class="quiet">${sentenceOf(problem)}</p>` : ""}
      <button class="primary" @click=${() => this.signOn.retry()}>
        ${problem ? text.account.tryAgain : signOn.action}
      </button>
    </section>`;
  }
}

customElements.define("company-chat-sign-on", SignOnPanel);
