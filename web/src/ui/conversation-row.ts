/** A conversation as the Chat tab lists it. */

import { html, nothing, type TemplateResult } from "lit";
import type { Address, ConversationFrame, State } from "../state/model.js";
import { nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { dayWords, durationWords, listWords, spanWords } from "./day.js";
import { webIcon, xmppIcon } from "./icons.js";

/** So many participants are named. */
const NAMED = 3;

/** When it was, its newest message, how long it is; `named`: who took part, where that is not plain. */
export function conversationRow(state: State, conversation: ConversationFrame, named: boolean): TemplateResult {
  const { started_at, ended_at, preview, participants, doors } = conversation;
  return html`<span class="when">
      <span class="day">${dayWords(started_at)}</span>
      <span class="quiet">${spanWords(started_at, ended_at)}</span>
    </span>
    <span class="what">
      ${named && participants.length ? html`<span class="participants">${names(state, participants)}</span>` : nothing}
      <span class="preview"><bdi>${preview}</bdi></span>
    </span>
    <span class="length quiet"><span>${length(conversation)}</span><span class="doors">${doors.map(door)}</span></span>`;
}

/** "12 messages · 5 min". */
function length({ count, complete, started_at, ended_at }: ConversationFrame): string {
  const messages = text.people.conversations.messages(count, complete);
  const lasted = Date.parse(ended_at) - Date.parse(started_at);
  return lasted > 0 ? `${messages} · ${durationWords(lasted)}` : messages;
}

function names(state: State, participants: readonly Address[]): string {
  const self = selfOf(state);
  const words = text.people.contact;
  const others = participants.filter((each) => each !== self).map((each) => nameOf(state, each));
  const all = others.length < participants.length ? [...others, words.you] : others;
  if (all.length <= NAMED) return listWords(all);
  return `${all.slice(0, NAMED).join(words.comma)} ${words.more(all.length - NAMED)}`;
}

function door(name: string): TemplateResult {
  const words = text.people.conversations;
  const through = name === "xmpp" ? words.xmpp : words.web;
  return html`<span role="img" aria-label=${through} title=${through}>${name === "xmpp" ? xmppIcon() : webIcon()}</span>`;
}
