/** A contact as the navigation pane lists it. */

import { html, nothing, type TemplateResult } from "lit";
import { MOST_UNREAD } from "../state/inbox.js";
import type { ContactSummary, State } from "../state/model.js";
import { appearanceOf, unreadOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import "./avatar.js";
import { numberWords } from "./day.js";
import "./presence.js";

/** What a row shows: picture, presence, name, a quiet line, and the unread badge. It is one line high, or two. */
export function contactRow(state: State, contact: ContactSummary): TemplateResult {
  const { address, name, kind } = contact;
  const writing = state.typing.has(address);
  return html`<span class="who">
      <company-chat-avatar .name=${name} .address=${address} .kind=${kind}></company-chat-avatar>
      ${presence(state, contact)}
    </span>
    <span class="lines">
      <span class="name" dir="auto">${name}</span>
      <span class="line ${writing ? "writing" : "quiet"}" dir="auto"
        >${writing ? text.people.navigation.writing : describe(contact)}</span
      >
    </span>
    ${badge(unreadOf(state, address))}`;
}

/** Title and department, or the address of who has neither. */
function describe({ title, department, address }: ContactSummary): string {
  return [title, department].filter(Boolean).join(" · ") || address;
}

/** Of a person whose presence is known: a row that has just come may not have it yet. */
function presence(state: State, { kind, address }: ContactSummary): unknown {
  if (kind === "alias" || !(state.presence.has(address) || state.own.chosen === "offline")) return nothing;
  const appearance = appearanceOf(state, address);
  return html`<company-chat-presence decorative .appearance=${appearance}></company-chat-presence>
    <span class="visually-hidden">${text.account.appearances[appearance]}</span>`;
}

function badge(unread: number): unknown {
  if (!unread) return nothing;
  const words = text.people.navigation;
  const over = unread >= MOST_UNREAD;
  return html`<span class="badge" aria-hidden="true">${over ? `${numberWords(MOST_UNREAD - 1)}+` : numberWords(unread)}</span>
    <span class="visually-hidden">${over ? words.unreadOver(MOST_UNREAD - 1) : words.unread(unread)}</span>`;
}
