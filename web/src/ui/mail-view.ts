/** One mail message, to read: its header, its text with links, and its files. Nothing is shown as HTML or loaded. */

import { css, html, nothing, type PropertyValues } from "lit";
import type { PersonFrame } from "../protocol/frames.js";
import { type Address, type Id, itemKey, type MailReply } from "../state/model.js";
import { text } from "../texts/index.js";
import { mailText } from "../texts/mail.js";
import { Asking } from "./asking.js";
import { fileCells, type Place } from "./communication-rows.js";
import { communicationStyles } from "./communication-styles.js";
import { conversationListStyles } from "./conversation-list-styles.js";
import { dateFormat, sizeWords, wholeTimeWords } from "./day.js";
import { Downloads, isWeb } from "./downloads.js";
import { keepFocus } from "./focus.js";
import { backIcon, mailIcon, openIcon } from "./icons.js";
import { bodyTemplate } from "./message-item.js";
import { Part } from "./part.js";
import { empty, placeholders, problemNote, skeleton } from "./placeholders.js";
import { shared } from "./theme.js";

/** So many people of one header are named at first. */
const NAMED = 6;

/**
 * `<company-chat-mail .client .state .contact .mail>`; `mail` is the id of a message with the contact.
 *
 * Event: `close` when the user goes back.
 */
export class MailView extends Part {
  static override properties = { ...Part.properties, contact: {}, mail: {}, unfolded: { state: true } };

  static override styles = [
    shared,
    placeholders,
    conversationListStyles,
    communicationStyles,
    css`
      .toolbar {
        justify-content: space-between;
        padding-inline: 8px 20px;
        border-block-end: 1px solid var(--chat-border);
      }
      .toolbar a {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        min-block-size: 32px;
        padding-inline: 8px;
      }
      .message {
        padding: 16px 20px 24px;
      }
      h2 {
        margin-block-end: 12px;
        font-size: 1.1875rem;
        font-weight: 650;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 2px 12px;
        margin: 0 0 16px;
        padding-block-end: 12px;
        border-block-end: 1px solid var(--chat-border);
        font-size: 0.875rem;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      dd button {
        min-block-size: 24px;
        padding: 0 6px;
        color: var(--chat-accent);
      }
      .body {
        max-inline-size: 76ch;
        unicode-bidi: plaintext;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        tab-size: 4;
      }
      .cut {
        max-inline-size: 76ch;
        margin-block-start: 16px;
        font-size: 0.875rem;
      }
      section {
        margin-block-start: 20px;
        padding-block-start: 4px;
        border-block-start: 1px solid var(--chat-border);
      }
      section h3 {
        padding: 8px 0;
      }
      section .list {
        padding: 0;
      }
      section .row.attachment {
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        max-inline-size: 76ch;
        padding-inline: 0;
      }
      section .attachment .what,
      section .attachment .acts {
        grid-row: 1;
      }
      section .row + .row::after {
        inset-inline: 0;
      }
      @container (max-width: 400px) {
        .message {
          padding-inline: 16px;
        }
      }
    `,
  ];

  declare contact: Address;
  declare mail: Id;
  /** The headers of which everybody is shown. */
  declare unfolded: readonly string[];

  private readonly asking = new Asking();
  private readonly downloads = new Downloads(this);

  constructor() {
    super();
    keepFocus(this);
    this.contact = "";
    this.mail = "";
    this.unfolded = [];
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(".back")?.focus();
  }

