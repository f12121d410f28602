/** `<company-chat>`: the whole chat, or where the page's hash names one, a chat window. */

import { html, LitElement, type PropertyValues } from "lit";
import type { Client } from "../client/client.js";
import { clientFor, SCRIPT, windowPage } from "../client/config.js";
import { type Target, targetIn } from "../client/windows.js";
import { type Address, NOTHING, type Session, type State, type Status } from "../state/model.js";
import { nameOf, ownStatus, selfOf, unreadInAll, unreadOf } from "../state/selectors.js";
import { bestLocale, direction, language, locale, speak, text } from "../texts/index.js";
import { watchPage } from "./activity.js";
import { Announcer } from "./announcer.js";
import type { ChatWindow } from "./chat-window.js";
import { companyChatStyles } from "./company-chat-styles.js";
import { watchDay } from "./day-watch.js";
import { warningIcon } from "./icons.js";
import type { MainView } from "./main-view.js";
import { coverPage, renderAgain, uncoverPage } from "./page.js";
import { PageTitle } from "./page-title.js";
import { isOther, SignOn } from "./sign-on.js";
import { Speaker } from "./speaker.js";
import { shared, theme } from "./theme.js";
import "./chat-window.js";
import "./log-in.js";
import "./main-view.js";
import "./sign-on-panel.js";

/** What is done once for a page's client, however many elements show it. */
const announcers = new WeakMap<Client, Announcer>();
const pageTitle = new PageTitle(document);

function announcerOf(client: Client): Announcer {
  let announcer = announcers.get(client);
  if (!announcer) {
    announcer = new Announcer(client);
    announcers.set(client, announcer);
    watchPage(client);
  }
  return announcer;
}

/**
 * Attributes: `api`, `window-page`, `theme`, `language`, `address`, `heading`, `title-count="off"`.
 * Property `signOn`: gives a fresh JWT of the webmail. Method `openChat(address)`.
 * Events: `company-chat-unread`, `company-chat-status`, `company-chat-session`.
 */
export class CompanyChat extends LitElement {
  static override properties = {
    api: {},
    windowPage: { attribute: "window-page" },
    theme: {},
    language: {},
    address: {},
    heading: {},
    titleCount: { attribute: "title-count" },
    signOn: { attribute: false },
    state: { state: true },
    target: { state: true },
    broken: { state: true },
  };

  static override styles = [theme, shared, companyChatStyles];

  /** Base URL of the HTTP API; else what `config.json` beside the script says. */
  declare api: string | null;
  /** The page that shows chat windows, of this page's origin. */
  declare windowPage: string | null;
  /** Instead of what the user prefers: `light`, `dark` or `system`. */
  declare theme: string | null;
  /** Instead of what the user prefers. */
  declare language: string | null;
  /**
   * Whom the webmail has logged in, so that nobody chats as somebody else: a kept session of another address is logged
   * out. Then `signOn` is asked, or without it the log-in form shows, which takes no other address.
   */
  declare address: Address | null;
  declare heading: string | null;
  /** `off`: the page's title stays as it is. */
  declare titleCount: string | null;
  /** Single sign-on: gives a fresh JWT, signed by the webmail for its user. */
  declare signOn: (() => Promise<string>) | null;
  declare state: State;
  declare target: Target | null;
  declare broken: boolean;

  private client: Client | undefined;
  private announcer: Announcer | undefined;
  private unsubscribe: (() => void) | undefined;
  private unwatchDay: (() => void) | undefined;
  private readonly speaker = new Speaker(this);
  private signing: SignOn | undefined;
  private lastAddress = "";
  private turnedAway: Session | undefined;
  private reported: { unread?: number; status?: Status | null; session?: Address } = {};

  constructor() {
    super();
    this.api = this.windowPage = this.theme = this.language = this.address = null;
    this.heading = this.titleCount = this.signOn = this.target = null;
    this.state = NOTHING;
    this.broken = false;
  }

  /** Open the chat with a contact in its window. Browsers allow that upon a click only. */
  openChat(address: Address): void {
    this.open({ contact: address.toLowerCase() });
  }

  private open(target: Target): void {
    this.renderRoot.querySelector<MainView | ChatWindow>("company-chat-main, company-chat-window")?.open(target);
  }

  /** The only address that may be logged in, or null for any. */
  private get wanted(): Address | null {
    return this.address?.trim().toLowerCase() || null;
  }

