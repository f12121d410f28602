/** The status menu in the upper right corner, and the way out. */

import { html, nothing } from "lit";
import type { Status } from "../state/model.js";
import { type Appearance, choiceOf, nameOf, ownStatus, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Dropdown } from "./dropdown.js";
import { checkIcon, downIcon } from "./icons.js";
import { itemFor } from "./menu-keys.js";
import { Part } from "./part.js";
import { statusMenuStyles } from "./status-menu-styles.js";
import { shared } from "./theme.js";
import "./avatar.js";
import "./presence.js";

const STATUSES: readonly Status[] = ["available", "away", "busy", "offline"];

export function appearanceOfStatus(status: Status | null): Appearance {
  return !status || status === "offline" ? "unavailable" : status;
}

/** `<company-chat-status-menu .client .state>`. */
export class StatusMenu extends Part {
  static override styles = [shared, statusMenuStyles];

  private readonly dropdown = new Dropdown(this);

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(".opener")?.focus();
  }

  /** What was chosen without a connection, which is to be told yet. */
  private get wished(): Status | null {
    const { connection, own } = this.state;
    return connection.phase !== "open" && own.wished && own.wished !== own.chosen ? own.wished : null;
  }

  override render() {
    const { status, statuses } = text.account;
    const own = ownStatus(this.state);
    const { wished } = this;
    const label = own ? statuses[own] : "";
    const words = status.is(wished ? status.wished(label) : label);
    return html`
      <button class="opener" aria-haspopup="menu" aria-expanded=${this.dropdown.open}
        aria-label=${own ? words : status.unknown} title=${wished ? words : nothing} @click=${this.toggle} @keydown=${this.openByArrow}>
        <company-chat-presence decorative .appearance=${appearanceOfStatus(own)}></company-chat-presence>
        <span class="label">${label}${own && !wished ? nothing : "…"}</span>
        ${downIcon()}
      </button>
      ${this.dropdown.open ? this.renderPopup() : nothing}
      ${this.renderDialog()}
    `;
  }

  private renderPopup() {
    const self = selfOf(this.state);
    const name = nameOf(this.state, self);
    const { statuses, status } = text.account;
    const { wished } = this;
    const choice = choiceOf(this.state);
    const idle = ownStatus(this.state) !== choice;
    const note = wished ? status.wished(statuses[wished]) : idle ? status.idle : "";
    return html`<div class="popup">
      <div class="who">
        <company-chat-avatar .name=${name} .address=${self}
          .photo=${this.state.details.get(self)?.value?.photo}></company-chat-avatar>
        <div>
          <div class="name">${name}</div>
          ${name === self ? nothing : html`<div class="quiet address" dir="ltr">${self}</div>`}
        </div>
      </div>
      ${note ? html`<p class="quiet note">${note}</p>` : nothing}
      <div role="menu" aria-label=${status.menu} @keydown=${this.move}>
        ${STATUSES.map((status) => this.renderStatus(status, status === choice))}
        <div role="separator"></div>
        <button role="menuitem" tabindex="-1" @click=${this.logOut}>
          <span class="text">${text.account.logOut.action}</span>
        </button>
      </div>
    </div>`;
  }

  private renderStatus(status: Status, chosen: boolean) {
    const { statuses, status: words } = text.account;
    const hint = status === "offline";
    return html`<button role="menuitemradio" tabindex="-1" aria-checked=${chosen} aria-label=${statuses[status]}
      aria-describedby=${hint ? "offline" : nothing} @click=${() => this.choose(status)}>
      <company-chat-presence decorative .appearance=${appearanceOfStatus(status)}></company-chat-presence>
      <span class="text">
        ${statuses[status]}
        ${hint ? html`<span class="hint quiet" id="offline">${words.offline}</span>` : nothing}
      </span>
      ${chosen ? checkIcon() : nothing}
    </button>`;
  }

  private renderDialog() {
    const { logOut } = text.account;
    return html`<dialog aria-labelledby="title">
      <form method="dialog">
        <h2 id="title">${logOut.title}</h2>
        <p>${logOut.body(this.state.outbox.length)}</p>
        <div class="actions">
          <button autofocus>${logOut.stay}</button>
          <button class="danger" @click=${() => this.client.command({ do: "log out" })}>${logOut.leave}</button>
        </div>
      </form>
    </dialog>`;
  }

  private toggle(): void {
    this.dropdown.toggle("[aria-checked=true], [role=menuitemradio]");
  }

  private openByArrow(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (!this.dropdown.open)
      void this.dropdown.show(event.key === "ArrowUp" ? "[role=menuitem]" : "[role=menuitemradio]");
  }

  private move(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>("[role^=menuitem]")];
    const labels = items.map((item) => item.ariaLabel ?? item.textContent?.trim() ?? "");
    const index = items.indexOf(event.target as HTMLElement);
    const next = items[itemFor(event.key, index, labels)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  private choose(status: Status): void {
    this.client.command({ do: "choose", status });
    this.dropdown.hide();
  }

  private logOut(): void {
    this.dropdown.hide();
    if (this.state.outbox.length) this.renderRoot.querySelector("dialog")?.showModal();
    else this.client.command({ do: "log out" });
  }
}

customElements.define("company-chat-status-menu", StatusMenu);