  private get loaded() {
    return this.state.mails.get(itemKey(this.contact, this.mail));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("mail")) this.unfolded = [];
  }

  protected override updated(): void {
    if (!this.client) return;
    if (this.asking.due(itemKey(this.contact, this.mail), this.state, this.loaded?.problem !== undefined)) this.load();
  }

  override render() {
    const words = mailText().mail;
    const { value, problem } = this.loaded ?? {};
    const link = value?.link;
    return html`<div class="toolbar">
        <button type="button" class="plain back" @click=${this.close}>${backIcon()}${words.back}</button>
        ${
          link && isWeb(link)
            ? html`<a href=${link} target="_blank" rel="noopener noreferrer">${openIcon()}${words.link}</a>`
            : nothing
        }
      </div>
      ${value ? this.message(value) : this.missing(problem)}`;
  }

  private missing(problem: NonNullable<MailView["loaded"]>["problem"]) {
    const words = mailText().mail;
    if (!problem) return skeleton(4, words.loading);
    return problem.code === "unknown_item" ? empty(mailIcon(), words.gone) : problemNote(problem, () => this.load());
  }

  private message(mail: MailReply) {
    const words = mailText();
    const { subject, sender, to, cc, more_people, at, cut, files } = mail;
    const { headers } = words.mail;
    return html`<div class="scroller message" tabindex="0" role="region" aria-label=${words.mail.label}>
      <h2 dir="auto">${subject || words.untitled}</h2>
      <dl>
        ${sender ? this.people("sender", [sender], 0) : nothing}
        ${this.people("to", to, cc.length ? 0 : more_people)} ${this.people("cc", cc, more_people)}
        <dt class="quiet">${headers.at}</dt>
        <dd><time datetime=${at} title=${wholeTimeWords(at)}>${dateFormat({ dateStyle: "full", timeStyle: "short" }).format(new Date(at))}</time></dd>
      </dl>
      ${
        mail.text
          ? html`<div class="body">${bodyTemplate(mail.text)}</div>`
          : html`<p class="quiet">${words.mail.empty}</p>`
      }
      ${cut ? html`<p class="notice cut">${words.mail.cut}</p>` : nothing}
      ${(mail.notes ?? []).map((note) => html`<p class="quiet cut" lang="en" dir="auto">${note}</p>`)} ${files.length ? this.files(mail) : nothing}
    </div>`;
  }

  /** A header with the people in it; `beyond`: how many more the server does not name. */
  private people(header: "sender" | "to" | "cc", people: readonly PersonFrame[], beyond = 0) {
    if (!people.length) return nothing;
    const { comma, more, all } = text.people.contact;
    const words = mailText().mail;
    const offer = beyond ? words.named(people.length, people.length + beyond) : all(people.length);
    const shown = this.unfolded.includes(header) ? people : people.slice(0, NAMED);
    const unfold = () => {
      this.unfolded = [...this.unfolded, header];
    };
    return html`<dt class="quiet">${words.headers[header]}</dt>
      <dd>
        ${shown.map((person, index) => html`${index ? comma : nothing}${personWords(person)}`)}
        ${
          shown.length < people.length
            ? html`<button type="button" class="plain" @click=${unfold}>${offer}</button>`
            : beyond
              ? more(beyond)
              : nothing
        }
      </dd>`;
  }

  private files({ files, more_files }: MailReply) {
    const place: Place = { state: this.state, contact: this.contact, downloads: this.downloads };
    return html`<section>
      <h3>${mailText().mail.files}</h3>
      <ul class="list">
        ${files.map(
          (file) => html`<li class="row attachment">
            ${fileCells(file, typeof file.size === "number" ? sizeWords(file.size) : nothing, place)}
          </li>`,
        )}
      </ul>
      ${more_files ? html`<p class="quiet">${mailText().mail.moreFiles(more_files)}</p>` : nothing}
    </section>`;
  }

  private load(): void {
    this.client.command({ do: "load mail", contact: this.contact, id: this.mail });
  }

  private close(): void {
    this.dispatchEvent(new CustomEvent("close"));
  }
}

function personWords({ name, address }: PersonFrame) {
  if (!name || name === address) return html`<bdi>${address || name}</bdi>`;
  return html`<bdi>${name}</bdi> ${address ? html`<bdi class="quiet">${address}</bdi>` : nothing}`;
}

customElements.define("company-chat-mail", MailView);
