/** What a search with a contact found, newest first, by month, with the words marked. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Address, EMPTY_PAGED, type HitFrame, type Search, searchKey } from "../state/model.js";
import { nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { mailText } from "../texts/mail.js";
import { Asking } from "./asking.js";
import { directionSign, read } from "./communication-rows.js";
import { communicationStyles } from "./communication-styles.js";
import { conversationListStyles } from "./conversation-list-styles.js";
import { dateFormat, dayWords, timeWords, wholeDateWords, wholeTimeWords } from "./day.js";
import { Downloads } from "./downloads.js";
import { FILE_ICONS, kindOfFile } from "./file-kinds.js";
import { keepFocus } from "./focus.js";
import { highlight } from "./highlight.js";
import { calendarIcon, chatIcon, mailIcon, searchIcon } from "./icons.js";
import { Part, toTop } from "./part.js";
import { empty, placeholders, problemNote, skeleton } from "./placeholders.js";
import { open, tell } from "./tell.js";
import { shared } from "./theme.js";

const KINDS: Readonly<Record<HitFrame["kind"], (hit: HitFrame) => TemplateResult>> = {
  chat: chatIcon,
  message: mailIcon,
  appointment: calendarIcon,
  attachment: ({ title }) => FILE_ICONS[kindOfFile(title, null)](),
};

/**
 * `<company-chat-search-results .client .state .contact .words>`.
 *
 * Events: `open` with a target for a chat message, `read` with the id of a mail message, `seek` with the id of an
 * appointment.
 */
export class SearchResults extends Part {
  static override properties = { ...Part.properties, contact: {}, words: {} };

  static override styles = [
    shared,
    placeholders,
    conversationListStyles,
    communicationStyles,
    css`
      .count {
        padding: 8px 20px 0;
        font-size: 0.8125rem;
      }
      .row {
        grid-template-columns: auto minmax(0, 1fr) auto;
        column-gap: 12px;
      }
      .row > svg {
        margin-block-start: 1px;
        color: var(--chat-text-quiet);
      }
      .title .quiet {
        font-weight: 400;
      }
      .end {
        display: grid;
        justify-items: center;
        gap: 8px;
        padding: 12px 20px;
        text-align: center;
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: 2px 10px;
        font-size: 0.8125rem;
        text-align: end;
      }
      .acts {
        grid-column: 2 / -1;
        justify-items: start;
        padding-block-start: 4px;
      }
      @container (max-width: 560px) {
        .what {
          grid-area: 1 / 2;
        }
        .facts {
          grid-column: 2 / -1;
          justify-content: start;
        }
      }
      @container (max-width: 400px) {
        .count {
          padding-inline: 16px;
        }
      }
    `,
  ];

  declare contact: Address;
  declare words: string;

  private readonly asking = new Asking();
  private readonly downloads = new Downloads(this);

  constructor() {
    super();
    keepFocus(this);
    this.contact = "";
    this.words = "";
  }

  private get found(): Search | undefined {
    return this.state.searches.get(searchKey(this.contact, this.words));
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { contact, words, state } = this;
    if (changed.has("words")) toTop(this);
    if (!this.client) return;
    if (this.asking.due(searchKey(contact, words), state, this.found?.problem !== undefined)) this.search(false);
  }

  override render() {
    const found = this.found ?? { ...EMPTY_PAGED, loading: true, searchedTo: null };
    return html`<div role="status">${this.said(found)}</div>
      ${this.list(found)}`;
  }

  /** What the search came to. The element around it is always there, so that every change is announced. */
  private said({ items, cursor, loading, problem }: Search) {
    const { wrong, found, foundYet, none, noneYet } = mailText().search;
    if (problem?.code === "bad_field") return empty(searchIcon(), wrong);
    if (items.length) return html`<p class="count quiet">${(cursor ? foundYet : found)(items.length)}</p>`;
    if (!cursor && (loading || problem)) return nothing;
    return empty(searchIcon(), (cursor ? noneYet : none)(this.words));
  }

