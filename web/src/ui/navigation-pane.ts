/** The navigation pane: whom one can chat with, and a box that finds them. */

import { css, html, nothing, type PropertyValues } from "lit";
import type { Address } from "../state/model.js";
import { selfOf } from "../state/selectors.js";
import { language, text } from "../texts/index.js";
import type { ContactList } from "./contact-list.js";
import "./contact-list.js";
import { AddressBook, NOBODY } from "./filter.js";
import { personIcon, searchIcon } from "./icons.js";
import { Part } from "./part.js";
import { empty, placeholders, skeleton } from "./placeholders.js";
import { searchBox, searchBoxStyles } from "./search-box.js";
import { open, select } from "./tell.js";
import { shared } from "./theme.js";

/** As many as a view may list. */
const MOST_LISTED = 150;

/** Milliseconds after the last change of the search until its result is read out. */
const QUIET = 600;

/**
 * `<company-chat-navigation .client .state .selected>`.
 *
 * Events: `select` with the address of a contact, `open` with `{contact}` for its chat.
 */
export class NavigationPane extends Part {
  static override properties = { ...Part.properties, selected: {}, query: { state: true }, said: { state: true } };

  static override styles = [
    shared,
    placeholders,
    searchBoxStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
        block-size: 100%;
        background: var(--chat-surface);
      }
      company-chat-contact-list {
        flex: 1;
      }
      .arriving {
        padding: 6px 16px;
        border-block-start: 1px solid var(--chat-border);
        font-size: 0.8125rem;
      }
    `,
  ];

  declare selected: Address | null;
  declare query: string;
  /** What the live region says. */
  declare said: string;

  private readonly book = new AddressBook();
  private found = NOBODY;
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.selected = null;
    this.query = "";
    this.said = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.client?.show({ listed: [] });
  }

  /** Put the focus into the box. */
  override focus(): void {
    this.input?.focus();
  }

  private get input(): HTMLInputElement | null {
    return this.renderRoot.querySelector("input");
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = this.found;
    this.found = this.book.find(this.state.contacts.list, selfOf(this.state), language, this.query);
    if (changed.has("query") || (this.query && before !== this.found)) this.sayLater();
  }

  override render() {
    const words = text.people.navigation;
    const { list, complete } = this.state.contacts;
    return html`${searchBox({
      label: words.search,
      query: this.query,
      write: this.write,
      clear: this.clear,
      press: (event) => this.pressed(event),
    })}
      <div class="visually-hidden" role="status">${this.said}</div>
      ${this.body()}
      ${!complete && list.length ? html`<div class="arriving quiet">${words.arriving(list.length)}</div>` : nothing}`;
  }

  private body() {
    const words = text.people.navigation;
    const { list, complete } = this.state.contacts;
    if (!list.length && !complete) return skeleton(8, words.loading, true);
    if (!this.found.list.length && this.query.trim()) {
      const clear = html`<button type="button" @click=${this.clear}>${words.clear}</button>`;
      return empty(searchIcon(), words.nothing(this.query.trim()), clear);
    }
    if (!this.found.list.length) return empty(personIcon(), words.none);
    return html`<company-chat-contact-list
      .client=${this.client}
      .state=${this.state}
      .found=${this.found}
      .selected=${this.selected}
      .query=${this.query}
      @shown=${this.shown}
      @leave=${this.focus}
      @clear=${this.clear}
    ></company-chat-contact-list>`;
  }

  private readonly write = (query: string): void => {
    this.query = query;
  };

  private readonly clear = (): void => {
    this.query = "";
    this.focus();
  };

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const first = this.found.list[0]?.address;
    if (event.key === "ArrowDown") this.renderRoot.querySelector<ContactList>("company-chat-contact-list")?.focus();
    else if (event.key === "Escape" && this.query) this.clear();
    else if (event.key === "Enter" && first !== undefined && this.query.trim()) {
      if (event.ctrlKey || event.metaKey) open(this, { contact: first });
      else select(this, first);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The rows on the screen decide whose presence is watched; once a frame is enough. */
  private shown(event: CustomEvent<readonly Address[]>): void {
    event.stopPropagation();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.client.show({ listed: event.detail.slice(0, MOST_LISTED) }));
  }

  private sayLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.said = this.query.trim() ? text.people.navigation.found(this.found.list.length) : "";
    }, QUIET);
  }
}

customElements.define("company-chat-navigation", NavigationPane);
