/** The contacts as one long list that is smooth with ten thousand: only the rows near the screen exist. */

import { html, nothing, type PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Address } from "../state/model.js";
import { unreadOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { contactListStyles } from "./contact-list-styles.js";
import { contactRow } from "./contact-row.js";
import { type Found, NOBODY } from "./filter.js";
import { Part } from "./part.js";
import { open, select, tell } from "./tell.js";
import { shared } from "./theme.js";
import { Layout, type Range, rowAfter } from "./virtual-list.js";

const COARSE = matchMedia("(pointer: coarse)");
const HEADING = 32;
const rowHeight = () => (COARSE.matches ? 60 : 52);

const NO_ROWS: Range = { start: 0, end: 0 };

/**
 * `<company-chat-contact-list .found .selected .query>`: a listbox in which one row is active and one may be selected.
 *
 * Events: `select`, `open`; `shown` with the addresses that are rendered; `leave` when the user wants to search, by
 * going up from the first row or by writing; `clear` for Escape.
 */
export class ContactList extends Part {
  static override properties = {
    ...Part.properties,
    found: { attribute: false },
    selected: {},
    query: {},
    active: { state: true },
    range: { state: true },
    row: { state: true },
  };

  static override styles = [shared, contactListStyles];

  declare found: Found;
  declare selected: Address | null;
  /** What was searched for: with another, the list begins at its top. */
  declare query: string;
  declare active: Address | null;
  declare range: Range;
  declare row: number;

  private layout = new Layout([], 1, 0);
  private visible = 0;
  /** Whether the selected contact still has to be brought onto the screen. */
  private revealing = false;
  /** The contact whose row is to stay where it is, with its distance from the upper edge. */
  private held: { readonly address: Address; readonly distance: number } | null = null;
  private readonly sizes = new ResizeObserver(() => this.measure());
  private readonly touched = () => {
    this.row = rowHeight();
  };

  constructor() {
    super();
    this.found = NOBODY;
    this.selected = null;
    this.query = "";
    this.active = null;
    this.range = NO_ROWS;
    this.row = rowHeight();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    COARSE.addEventListener("change", this.touched);
    if (this.scroller) this.sizes.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    COARSE.removeEventListener("change", this.touched);
    this.sizes.disconnect();
  }

  /** Go into the list: to the row that was active, else the selected, else the first. */
  override focus(): void {
    this.scroller?.focus();
  }

  private get scroller(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(".scroller");
  }

  private get scrolled(): number {
    return this.scroller?.scrollTop ?? 0;
  }

  private indexOf(address: Address | null, found = this.found): number {
    return address === null ? -1 : found.list.findIndex((contact) => contact.address === address);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const searched = changed.has("query");
    if (searched) this.active = null;
    if (changed.has("selected") || (searched && !this.query)) this.revealing = true;
    if (!changed.has("found") && !changed.has("row")) return;
    this.held = searched ? null : this.hold(changed.get("found") ?? this.found);
    const { list, aliases } = this.found;
    this.layout = new Layout([aliases, list.length - aliases], this.row, HEADING);
    this.look();
  }

  /** Contacts that come or go do not move the selected row, or where that is not on the screen, the uppermost one. */
  private hold(before: Found): ContactList["held"] {
    const scrolled = this.scrolled;
    const selected = this.indexOf(this.selected, before);
    const distance = selected < 0 ? -1 : this.layout.topOf(selected) - scrolled;
    const kept = distance >= 0 && distance < this.visible;
    if (!kept && !scrolled) return null;
    const index = kept ? selected : this.layout.rowAt(scrolled);
    const contact = before.list[index];
    return contact ? { address: contact.address, distance: this.layout.topOf(index) - scrolled } : null;
  }

  override render() {
    const { list, aliases } = this.found;
    const words = text.people.navigation;
    const active = this.indexOf(this.active);
    return html`<div
      class="scroller"
      role="listbox"
      tabindex="0"
      aria-label=${words.contacts}
      aria-activedescendant=${active < 0 ? nothing : `row-${active}`}
      @scroll=${this.look}
      @focus=${this.focused}
      @keydown=${this.pressed}
      @click=${this.clicked}
      @dblclick=${this.doubled}
    >
      <div class="canvas" role="presentation" .style=${`block-size: ${this.layout.height}px; --row: ${this.row}px`}>
        ${this.section(words.aliases, 0, 0, aliases, active)}
        ${this.section(words.people, 1, aliases, list.length, active)}
      </div>
    </div>`;
  }

  private section(name: string, section: number, first: number, end: number, active: number) {
    const rows = [];
    for (let index = Math.max(first, this.range.start); index < Math.min(end, this.range.end); index += 1)
      rows.push(index);
    // The active row exists wherever it is: screen readers follow its id.
    if (active >= first && active < end && !rows.includes(active)) rows.push(active);
    if (!rows.length) return nothing;
    return html`<div role="group" aria-label=${name}>
      <div class="heading" aria-hidden="true" .style=${moved(this.layout.topOfSection(section))}>${name}</div>
      ${repeat(
        rows,
        (index) => this.found.list[index]?.address,
        (index) => this.option(index, active),
      )}
    </div>`;
  }

  private option(index: number, active: number) {
    const contact = this.found.list[index];
    if (!contact) return nothing;
    return html`<div
      class="row ${index === active ? "active" : ""} ${unreadOf(this.state, contact.address) ? "unread" : ""}"
      id=${`row-${index}`}
      role="option"
      data-index=${index}
      aria-selected=${contact.address === this.selected}
      aria-posinset=${index + 1}
      aria-setsize=${this.layout.length}
      .style=${moved(this.layout.topOf(index))}
    >
      ${contactRow(this.state, contact)}
    </div>`;
  }

  protected override firstUpdated(): void {
    if (this.scroller) this.sizes.observe(this.scroller);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("query")) this.scrollOnto(0);
    if (this.held) {
      const index = this.indexOf(this.held.address);
      if (index >= 0) this.scrollOnto(this.layout.topOf(index) - this.held.distance);
      this.held = null;
    }
    if (this.revealing && this.visible) {
      const index = this.indexOf(this.selected);
      this.revealing = index < 0 && this.selected !== null; // it may still arrive
      if (index >= 0) this.bring(index);
    }
    this.look();
    if (changed.has("range") || changed.has("found")) {
      const { start, end } = this.range;
      tell(
        this,
        "shown",
        this.found.list.slice(start, end).map((contact) => contact.address),
      );
    }
  }

  private scrollOnto(top: number): void {
    if (this.scroller) this.scroller.scrollTop = top;
  }

  /** Onto the middle of the screen, where it is not on it. */
  private bring(index: number): void {
    const { scrolled, visible } = this;
    if (this.layout.reveal(index, scrolled, visible) === scrolled) return;
    this.scrollOnto(this.layout.topOf(index) - (visible - this.row) / 2);
  }

  private reveal(index: number): void {
    this.scrollOnto(this.layout.reveal(index, this.scrolled, this.visible));
  }

  /** Render again if other rows are near the screen now. */
  private look(): void {
    const { start, end } = this.layout.range(this.scrolled, this.visible);
    if (start !== this.range.start || end !== this.range.end) this.range = { start, end };
  }

  private measure(): void {
    this.visible = this.scroller?.clientHeight ?? 0;
    this.requestUpdate();
    this.look();
  }

  /** Whoever comes by mouse presses on a row, and the list must not move beneath. */
  private focused(event: FocusEvent): void {
    const keyboard = (event.target as Element).matches(":focus-visible");
    if (keyboard && this.indexOf(this.active) < 0) this.activate(Math.max(0, this.indexOf(this.selected)));
  }

  private activate(index: number): void {
    this.active = this.found.list[index]?.address ?? null;
    if (this.active !== null) this.reveal(index);
  }

  private pressed(event: KeyboardEvent): void {
    const { key } = event;
    const index = this.indexOf(this.active);
    const next = event.altKey
      ? null
      : rowAfter(key, index, this.found.list.length, Math.floor(this.visible / this.row) - 1);
    if (key === "ArrowUp" && index <= 0) tell(this, "leave");
    else if (next !== null) this.activate(next);
    else if (key === "Enter" || key === " ") this.act(index, event.ctrlKey || event.metaKey);
    else if (key === "Escape") tell(this, "clear");
    // The box gets the focus before the browser has written the character, and so the character as well.
    else if (!event.ctrlKey && !event.metaKey && (key.length === 1 || key === "Backspace")) return tell(this, "leave");
    else return;
    event.preventDefault();
  }

  private act(index: number, opening: boolean): void {
    const contact = this.found.list[index]?.address;
    if (contact === undefined) return;
    if (opening) open(this, { contact });
    else select(this, contact);
  }

  private clicked(event: Event): void {
    const index = rowOf(event);
    if (index === null) return;
    this.activate(index);
    this.act(index, false);
  }

  private doubled(event: Event): void {
    const index = rowOf(event);
    if (index !== null) this.act(index, true);
  }
}

function rowOf(event: Event): number | null {
  const row = (event.target as Element).closest<HTMLElement>(".row");
  return row ? Number(row.dataset.index) : null;
}

function moved(top: number): string {
  return `transform: translateY(${top}px)`;
}

customElements.define("company-chat-contact-list", ContactList);