  private list(found: Search) {
    const { items, cursor, loading, problem } = found;
    if (problem?.code === "bad_field") return nothing;
    const note = problem ? problemNote(problem, () => this.search(cursor !== null)) : nothing;
    if (!items.length && !cursor) return loading ? skeleton(4, mailText().search.loading) : note;
    return html`<div class="scroller" tabindex="0" role="region" aria-label=${text.people.preview.results}>
      ${monthsOf(items).map((month) => this.month(month))} ${note} ${this.end(found)}
    </div>`;
  }

  private month(hits: readonly HitFrame[]) {
    return html`<h3>${dateFormat({ month: "long", year: "numeric" }).format(new Date(hits[0]?.at ?? 0))}</h3>
      <ul class="list">
        ${repeat(
          hits,
          (hit) => `${hit.kind} ${hit.id}`,
          (hit) => this.row(hit),
        )}
      </ul>`;
  }

  private row(hit: HitFrame) {
    const words = mailText();
    const { kind, id, at, title, direction } = hit;
    const sender = hit.sender === selfOf(this.state) ? text.chat.list.you : nameOf(this.state, hit.sender ?? "");
    const name = kind === "chat" ? html`<bdi>${sender}</bdi>` : this.marked(title || words.untitled);
    const heading = html`<span class="visually-hidden">${words.search.kinds[kind]}: </span>${name}`;
    const whole = kind === "appointment" ? wholeDateWords(at) : wholeTimeWords(at);
    return html`<li class="row">
      ${KINDS[kind](hit)}
      <span class="what">
        ${
          kind === "attachment"
            ? html`<span class="title">${heading}</span>`
            : html`<button type="button" class="title" @click=${() => this.show(hit)}>${heading}</button>`
        }
        ${hit.text && hit.text !== title ? html`<span class="preview">${this.marked(hit.text)}</span>` : nothing}
      </span>
      <span class="facts quiet">
        ${directionSign(direction)}
        <time datetime=${at} title=${whole}>${dayWords(at)} ${kind === "appointment" ? nothing : timeWords(at)}</time>
      </span>
      ${kind === "attachment" ? html`<span class="acts">${this.downloads.button(this.contact, id, title)}</span>` : nothing}
    </li>`;
  }

  private marked(shown: string) {
    const runs = highlight(shown, this.words);
    return html`<bdi>${runs.map(({ text: run, hit }) => (hit ? html`<mark>${run}</mark>` : run))}</bdi>`;
  }

  /** How far back was looked, and the way further. */
  private end({ cursor, loading, searchedTo }: Search) {
    const words = mailText().search;
    if (!cursor) return nothing;
    return html`<div class="end">
      ${searchedTo ? html`<p class="quiet" role="status">${words.searchedTo(wholeDateWords(searchedTo))}</p>` : nothing}
      <button type="button" aria-disabled=${loading || nothing} @click=${() => loading || this.search(true)}>
        ${loading ? words.loading : words.further}
      </button>
    </div>`;
  }

  private show({ kind, id }: HitFrame): void {
    if (kind === "chat") open(this, { contact: this.contact, conversation: id });
    else if (kind === "message") read(this, id);
    else tell(this, "seek", id);
  }

  private search(more: boolean): void {
    this.client.command({ do: "search", contact: this.contact, words: this.words, more });
  }
}

/** Hits in their order, those of one month together. */
function monthsOf(hits: readonly HitFrame[]): readonly (readonly HitFrame[])[] {
  const months: HitFrame[][] = [];
  for (const hit of hits) {
    const last = months.at(-1);
    if (last?.[0] && monthOf(last[0]) === monthOf(hit)) last.push(hit);
    else months.push([hit]);
  }
  return months;
}

function monthOf({ at }: HitFrame): string {
  const day = new Date(at);
  return `${day.getFullYear()} ${day.getMonth()}`;
}

customElements.define("company-chat-search-results", SearchResults);
