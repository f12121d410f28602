/** Mail, appointments and files as the lists of the preview pane show them. */

import { html, nothing, type TemplateResult } from "lit";
import type { Address, CommunicationFrame, State } from "../state/model.js";
import { nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { mailText } from "../texts/mail.js";
import { beginOf, ruleWords, timesOf } from "./appointment-words.js";
import { dayWords, listWords, sizeWords, timeWords, wholeDateWords, wholeTimeWords } from "./day.js";
import { type Downloads, isWeb } from "./downloads.js";
import { FILE_ICONS, kindOfFile } from "./file-kinds.js";
import { openIcon } from "./icons.js";
import { clipIcon, placeIcon, receivedIcon, repeatIcon, sentIcon } from "./mail-icons.js";
import { tell } from "./tell.js";

/** So many people are named. */
const NAMED = 3;

/** In which list a row is. */
export interface Place {
  readonly state: State;
  readonly contact: Address;
  readonly downloads: Downloads;
}

/** `read` with the id of a mail message: the user wants to read it. */
export function read(from: EventTarget | null, id: string): void {
  if (from) tell(from, "read", id);
}

/** Which way it went: an arrow and the word. */
export function directionSign(direction: CommunicationFrame["direction"]): TemplateResult | typeof nothing {
  if (!direction) return nothing;
  return html`<span class="sign">${direction === "sent" ? sentIcon() : receivedIcon()}${mailText()[direction]}</span>`;
}

function whenCell(at: string): TemplateResult {
  return html`<time class="when" datetime=${at} title=${wholeTimeWords(at)}>
    <span class="day">${dayWords(at)}</span>
    <span class="quiet">${timeWords(at)}</span>
  </time>`;
}

export function messageRow(mail: CommunicationFrame, { state, contact }: Place): TemplateResult {
  const words = mailText();
  const { id, at, title, direction, preview, files } = mail;
  const others = othersWords(mail, state, contact);
  return html`${whenCell(at)}
    <span class="what">
      <button type="button" class="title" @click=${(event: Event) => read(event.currentTarget, id)}>
        <bdi>${title || words.untitled}</bdi>
      </button>
      ${others ? html`<span class="participants">${words.people(others)}</span>` : nothing}
      ${preview ? html`<span class="preview quiet"><bdi>${preview}</bdi></span>` : nothing}
    </span>
    <span class="length quiet">
      ${directionSign(direction)}
      ${files ? html`<span class="sign">${clipIcon()}${words.files(files)}</span>` : nothing}
    </span>`;
}

/** "Carol, Dave and 3 more": who else took part, besides the user and the contact. */
function othersWords({ people, more_people }: CommunicationFrame, state: State, contact: Address): string {
  const { comma, more } = text.people.contact;
  const others = (people ?? []).filter((each) => each !== contact && each !== selfOf(state));
  const names = others.slice(0, NAMED).map((each) => nameOf(state, each));
  const rest = others.length - names.length + (more_people ?? 0);
  return rest && names.length ? `${names.join(comma)} ${more(rest)}` : listWords(names);
}

export function appointmentRow(appointment: CommunicationFrame, { state, contact }: Place): TemplateResult {
  const words = mailText();
  const { at, title, place, answer, contact_answer: theirs, state: settled } = appointment;
  const isCancelled = settled === "cancelled";
  const begin = beginOf(appointment);
  const rule = ruleWords(appointment);
  const signs = [
    isCancelled && html`<strong class="cancelled">${words.cancelled}</strong>`,
    settled === "tentative" && words.unsettled,
    !isCancelled && answer && words.answers[answer],
    !isCancelled && theirs && words.theirAnswers[theirs](nameOf(state, contact)),
  ];
  return html`<time class="when" datetime=${at} title=${wholeDateWords(begin)}>
      <span class="day">${dayWords(begin)}</span>
      <span class="quiet">${timesOf(appointment)}</span>
    </time>
    <span class="what">
      <span class="title"><bdi>${isCancelled ? html`<s>${title || words.untitled}</s>` : title || words.untitled}</bdi></span>
      ${place ? html`<span class="sign quiet">${placeIcon()}<bdi>${place}</bdi></span>` : nothing}
      ${rule ? html`<span class="sign quiet">${repeatIcon()}<span>${rule}</span></span>` : nothing}
      ${appointment.mail ? html`<span class="origin">${originOf(appointment)}</span>` : nothing}
    </span>
    <span class="length quiet">${signs.filter(Boolean).map((sign) => html`<span>${sign}</span>`)}</span>`;
}

export function attachmentRow(file: CommunicationFrame, place: Place): TemplateResult {
  const { at, direction, size } = file;
  return html`${whenCell(at)} ${fileCells(file, originOf(file), place)}
    <span class="length quiet">
      ${directionSign(direction)}
      ${typeof size === "number" ? html`<span>${sizeWords(size)}</span>` : nothing}
    </span>`;
}

/** Where an appointment or a file is from: a mail that can be read, or the chat. */
function originOf({ mail, mail_title, url }: CommunicationFrame) {
  const words = mailText();
  if (!mail) return url ? words.inChat : nothing;
  return html`<button type="button" class="plain from" @click=${(event: Event) => read(event.currentTarget, mail)}>
    <bdi>${words.from(mail_title || words.untitled)}</bdi>
  </button>`;
}

/** A file's icon and name with `note` below, and the button that gets it. */
export function fileCells(file: CommunicationFrame, note: unknown, { contact, downloads }: Place): TemplateResult {
  const words = mailText();
  const { id, title, content_type, url } = file;
  const kind = kindOfFile(title, content_type);
  const name = title || words.unnamed;
  return html`<span class="what file">
      <span class="kind">${FILE_ICONS[kind]()}<span class="visually-hidden">${words.types[kind]}</span></span>
      <span class="title"><bdi>${name}</bdi></span>
      <span class="origin quiet">${note}</span>
    </span>
    <span class="acts">${url && isWeb(url) ? openLink(url, name) : downloads.button(contact, id, name)}</span>`;
}

function openLink(url: string, name: string): TemplateResult {
  const words = mailText();
  return html`<a class="act button" href=${url} target="_blank" rel="noopener noreferrer" aria-label=${words.openOf(name)}>
    ${openIcon()}<span>${words.open}</span>
  </a>`;
}
