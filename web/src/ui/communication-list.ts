/** The tabs Messages, Appointments and Attachments: the user's own mail that involves a contact. */

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { endOf, goesBefore, isComing } from "../state/correspondence.js";
import {
  type Address,
  type CommunicationFrame,
  type CommunicationKind,
  type Communications,
  communicationKey,
  EMPTY_PAGED,
  type Id,
} from "../state/model.js";
import { contactAt, nameOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { mailText } from "../texts/mail.js";
import { Asking } from "./asking.js";
import { appointmentRow, attachmentRow, messageRow, type Place } from "./communication-rows.js";
import { communicationStyles } from "./communication-styles.js";
import { conversationListStyles } from "./conversation-list-styles.js";
import { Downloads } from "./downloads.js";
import { keepFocus } from "./focus.js";
import { calendarIcon, fileIcon, mailIcon } from "./icons.js";
import { listEnd } from "./load-more.js";
import { Part, toTop } from "./part.js";
import { empty, placeholders, problemNote, skeleton } from "./placeholders.js";
import { shared } from "./theme.js";

const ICONS: Readonly<Record<CommunicationKind, () => TemplateResult>> = {
  message: mailIcon,
  appointment: calendarIcon,
  attachment: fileIcon,
};
const ROWS: Readonly<Record<CommunicationKind, (each: CommunicationFrame, place: Place) => TemplateResult>> = {
  message: messageRow,
  appointment: appointmentRow,
  attachment: attachmentRow,
};

/** Milliseconds after which it is looked again what is over: timers are late by the time that a computer slept. */
const LOOK = 60_000;

/** Entries among which one that a search has found is looked for. */
const MOST_SOUGHT = 500;

/**
 * `<company-chat-communication-list .client .state .contact .kind .sought>`; `sought`: the id of the entry to go to, or
 * null.
 *
 * Event: `read` with the id of a mail message.
 */
export class CommunicationList extends Part {
  static override properties = { ...Part.properties, contact: {}, kind: {}, sought: {} };
  static override styles = [shared, placeholders, conversationListStyles, communicationStyles];

  declare contact: Address;
  declare kind: CommunicationKind;
  declare sought: Id | null;

  private readonly asking = new Asking();
  private readonly downloads = new Downloads(this);
  /** The entry that the list went to. */
  private reached: Id | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    keepFocus(this);
    this.contact = "";
    this.kind = "message";
    this.sought = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private get list(): Communications | undefined {
    return this.state.communications.get(communicationKey(this.contact, this.kind));
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { contact, kind, state } = this;
    if (changed.has("contact") || changed.has("kind")) toTop(this);
    this.watch();
    if (!contact || !this.client) return;
    // What came while there was no connection was pushed to nobody, so a new one asks again.
    if (this.asking.due(communicationKey(contact, kind), state, true)) this.load(false);
    else this.seek();
  }

  /** Render again when the next appointment is over. */
  private watch(): void {
    clearTimeout(this.timer);
    if (this.kind !== "appointment") return;
    const now = Date.now();
    const left = this.list?.items.map((each) => endOf(each) - now).filter((each) => each >= 0) ?? [];
    if (left.length) this.timer = setTimeout(() => this.requestUpdate(), Math.min(LOOK, ...left) + 1);
  }

  /** Go to the entry that is sought, and ask for more pages until it is there. */
  private seek(): void {
    const { sought, list } = this;
    if (!sought || this.reached === sought || !list || list.loading || list.problem) return;
    const row = this.renderRoot.querySelector<HTMLElement>(`[data-id="${sought}"]`);
    if (row) {
      this.reached = sought;
      row.scrollIntoView({ block: "center" });
      row.focus();
    } else if (list.cursor && list.items.length < MOST_SOUGHT) this.load(true);
    else this.reached = sought;
  }

  override render() {
    const { kind, contact, state } = this;
    const words = mailText();
    const list = this.list ?? { ...EMPTY_PAGED, loading: true, indexed: null };
    const { items, cursor, loading, problem, indexed } = list;
    if (!items.length && problem) return problemNote(problem, () => this.load(cursor !== null));
    if (!items.length && loading) return skeleton(4, text.people.preview.loading);
    if (!items.length && indexed === false) return empty(ICONS[kind](), words.unindexed[kind]);
    if (!items.length && !cursor)
      return empty(ICONS[kind](), words.none[kind](nameOf(state, contact)), this.stranger());
    return html`<div class="scroller" tabindex="0" role="region" aria-label=${text.people.preview[kind]}>
      ${kind === "appointment" ? this.appointments(items) : this.rows(items)}
      ${listEnd(list, (more) => this.load(more))}
    </div>`;
  }

  /** Of an alias that the user is no member of, less is shown. */
  private stranger() {
    const known = contactAt(this.state, this.contact);
    if (known?.kind !== "alias" || known.member) return nothing;
    return html`<p>${mailText().stranger(known.name)}</p>`;
  }

  private appointments(items: readonly CommunicationFrame[]) {
    const now = Date.now();
    const coming = items.filter((each) => isComing(each, now));
    const past = items.filter((each) => !isComing(each, now)); // some are over only since they came
    past.sort((a, b) => (goesBefore(a, b, now) ? -1 : 1));
    const words = mailText();
    return html`${coming.length ? html`<h3>${words.coming}</h3>${this.rows(coming)}` : nothing}
    ${past.length ? html`<h3>${words.past}</h3>${this.rows(past)}` : nothing}`;
  }

  private rows(items: readonly CommunicationFrame[]) {
    const place: Place = { state: this.state, contact: this.contact, downloads: this.downloads };
    return html`<ul class="list">
      ${repeat(
        items,
        (each) => each.id,
        (each) => html`<li
          class="row ${each.kind} ${each.state ?? ""} ${each.id === this.sought ? "sought" : ""}"
          data-id=${each.id}
          tabindex=${each.id === this.sought ? -1 : nothing}
        >
          ${ROWS[each.kind](each, place)}
        </li>`,
      )}
    </ul>`;
  }

  private load(more: boolean): void {
    this.client.command({ do: "load communications", contact: this.contact, kind: this.kind, more });
  }
}

customElements.define("company-chat-communication-list", CommunicationList);
