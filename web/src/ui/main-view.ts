/** The chat of somebody who is logged in: the upper bar and the three panes. */

import { html, nothing, type PropertyValues } from "lit";
import type { Target } from "../client/windows.js";
import type { Address, Id } from "../state/model.js";
import { contactAt, nameOf, selfOf, unreadInAll } from "../state/selectors.js";
import { text } from "../texts/index.js";
import type { BlockedLine } from "./blocked-line.js";
import { numberWords } from "./day.js";
import { backIcon, chatIcon } from "./icons.js";
import { mainViewStyles } from "./main-view-styles.js";
import { Part } from "./part.js";
import { keepSelection, keptSelection, newestUnread } from "./selection.js";
import type { StatusMenu } from "./status-menu.js";
import { vanish } from "./tell.js";
import { shared } from "./theme.js";
import "./blocked-line.js";
import "./content-pane.js";
import "./navigation-pane.js";
import "./preview-pane.js";
import "./settings-menu.js";
import "./state-line.js";
import "./status-menu.js";

/** In the page's history: this entry shows a contact, and the one before it the list. */
const ENTRY = "company-chat contact";
/** Pixels below which one pane is shown at a time, as in the styles. */
const PHONE = 600;
/** In the page's history: this entry reads a mail, by contact and id, or did, and the one before it does not. */
const MAIL = "company-chat mail";

/** `<company-chat-main .client .state .heading .page .given>`: `page` is the one for chat windows. */
export class MainView extends Part {
  static override properties = {
    ...Part.properties,
    heading: {},
    page: {},
    given: { attribute: false },
    selected: { state: true },
    deep: { state: true },
    reading: { state: true },
  };

  static override styles = [shared, mainViewStyles];

  declare heading: string | null;
  declare page: string;
  declare given: ReadonlySet<string>;
  declare selected: Address | null;
  /** On a phone: the contact is shown, and not the list. */
  declare deep: boolean;
  /** The mail message of the selected contact that is read. */
  declare reading: Id | null;

  private returning = false;

