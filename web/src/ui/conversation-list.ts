/** The Chat tab: the conversations with a contact, newest first. */

import { html, nothing, type PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Address, type ConversationFrame, EMPTY_PAGED, type Id, type Paged } from "../state/model.js";
import { isAlias } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Asking } from "./asking.js";
import { conversationListStyles } from "./conversation-list-styles.js";
import { beginsAnother, withNewest } from "./conversation-news.js";
import { conversationRow } from "./conversation-row.js";
import { keepFocus } from "./focus.js";
import { chatIcon, openIcon } from "./icons.js";
import { listEnd } from "./load-more.js";
import { Part, toTop } from "./part.js";
import { empty, placeholders, problemNote, skeleton } from "./placeholders.js";
import { open } from "./tell.js";
import { shared } from "./theme.js";
import { rowAfter } from "./virtual-list.js";

/** Milliseconds without a message after which the newest conversation is counted again. */
const QUIET = 5000;

/**
 * `<company-chat-conversation-list .client .state .contact>`.
 *
 * Event: `open` with `{contact, conversation}`, or with `{contact}` for the chat.
 */
export class ConversationList extends Part {
  static override properties = { ...Part.properties, contact: {}, active: { state: true } };
  static override styles = [shared, placeholders, conversationListStyles];

  declare contact: Address;
  declare active: Id | null;

  private readonly asking = new Asking();
  private seen: { contact: Address; last: Id | undefined } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    keepFocus(this);
    this.contact = "";
    this.active = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private get list(): Paged<ConversationFrame> {
    return this.state.conversations.get(this.contact) ?? EMPTY_PAGED;
  }

  private get items(): readonly ConversationFrame[] {
    return this.list.items;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("contact")) this.active = null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { contact, state } = this;
    if (changed.has("contact")) toTop(this);
    if (!contact || !this.client) return;
    const thread = state.inbox.get(contact);
    const before = this.seen;
    this.seen = { contact, last: thread?.last_id };
    if (this.asking.due(contact, state, this.list.problem !== undefined)) {
      clearTimeout(this.timer);
      this.load(false);
    } else if (before?.contact === contact && thread && before.last !== thread.last_id) {
      clearTimeout(this.timer);
      // The message that begins a conversation shows at once; how many one has grown to, when it rests.
      this.timer = setTimeout(() => this.load(false), beginsAnother(thread, this.items[0]) ? 0 : QUIET);
    }
  }

  override render() {
    const words = text.people.conversations;
    const list = this.state.conversations.get(this.contact) ?? { ...EMPTY_PAGED, loading: true };
    const { items, cursor, loading, problem } = list;
    if (!items.length && problem) return problemNote(problem, () => this.load(false));
    if (!items.length && loading) return skeleton(4, text.people.preview.loading);
    if (!items.length && !cursor) return this.none();
    const active = this.indexOf(this.active);
    return html`<div class="toolbar" role="toolbar" aria-label=${words.toolbar}>
        <button type="button" aria-disabled=${active < 0 || nothing} @click=${this.openActive}>
          ${openIcon()}${words.open}
        </button>
      </div>
      <div class="scroller">
        <div
          class="list"
          role="listbox"
          tabindex="0"
          aria-label=${words.list}
          aria-activedescendant=${active < 0 ? nothing : `row-${active}`}
          @focus=${this.focused}
          @keydown=${this.pressed}
          @click=${this.clicked}
          @dblclick=${this.openActive}
        >
          ${repeat(
            items,
            (each) => each.id,
            (each, index) => this.row(each, index),
          )}
        </div>
        ${listEnd(list, (more) => this.load(more))}
      </div>`;
  }

  private row(listed: ConversationFrame, index: number) {
    const conversation = index ? listed : withNewest(listed, this.state.inbox.get(this.contact));
    return html`<div
      class="row"
      role="option"
      id=${`row-${index}`}
      data-index=${index}
      aria-selected=${conversation.id === this.active}
    >
      ${conversationRow(this.state, conversation, isAlias(this.state, this.contact))}
    </div>`;
  }

  private none() {
    const { none, begin } = text.people.conversations;
    const button = html`<p>${begin}</p>
      <button class="primary" type="button" @click=${() => open(this, { contact: this.contact })}>
        ${chatIcon()}${text.people.contact.chat}
      </button>`;
    return empty(chatIcon(), none, button);
  }

  private load(more: boolean): void {
    this.client.command({ do: "load conversations", contact: this.contact, more });
  }

  private indexOf(id: Id | null): number {
    return this.items.findIndex((each) => each.id === id);
  }

  private activate(index: number): void {
    this.active = this.items[index]?.id ?? null;
    this.renderRoot.querySelector(`#row-${index}`)?.scrollIntoView({ block: "nearest" });
  }

  private focused(event: FocusEvent): void {
    const keyboard = (event.target as Element).matches(":focus-visible");
    if (keyboard && this.indexOf(this.active) < 0) this.activate(0);
  }

  private pressed(event: KeyboardEvent): void {
    const next = event.altKey ? null : rowAfter(event.key, this.indexOf(this.active), this.items.length, 5);
    if (next !== null) this.activate(next);
    else if (event.key === "Enter") this.openActive();
    else return;
    event.preventDefault();
  }

  private clicked(event: Event): void {
    const row = (event.target as Element).closest<HTMLElement>(".row");
    if (row) this.activate(Number(row.dataset.index));
  }

  private openActive(): void {
    const { contact, active } = this;
    if (this.indexOf(active) >= 0 && active !== null) open(this, { contact, conversation: active });
  }
}

customElements.define("company-chat-conversation-list", ConversationList);