  private get page(): string {
    return windowPage(this.windowPage, SCRIPT, location.href);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.readHash();
    addEventListener("hashchange", this.readHash);
    this.unwatchDay = watchDay(() => renderAgain(this));
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.readHash);
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    this.unwatchDay?.();
    pageTitle.show(0);
    if (this.target) uncoverPage(this);
  }

  private async start(): Promise<void> {
    this.broken = false;
    let client: Client;
    try {
      client = await clientFor(this.api);
    } catch {
      this.broken = true;
      return;
    }
    if (!this.isConnected || this.unsubscribe) return;
    this.client = client;
    this.announcer = announcerOf(client);
    this.announcer.icon = new URL("icons/chat-192.png", SCRIPT).href;
    this.announcer.open = (contact) => this.openChat(contact);
    this.announcer.say = (sentence) => this.speaker.say(sentence);
    const look = () => {
      this.state = client.state;
      this.broken = client.failed;
    };
    const ends = [client.subscribe(look), client.onFailure(look)];
    this.unsubscribe = () => ends.forEach((end) => void end());
    look();
    this.requestUpdate(); // an element that was taken out and put in again has forgotten nothing
  }

  private readonly readHash = (): void => {
    this.target = targetIn(location.hash);
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("signOn")) this.signing = this.signOn ? this.makeSignOn(this.signOn) : undefined;
    const { session } = this.state;
    if (this.signing && this.client) this.signing.look(session, this.wanted);
    else if (session !== this.turnedAway && isOther(session, this.wanted)) {
      this.turnedAway = session;
      this.client?.command({ do: "log out" });
    }
    this.lastAddress = selfOf(this.state) || this.lastAddress;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { preferences } = this.state;
    const scheme = this.theme ?? preferences.theme;
    this.style.colorScheme = scheme === "light" || scheme === "dark" ? scheme : "";
    void this.speak(bestLocale(this.language ?? preferences.language));
    if (changed.has("target")) this.fit(changed.get("target") ?? null);
    if (this.client && this.state.session.phase !== "starting") this.report();
  }

  private makeSignOn(fetch: () => Promise<string>): SignOn {
    return new SignOn({
      fetch: () => Promise.resolve().then(fetch),
      send: (jwt) => this.client?.command({ do: "sign on", jwt }),
      changed: () => this.requestUpdate(),
    });
  }

  /** A chat window has the whole page, whatever else is on it. */
  private fit(before: Target | null): void {
    if (this.target && !before) coverPage(this);
    if (!this.target && before) uncoverPage(this);
  }

  private async speak(tag: string): Promise<void> {
    if (tag !== locale) {
      await speak(tag);
      renderAgain(this);
    }
    this.lang = language;
    this.dir = direction;
    if (this.target) document.documentElement.lang = language;
  }

  /** Tell the embedding page, and its title, what has changed. */
  private report(): void {
    const { state, target } = this;
    const unread = unreadInAll(state);
    const status = ownStatus(state);
    const before = this.reported;
    const session = state.session.phase === "starting" ? before.session : selfOf(state);
    this.reported = { unread, status, ...(session === undefined ? {} : { session }) };
    if (unread !== before.unread) this.tell("unread", { unread });
    if (status !== before.status) this.tell("status", { status });
    if (session !== before.session) this.tell("session", { address: session || null });
    const quiet = !state.preferences.titleCount || status === "busy";
    if (target) pageTitle.show(quiet ? 0 : unreadOf(state, target.contact), nameOf(state, target.contact));
    else pageTitle.show(quiet || this.titleCount === "off" ? 0 : unread);
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`company-chat-${name}`, { detail, bubbles: true, composed: true }));
  }

  override render() {
    return html`${this.renderPhase()} ${this.speaker.render()}`;
  }

  private renderPhase() {
    const { client, state, signing } = this;
    if (this.broken) return this.renderBroken();
    const { session } = state;
    const leaving = !signing && isOther(session, this.wanted);
    if (!client || session.phase === "starting" || leaving) return renderSkeleton();
    if (signing && (session.phase !== "in" || signing.problem || signing.pending)) {
      return html`<company-chat-sign-on .client=${client} .state=${state} .signOn=${signing}></company-chat-sign-on>`;
    }
    if (session.phase !== "in") {
      return html`<company-chat-log-in .client=${client} .state=${state}
        .address=${this.wanted ?? this.lastAddress} .fixed=${this.wanted !== null}></company-chat-log-in>`;
    }
    return this.target ? this.renderWindow(client, this.target) : this.renderMain(client);
  }

  private renderWindow(client: Client, target: Target) {
    return html`<company-chat-window .client=${client} .state=${this.state} .target=${target}
      .page=${this.page}></company-chat-window>`;
  }

  private renderMain(client: Client) {
    const given = new Set<string>();
    if (this.theme) given.add("theme");
    if (this.language) given.add("language");
    if (this.titleCount === "off") given.add("title-count");
    return html`<company-chat-main .client=${client} .state=${this.state} .heading=${this.heading} .given=${given}
      .page=${this.page}></company-chat-main>`;
  }

  /** The embedding page is not loaded again: the user may be writing a mail in it. */
  private retry(): void {
    this.broken = false;
    if (this.client) this.client.retry();
    else void this.start();
  }

  private renderBroken() {
    return html`<div class="centre" role="alert">
      ${warningIcon()}
      <p>${text.account.notStarted}</p>
      <button class="primary" @click=${this.retry}>${text.account.tryAgain}</button>
    </div>`;
  }
}

function renderSkeleton() {
  return html`<div class="skeleton" aria-busy="true">
    <span class="visually-hidden" role="status">${text.account.starting}</span>
    <div class="bar"></div><div class="side"></div><div class="rest"></div>
  </div>`;
}

customElements.define("company-chat", CompanyChat);
