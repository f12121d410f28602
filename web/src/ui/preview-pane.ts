/** The preview pane: what the user had with the selected contact, in four tabs, and a box that searches all of it. */

import { html, nothing, type PropertyValues } from "lit";
import type { Address, CommunicationKind, Id } from "../state/model.js";
import { nameOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import "./conversation-list.js";
import { focusedIn } from "./focus.js";
import { chatIcon } from "./icons.js";
import { Late } from "./late.js";
import { Part } from "./part.js";
import { empty, placeholders } from "./placeholders.js";
import { previewPaneStyles } from "./preview-pane-styles.js";
import { rove } from "./rove.js";
import { searchBox, searchBoxStyles } from "./search-box.js";
import { tell } from "./tell.js";
import { shared } from "./theme.js";

type Tab = "chat" | CommunicationKind;

const TABS: readonly Tab[] = ["chat", "message", "appointment", "attachment"];
const REMEMBERED = "company-chat tab";

/** Milliseconds after the last change of the query until it is searched for. */
const QUIET = 350;

/**
 * `<company-chat-preview .client .state .contact .reading>`; `contact` is an address or null, `reading` the id of the mail
 * message that is read, or null.
 *
 * Events: `open` with `{contact, conversation}`, or with `{contact}` for the chat; `read` with the id of a mail message,
 * or null to go back.
 */
export class PreviewPane extends Part {
  static override properties = {
    ...Part.properties,
    contact: {},
    reading: {},
    tab: { state: true },
    query: { state: true },
    words: { state: true },
    sought: { state: true },
  };

  static override styles = [shared, placeholders, searchBoxStyles, previewPaneStyles];

  declare contact: Address | null;
  declare reading: Id | null;
  declare tab: Tab;
  /** What is in the search box. */
  declare query: string;
  /** What is searched for, once the query rests. */
  declare words: string;
  /** The entry that the search leads to. */
  declare sought: Id | null;

  private readonly parts = new Late(this, () => import("./mail-parts.js"));
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What had the focus when the mail was opened that is read. */
  private opener: HTMLElement | null = null;
  /** Whether the mail has yet to be given the focus. */
  private opening = false;

  constructor() {
    super();
    this.contact = null;
    this.reading = null;
    this.tab = remembered();
    this.query = "";
    this.words = "";
    this.sought = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("contact")) {
      this.write("");
      this.sought = null;
      this.opener = null;
    }
    if (!changed.has("reading")) return;
    this.opening = this.reading !== null;
    if (this.opening && !changed.get("reading")) this.opener = focusedIn(this);
  }

  override render() {
    const { client, contact, reading } = this;
    const words = text.people.preview;
    if (contact === null) return empty(chatIcon(), words.nobody);
    const label = words.search(nameOf(this.state, contact));
    return html`<div class="browse" ?hidden=${reading !== null}>
        ${searchBox({
          label,
          query: this.query,
          landmark: label,
          write: this.write,
          clear: this.clear,
          press: this.searching,
        })}
        <div class="tabs" role="tablist" aria-label=${words.tabs} @keydown=${this.pressed}>
          ${TABS.map((each) => this.renderTab(each))}
        </div>
        ${
          this.words
            ? html`<div class="panel" id="panel">${this.results(contact)}</div>`
            : html`<div class="panel" role="tabpanel" id="panel" aria-labelledby=${this.tab}>${this.panel(contact)}</div>`
        }
      </div>
      ${
        reading === null
          ? nothing
          : this.parts.render(
              () => html`<company-chat-mail
                .client=${client}
                .state=${this.state}
                .contact=${contact}
                .mail=${reading}
                @close=${() => tell(this, "read", null)}
              ></company-chat-mail>`,
            )
      }`;
  }

  private renderTab(each: Tab) {
    const isShown = each === this.tab;
    return html`<button
      type="button"
      role="tab"
      id=${each}
      aria-selected=${isShown && !this.words}
      aria-controls="panel"
      tabindex=${isShown ? 0 : -1}
      @click=${() => this.show(each)}
    >
      ${text.people.preview[each]}
    </button>`;
  }

  private panel(contact: Address) {
    const { client, state, tab } = this;
    if (tab === "chat") {
      return html`<company-chat-conversation-list
        .client=${client}
        .state=${state}
        .contact=${contact}
      ></company-chat-conversation-list>`;
    }
    return this.parts.render(
      () => html`<company-chat-communication-list
        .client=${client}
        .state=${state}
        .contact=${contact}
        .kind=${tab}
        .sought=${this.sought}
      ></company-chat-communication-list>`,
    );
  }

  private results(contact: Address) {
    return this.parts.render(
      () => html`<company-chat-search-results
        .client=${this.client}
        .state=${this.state}
        .contact=${contact}
        .words=${this.words}
        @seek=${this.seek}
      ></company-chat-search-results>`,
    );
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("tab")) this.tabOf(this.tab)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (this.opening) void this.enterMail();
    else if (changed.get("reading") && !this.reading && !changed.has("contact")) this.leaveMail();
  }

  private async enterMail(): Promise<void> {
    const mail = this.renderRoot.querySelector<Part>("company-chat-mail");
    if (!mail) return; // it is still being loaded
    this.opening = false;
    await mail.updateComplete;
    mail.focus();
  }

  /** The focus goes back to what opened the mail. */
  private leaveMail(): void {
    const opener = this.opener?.isConnected ? this.opener : this.tabOf(this.tab);
    opener?.focus();
  }

  private tabOf(tab: Tab): HTMLElement | null {
    return this.renderRoot.querySelector(`#${tab}`);
  }

  private readonly write = (query: string): void => {
    this.query = query;
    clearTimeout(this.timer);
    if (query.trim()) this.timer = setTimeout(() => this.search(), QUIET);
    else this.search();
  };

  private search(): void {
    clearTimeout(this.timer);
    this.words = this.query.trim().replace(/\s+/g, " ");
  }

  /** Search now, and for the same words again: there may be more by now. */
  private searchAnew(): void {
    const { contact, words } = this;
    this.search();
    if (contact && words && words === this.words) this.client.command({ do: "search", contact, words, more: false });
  }

  private readonly clear = (): void => {
    this.write("");
    this.renderRoot.querySelector("input")?.focus();
  };

  private readonly searching = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape" && this.query) this.clear();
    else if (event.key === "Enter") this.searchAnew();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** From an appointment that was found to its row. */
  private readonly seek = ({ detail }: CustomEvent<Id>): void => {
    this.show("appointment");
    this.sought = detail;
  };

  private pressed(event: KeyboardEvent): void {
    const tab = rove(event, "[role=tab]")?.id;
    if (tab) this.show(tab as Tab);
  }

  private show(tab: Tab): void {
    this.tab = tab;
    this.sought = null;
    this.write("");
    try {
      sessionStorage.setItem(REMEMBERED, tab);
    } catch {
      // without storage it is remembered as long as the pane is there
    }
  }
}

function remembered(): Tab {
  try {
    const kept = sessionStorage.getItem(REMEMBERED);
    return TABS.find((tab) => tab === kept) ?? "chat";
  } catch {
    return "chat";
  }
}

customElements.define("company-chat-preview", PreviewPane);