  constructor() {
    super();
    this.heading = null;
    this.page = "";
    this.given = new Set();
    this.selected = null;
    this.deep = false;
    this.reading = null;
    this.addEventListener("vanish", (event) => {
      event.stopPropagation();
      this.renderRoot.querySelector<StatusMenu>("company-chat-status-menu")?.focus();
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("popstate", this.popped);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("popstate", this.popped);
  }

  protected override firstUpdated(): void {
    this.selected = keptSelection(selfOf(this.state));
    this.deep = this.selected !== null && Boolean(history.state?.[ENTRY]);
    this.reading = this.keptMail();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { contacts } = this.state;
    const gone = this.selected && contacts.complete && !contactAt(this.state, this.selected);
    if (changed.has("state") && gone) {
      this.selected = null;
      this.deep = false;
      this.reading = null;
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("selected")) keepSelection(selfOf(this.state), this.selected);
  }

  /** Open a chat's window, or bring it to the front. */
  open(target: Target): void {
    this.renderRoot.querySelector<BlockedLine>("company-chat-blocked")?.open(target);
  }

  override render() {
    const { panes, back } = text.account;
    const { client, state, selected } = this;
    return html`
      <header>
        <h1>${this.heading ?? text.account.chat}</h1>
        <company-chat-state-line .client=${client} .state=${state}></company-chat-state-line>
        <company-chat-settings .client=${client} .state=${state} .given=${this.given}></company-chat-settings>
        ${this.renderFlag()}
        <company-chat-status-menu .client=${client} .state=${state}></company-chat-status-menu>
      </header>
      ${this.renderOffline()}
      <company-chat-blocked .page=${this.page}></company-chat-blocked>
      <div
        class="panes ${this.deep ? "deep" : ""} ${this.reading ? "reading" : ""}"
        @open=${this.opened}
        @select=${this.select}
        @read=${this.read}
      >
        <section class="navigation" aria-label=${panes.contacts}>
          <company-chat-navigation .client=${client} .state=${state} .selected=${selected}>
          </company-chat-navigation>
        </section>
        <div class="detail">
          <button class="plain back" @click=${this.leave}>${backIcon()}${back}</button>
          <section class="content" aria-label=${panes.details}>
            <company-chat-content .client=${client} .state=${state} .contact=${selected}></company-chat-content>
          </section>
          <section class="preview" aria-label=${panes.preview}>
            <company-chat-preview
              .client=${client}
              .state=${state}
              .contact=${selected}
              .reading=${this.reading}
            ></company-chat-preview>
          </section>
        </div>
      </div>
    `;
  }

  /** The chat icon; with unread messages, the flag that leads to the newest. */
  private renderFlag() {
    const unread = unreadInAll(this.state);
    const contact = newestUnread(this.state);
    if (!unread || !contact) return html`<span class="mark">${chatIcon()}</span>`;
    const { account } = text;
    const label = `${account.unread(unread)}. ${account.openUnread(nameOf(this.state, contact))}`;
    return html`<button class="icon mark" title=${label} @click=${() => this.open({ contact })}>
      ${chatIcon()}<span class="visually-hidden">${label}</span><span class="badge" aria-hidden="true">${unread > 99 ? "99+" : numberWords(unread)}</span>
    </button>`;
  }

  private renderOffline() {
    if (this.state.own.chosen !== "offline") return nothing;
    const { banner, end } = text.account.offline;
    return html`<div class="line">
      <span>${banner}</span>
      <button @click=${this.goAvailable}>${end}</button>
    </div>`;
  }

  private goAvailable(): void {
    vanish(this);
    this.client.command({ do: "choose", status: "available" });
  }

  private opened(event: CustomEvent<Target | undefined>): void {
    event.stopPropagation();
    const target = event.detail ?? (this.selected ? { contact: this.selected } : null);
    if (target) this.open(target);
  }

  private async select(event: CustomEvent<Address>): Promise<void> {
    event.stopPropagation();
    this.selected = event.detail;
    this.reading = null;
    if (history.state?.[MAIL]) history.replaceState({ ...history.state, [MAIL]: null }, "");
    if (this.clientWidth >= PHONE) return;
    if (!this.deep) history.pushState({ ...history.state, [ENTRY]: true, [MAIL]: undefined }, "");
    this.deep = true;
    await this.updateComplete;
    this.renderRoot.querySelector(".detail")?.scrollTo(0, 0);
    this.focusOn(".back");
  }

  /** Read a mail message of the selected contact, or end that, as the browser's way back does. */
  private read(event: CustomEvent<Id | null>): void {
    event.stopPropagation();
    const id = event.detail;
    const { state } = history;
    if (id !== null) {
      const entry = { ...state, [MAIL]: `${this.selected} ${id}` };
      if (state?.[MAIL] === undefined) history.pushState(entry, "");
      else history.replaceState(entry, "");
    } else if (state?.[MAIL]) return this.goBack();
    this.reading = id;
  }

  /** The mail that this entry of the page's history reads. */
  private keptMail(): Id | null {
    const [contact, id] = String(history.state?.[MAIL] ?? "").split(" ");
    return id && contact === this.selected ? id : null;
  }

  private leave(): void {
    if (history.state?.[ENTRY]) this.goBack();
    else void this.surface();
  }

  /** One entry back in the page's history, however often it is asked for until that is done. */
  private goBack(): void {
    if (!this.returning) history.back();
    this.returning = true;
  }

  private readonly popped = (): void => {
    this.returning = false;
    this.reading = this.keptMail();
    const deep = Boolean(history.state?.[ENTRY]) && this.selected !== null;
    if (deep) this.deep = true;
    else if (this.deep) void this.surface();
  };

  /** Back to the list, where the focus was: not in its box, which would bring up a phone's keyboard. */
  private async surface(): Promise<void> {
    this.deep = false;
    await this.updateComplete;
    const navigation = this.renderRoot.querySelector("company-chat-navigation");
    navigation?.shadowRoot?.querySelector<HTMLElement>("company-chat-contact-list")?.focus();
  }

  private focusOn(selector: string): void {
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }
}

customElements.define("company-chat-main", MainView);
