/** The tabs Messages, Appointments and Attachments: the user's own mail that involves a contact, newest first. */

import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import {
  type Address,
  type CommunicationFrame,
  type CommunicationKind,
  communicationKey,
  EMPTY_PAGED,
} from "../state/model.js";
import { nameOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Asking } from "./asking.js";
import { conversationListStyles } from "./conversation-list-styles.js";
import { dayWords, periodWords, sizeWords } from "./day.js";
import { calendarIcon, fileIcon, mailIcon } from "./icons.js";
import { listEnd } from "./load-more.js";
import { Part } from "./part.js";
import { empty, placeholders, problemNote, skeleton } from "./placeholders.js";
import { shared } from "./theme.js";

const ICONS: Readonly<Record<CommunicationKind, () => TemplateResult>> = {
  message: mailIcon,
  appointment: calendarIcon,
  attachment: fileIcon,
};

/** `<company-chat-communication-list .client .state .contact .kind>`. */
export class CommunicationList extends Part {
  static override properties = { ...Part.properties, contact: {}, kind: {} };

  static override styles = [
    shared,
    placeholders,
    conversationListStyles,
    css`
      .scroller {
        padding-block: 8px;
      }
      .title {
        display: flex;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      .title svg {
        color: var(--chat-text-quiet);
      }
    `,
  ];

  declare contact: Address;
  declare kind: CommunicationKind;

  private readonly asking = new Asking();

  constructor() {
    super();
    this.contact = "";
    this.kind = "message";
  }

  private get list() {
    return this.state.communications.get(communicationKey(this.contact, this.kind));
  }

  protected override updated(): void {
    const { contact, kind, state } = this;
    if (!contact || !this.client) return;
    const refused = this.list?.problem !== undefined;
    if (this.asking.due(communicationKey(contact, kind), state, refused)) this.load(false);
  }

  override render() {
    const { kind, contact } = this;
    const words = text.people.communications;
    const list = this.list ?? { ...EMPTY_PAGED, loading: true, indexed: null };
    const { items, cursor, loading, problem, indexed } = list;
    if (!items.length && problem) return problemNote(problem, () => this.load(cursor !== null));
    if (!items.length && indexed === false) return empty(ICONS[kind](), words.unindexed[kind]);
    if (!items.length && loading) return skeleton(4, text.people.preview.loading);
    if (!items.length && !cursor) return empty(ICONS[kind](), words.none[kind](nameOf(this.state, contact)));
    return html`<div class="scroller" tabindex="0" role="region" aria-label=${text.people.preview[kind]}>
      <ul class="list">
        ${repeat(
          items,
          (each) => each.id,
          (each) => this.row(each),
        )}
      </ul>
      ${listEnd(list, (more) => this.load(more))}
    </div>`;
  }

  private row({ kind, title, at, ends_at, direction, size }: CommunicationFrame) {
    const words = text.people.communications;
    const facts = [direction && words[direction], typeof size === "number" && sizeWords(size)].filter(Boolean);
    return html`<li class="row">
      <span class="when">
        <span class="day">${dayWords(at)}</span>
        <span class="quiet">${periodWords(at, ends_at)}</span>
      </span>
      <span class="what title">${ICONS[kind]()}<bdi>${title || words.untitled}</bdi></span>
      ${facts.length ? html`<span class="length quiet">${facts.join(" · ")}</span>` : nothing}
    </li>`;
  }

  private load(more: boolean): void {
    this.client.command({ do: "load communications", contact: this.contact, kind: this.kind, more });
  }
}

customElements.define("company-chat-communication-list", CommunicationList);
