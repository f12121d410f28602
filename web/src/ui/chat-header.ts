/** The head of a chat window: who it is, how they appear, and what stands between the user and the chat. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { Client } from "../client/client.js";
import type { Address, State } from "../state/model.js";
import { appearanceOf, contactAt, nameOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import "./avatar.js";
import "./presence.js";
import "./state-line.js";
import { vanish } from "./tell.js";

export const chatHeaderStyle = css`
  header {
    display: flex;
    align-items: center;
    gap: 12px;
    flex: none;
    padding: 8px 12px;
    padding-block-start: max(8px, env(safe-area-inset-top));
    background: var(--chat-surface);
    border-block-end: 1px solid var(--chat-border);
  }
  header > div {
    flex: 1;
    min-inline-size: 0;
  }
  header h1 {
    overflow: hidden;
    font-size: 1rem;
    line-height: 1.35;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  header p {
    display: flex;
    align-items: center;
    gap: 6px;
    font-size: 0.8125rem;
    color: var(--chat-text-quiet);
  }
  header p span {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  header p .words {
    flex: none;
    color: var(--chat-text);
  }
  .bar {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 12px;
    padding: 8px 12px;
    font-size: 0.8125rem;
    background: var(--chat-accent-soft);
  }
  company-chat-state-line {
    flex: none;
    padding-inline: 16px;
    background: var(--chat-surface);
  }
`;

/** Picture, name, and a line about the contact. */
export function chatHeader(state: State, contact: Address): TemplateResult {
  const summary = contactAt(state, contact);
  const photo = state.details.get(contact)?.value?.photo;
  const name = nameOf(state, contact);
  return html`<header>
    <company-chat-avatar
      .name=${name}
      .address=${contact}
      .photo=${photo}
      .kind=${summary?.kind ?? "user"}
    ></company-chat-avatar>
    <div>
      <h1 title=${contact}><bdi>${name}</bdi></h1>
      ${summary ? html`<p>${summary.kind === "alias" ? aliasLine(state, contact) : userLine(state, contact)}</p>` : nothing}
    </div>
  </header>`;
}

function userLine(state: State, contact: Address): TemplateResult {
  const appearance = appearanceOf(state, contact);
  const { title, department } = contactAt(state, contact) ?? {};
  const rest = [title, department].filter(Boolean);
  return html`<company-chat-presence decorative .appearance=${appearance}></company-chat-presence>
    <span class="words">${text.account.appearances[appearance]}</span>
    ${rest.length ? html`<span>· <bdi>${rest.join(" · ")}</bdi></span>` : nothing}`;
}

function aliasLine(state: State, contact: Address): TemplateResult {
  const details = state.details.get(contact)?.value;
  const count = (details?.members?.length ?? 0) + (details?.more_members ?? 0);
  const names = details?.members?.map((member) => nameOf(state, member)).join("\n");
  const { alias, members } = text.chat.window;
  return html`<span title=${names || nothing}>${alias}${details?.members ? ` · ${members(count)}` : nothing}</span>`;
}

/** What keeps the chat from working, with the way out of it; nothing to see while all is well. */
export function troubleBar(client: Client, state: State, contact: Address): TemplateResult {
  const words = text.chat.window;
  if (state.own.chosen === "offline") {
    const goAvailable = (event: Event) => {
      vanish(event.target as EventTarget);
      client.command({ do: "choose", status: "available" });
    };
    return html`<div class="bar">
      <p role="status">${words.offline(nameOf(state, contact))}</p>
      <button @click=${goAvailable}>${words.goAvailable}</button>
    </div>`;
  }
  return html`<company-chat-state-line .client=${client} .state=${state}></company-chat-state-line>`;
}
