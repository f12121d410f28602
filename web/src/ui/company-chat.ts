/** `<company-chat>`: the whole chat, or where the page's hash names one, a chat window. */

import { html, LitElement, type PropertyValues } from "lit";
import type { Client } from "../client/client.js";
import { clientFor, SCRIPT, windowPage } from "../client/config.js";
import { addressOf, openChat, type Target, targetIn } from "../client/windows.js";
import { type Address, NOTHING, type State, type Status } from "../state/model.js";
import { nameOf, ownStatus, selfOf, unreadInAll, unreadOf } from "../state/selectors.js";
import { bestLanguage, direction, language, speak, text } from "../texts/index.js";
import { watchPage } from "./activity.js";
import { Announcer, withCount } from "./announcer.js";
import { companyChatStyles } from "./company-chat-styles.js";
import { warningIcon } from "./icons.js";
import type { MainView } from "./main-view.js";
import { coverPage, renderAgain, uncoverPage } from "./page.js";
import { SignOn } from "./sign-on.js";
import { shared, theme } from "./theme.js";
import "./chat-window.js";
import "./log-in.js";
import "./main-view.js";
import "./sign-on-panel.js";

/** What is done once for a page's client, however many elements show it. */
const announcers = new WeakMap<Client, Announcer>();

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
    said: { state: true },
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
  /** Whom the webmail has logged in, so that nobody chats as somebody else. */
  declare address: Address | null;
  declare heading: string | null;
  /** `off`: the page's title stays as it is. */
  declare titleCount: string | null;
  /** Single sign-on: gives a fresh JWT, signed by the webmail for its user. */
  declare signOn: (() => Promise<string>) | null;
  declare state: State;
  declare target: Target | null;
  declare broken: boolean;
  declare said: string;

  private client: Client | undefined;
  private announcer: Announcer | undefined;
  private unsubscribe: (() => void) | undefined;
  private signing: SignOn | undefined;
  private lastAddress = "";
  private reported: { unread?: number; status?: Status | null; session?: Address } = {};

  constructor() {
    super();
    this.api = this.windowPage = this.theme = this.language = this.address = null;
    this.heading = this.titleCount = this.signOn = this.target = null;
    this.state = NOTHING;
    this.broken = false;
    this.said = "";
  }

  /** Open the chat with a contact in its window. Browsers allow that upon a click only. */
  openChat(address: Address): void {
    this.open({ contact: address.toLowerCase() });
  }

  private open(target: Target): void {
    const { main } = this;
    if (main) main.open(target);
    else if (this.target && addressOf("", this.target) !== addressOf("", target)) this.openBeside(target);
  }

  /** From a chat window: in another one, or in its place where the browser opens none. */
  private openBeside(target: Target): void {
    if (openChat(this.page, target) === "blocked") location.hash = addressOf("", target);
  }

  private get page(): string {
    return windowPage(this.windowPage, SCRIPT, location.href);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.readHash();
    addEventListener("hashchange", this.readHash);
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.readHash);
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    if (this.target) uncoverPage(this);
  }

  private get main(): MainView | null {
    return this.renderRoot.querySelector<MainView>("company-chat-main");
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
    this.announcer.say = (sentence) => {
      this.said = sentence;
    };
    this.unsubscribe = client.subscribe(() => {
      this.state = client.state;
    });
    this.state = client.state;
  }

  private readonly readHash = (): void => {
    this.target = targetIn(location.hash);
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("signOn")) this.signing = this.signOn ? this.makeSignOn(this.signOn) : undefined;
    if (this.client) this.signing?.look(this.state.session, this.address?.toLowerCase() ?? null);
    this.lastAddress = selfOf(this.state) || this.lastAddress;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { preferences } = this.state;
    const scheme = this.theme ?? preferences.theme;
    this.style.colorScheme = scheme === "light" || scheme === "dark" ? scheme : "";
    void this.speak(bestLanguage(this.language ?? preferences.language));
    if (changed.has("target")) this.fit(changed.get("target") ?? null);
    if (this.client) this.report();
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
    if (tag !== language) {
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
    const session = selfOf(state);
    const before = this.reported;
    this.reported = { unread, status, session };
    if (unread !== before.unread) this.tell("unread", { unread });
    if (status !== before.status) this.tell("status", { status });
    if (session !== before.session && state.session.phase !== "starting")
      this.tell("session", { address: session || null });
    if (this.titleCount === "off" && !target) return;
    const count = target ? unreadOf(state, target.contact) : unread;
    const title = target ? nameOf(state, target.contact) : document.title;
    const next = withCount(title, state.preferences.titleCount ? count : 0);
    if (next !== document.title) document.title = next;
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`company-chat-${name}`, { detail, bubbles: true, composed: true }));
  }

  override render() {
    return html`${this.renderPhase()}
      <div class="visually-hidden" role="status">${this.said}</div>`;
  }

  private renderPhase() {
    const { client, state, signing } = this;
    if (this.broken) return this.renderBroken();
    if (!client || state.session.phase === "starting") return renderSkeleton();
    if (signing && (state.session.phase !== "in" || signing.problem || signing.pending)) {
      return html`<company-chat-sign-on .client=${client} .state=${state} .signOn=${signing}></company-chat-sign-on>`;
    }
    if (state.session.phase !== "in") {
      const address = this.lastAddress || this.address || "";
      return html`<company-chat-log-in .client=${client} .state=${state} .address=${address}></company-chat-log-in>`;
    }
    return this.target ? this.renderWindow(client, this.target) : this.renderMain(client);
  }

  private renderWindow(client: Client, target: Target) {
    return html`<company-chat-window .client=${client} .state=${this.state} .target=${target}
      @open=${(event: CustomEvent<Target>) => this.open(event.detail)}></company-chat-window>`;
  }

  private renderMain(client: Client) {
    const given = new Set<string>();
    if (this.theme) given.add("theme");
    if (this.language) given.add("language");
    if (this.titleCount === "off") given.add("title-count");
    return html`<company-chat-main .client=${client} .state=${this.state} .heading=${this.heading} .given=${given}
      .page=${this.page}></company-chat-main>`;
  }

  private renderBroken() {
    return html`<div class="centre" role="alert">
      ${warningIcon()}
      <p>${text.account.notStarted}</p>
      <button class="primary" @click=${this.start}>${text.account.tryAgain}</button>
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
