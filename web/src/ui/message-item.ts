/** How days, groups and messages look. Functions and not elements: a long history has thousands of them. */

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Address, ContactSummary } from "../state/model.js";
import { text } from "../texts/index.js";
import "./avatar.js";
import { dayWords, timeWords, wholeTimeWords } from "./day.js";
import type { Day, Entry, Group, Mark } from "./grouping.js";
import { checkIcon, clockIcon, doubleCheckIcon, warningIcon, xmppIcon } from "./icons.js";
import { hueOf } from "./initials.js";
import { isEmoji, linkify } from "./links.js";

/** Whom a list of messages is with, and what can be done in it. */
export interface Setting {
  readonly nameOf: (address: Address) => string;
  /** Whether several people write: each is told apart by name and picture. */
  readonly several: boolean;
  /** The sender if a chat with them can be opened from here. */
  readonly replyTo?: (sender: Address) => ContactSummary | undefined;
}

/** What a message asks for: an event of the list's element, by the names of these. */
export interface Asks {
  retry(entry: Entry): void;
  discard(entry: Entry): void;
  reply(sender: Address): void;
}

/** A day with its heading. */
export function dayTemplate(day: Day, group: (group: Group) => unknown): TemplateResult {
  return html`<section class="day">
    <h2>${dayWords(day.at)}</h2>
    ${repeat(day.groups, (each) => each.key, group)}
  </section>`;
}

/** A group with its line, head and messages. */
export function groupTemplate(group: Group, setting: Setting, asks?: Asks): TemplateResult {
  const name = group.own ? text.chat.list.you : setting.nameOf(group.sender);
  const several = setting.several && !group.own;
  return html`
    ${group.afterLine ? lineTemplate() : nothing}
    <div class="group ${group.own ? "own" : "other"} ${several ? "several" : ""}">
      ${several ? html`<company-chat-avatar .name=${name} .address=${group.sender}></company-chat-avatar>` : nothing}
      ${headTemplate(group, name, several, setting, asks)}
      ${repeat(
        group.entries,
        (entry) => entry.id,
        (entry, index) => entryTemplate(entry, index > 0, asks),
      )}
    </div>
  `;
}

function lineTemplate(): TemplateResult {
  return html`<div class="line" role="separator" aria-label=${text.chat.list.line}><span>${text.chat.list.line}</span></div>`;
}

function headTemplate(group: Group, name: string, several: boolean, setting: Setting, asks?: Asks): TemplateResult {
  const first = group.entries[0];
  const person = several && asks ? setting.replyTo?.(group.sender) : undefined;
  return html`<div class="head">
    <bdi class=${several ? "name" : "visually-hidden"} .style=${`--hue: ${hueOf(group.sender)}`}>${name}</bdi>
    ${first ? timeTemplate(first.at) : nothing}
    ${
      person
        ? html`<button
            class="plain reply"
            aria-label=${text.chat.message.replyTo(person.name)}
            @click=${() => asks?.reply(person.address)}
          >
            ${text.chat.message.reply}
          </button>`
        : nothing
    }
  </div>`;
}

function timeTemplate(at: number): TemplateResult {
  return html`<time datetime=${new Date(at).toISOString()}>${timeWords(at)}</time>`;
}

/** One message. `later`: it is not the first of its group, whose time stands above. */
function entryTemplate(entry: Entry, later: boolean, asks?: Asks): TemplateResult {
  const { mark } = entry;
  return html`
    <div class="message ${mark ?? ""}" data-id=${entry.id} data-at=${entry.at}>
      ${later ? timeTemplate(entry.at) : nothing}
      <div class="bubble ${isEmoji(entry.body) ? "emoji" : ""}" >
        <div class="body" dir="auto">${bodyTemplate(entry.body)}</div>
        ${entry.door === "xmpp" || mark ? signsTemplate(entry) : nothing}
      </div>
      ${mark === "waiting" ? html`<p class="note quiet">${text.chat.message.marks.waiting}</p>` : nothing}
      ${mark === "failed" ? failureTemplate(entry, asks) : nothing}
    </div>
  `;
}

/** Gives what is pointed at its whole time as a tooltip: making thousands of them beforehand would take its time. */
export function nameTime({ target }: Event): void {
  const near = target instanceof Element ? target.closest<HTMLElement>("time, .bubble") : null;
  const at = near?.getAttribute("datetime") ?? Number(near?.closest<HTMLElement>(".message")?.dataset.at);
  if (near && at) near.title = wholeTimeWords(at);
}

/** The text with its links. What is no link is text, whatever it looks like. */
export function bodyTemplate(body: string): unknown {
  return linkify(body).map(({ text: shown, href }) =>
    href ? html`<a href=${href} target="_blank" rel="noopener noreferrer"><bdi>${shown}</bdi></a>` : shown,
  );
}

const MARKS: Readonly<Record<Mark, () => TemplateResult>> = {
  waiting: clockIcon,
  sending: clockIcon,
  stored: checkIcon,
  read: doubleCheckIcon,
  failed: warningIcon,
};

function signsTemplate({ door, mark }: Entry): TemplateResult {
  const { marks, xmpp } = text.chat.message;
  return html`<div class="signs">
    ${door === "xmpp" ? signTemplate("door", xmpp, xmppIcon()) : nothing}
    ${mark ? signTemplate(`mark ${mark}`, marks[mark], MARKS[mark]()) : nothing}
  </div>`;
}

function signTemplate(kind: string, words: string, icon: TemplateResult): TemplateResult {
  return html`<span class=${kind} title=${words}>${icon}<span class="visually-hidden">${words}</span></span>`;
}

/** The id is what an operator finds the message by (docs/operating.md). */
function failureTemplate(entry: Entry, asks?: Asks): TemplateResult {
  const { marks, id, retry, discard } = text.chat.message;
  return html`<div class="failure">
    <p>${marks.failed}: ${reasonOf(entry)}</p>
    <small>${id} <bdi>${entry.id}</bdi></small>
    <button @click=${() => asks?.retry(entry)}>${retry}</button>
    <button class="plain" @click=${() => asks?.discard(entry)}>${discard}</button>
  </div>`;
}

const REASONS: Readonly<Record<string, keyof typeof text.chat.message.problems>> = {
  unreachable: "unreachable",
  not_connected: "unreachable",
  busy: "busy",
  internal: "internal",
  body_too_large: "too_long",
  frame_too_large: "too_long",
  bad_text: "bad_text",
  empty_body: "bad_text",
  unknown_recipient: "gone",
  unknown_contact: "gone",
  blocked: "blocked",
  offline: "offline",
  clock_skew: "clock",
};

function reasonOf({ problem }: Entry): string {
  return text.chat.message.problems[REASONS[problem?.code ?? ""] ?? "other"];
}
