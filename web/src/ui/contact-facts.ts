/** The details of a contact, one below the other, each where it is known. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { Address, ContactDetails, State } from "../state/model.js";
import { appearanceOf, isAlias, nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import "./avatar.js";
import { mailto, tel } from "./contact-links.js";
import { checkIcon, groupIcon } from "./icons.js";
import "./presence.js";

/** So many members of an alias are shown at first. */
export const FIRST_MEMBERS = 40;

const copyIcon = () =>
  html`<svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
    <path d="M8.5 7.5h7A1.5 1.5 0 0 1 17 9v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 16V9a1.5 1.5 0 0 1 1.5-1.5zM4.5 12.5A1.5 1.5 0 0 1 3 11V4a1.5 1.5 0 0 1 1.5-1.5h7A1.5 1.5 0 0 1 13 4" />
  </svg>`;

/** What the facts let the user do, and what came of it. */
export interface FactsActions {
  /** Whether the address was just copied; null before that. */
  readonly copied: boolean | null;
  readonly allMembers: boolean;
  copy(): void;
  showAll(): void;
  choose(contact: Address): void;
}

export function contactFacts(state: State, details: ContactDetails, actions: FactsActions): TemplateResult {
  const words = text.people.contact;
  return html`<dl>
    ${fact(words.title, details.title)} ${fact(words.department, details.department)}
    ${details.phones?.length ? fact(words.phones, details.phones.map(phone)) : nothing}
    ${fact(words.address, address(details.address, actions))}
    ${details.aliases?.length ? fact(words.aliases, contacts(state, details.aliases, actions)) : nothing}
    ${details.members ? fact(words.members, members(state, details, actions)) : nothing}
  </dl>`;
}

function fact(name: string, value: unknown): unknown {
  return value ? html`<div class="fact"><dt>${name}</dt><dd>${value}</dd></div>` : nothing;
}

function phone(number: string): TemplateResult {
  const href = tel(number);
  return html`<div class="line"><bdi>${href ? html`<a href=${href}>${number}</a>` : number}</bdi></div>`;
}

function address(of: Address, { copy, copied }: FactsActions): TemplateResult {
  const words = text.people.contact;
  return html`<div class="line">
    <a href=${mailto(of)}><bdi>${of}</bdi></a>
    <button class="icon" type="button" aria-label=${words.copy} title=${words.copy} @click=${copy}>
      ${copied ? checkIcon() : copyIcon()}
    </button>
    <span class="quiet" role="status">${copied === null ? nothing : copied ? words.copied : words.notCopied}</span>
  </div>`;
}

function members(state: State, details: ContactDetails, actions: FactsActions): TemplateResult {
  const words = text.people.contact;
  const all = details.members ?? [];
  const shown = actions.allMembers ? all : all.slice(0, FIRST_MEMBERS);
  const more = all.length - shown.length + (details.more_members ?? 0);
  return html`${contacts(state, shown, actions)}
  ${more ? html`<p class="quiet">${words.more(more)}</p>` : nothing}
  ${
    shown.length < all.length
      ? html`<button type="button" @click=${actions.showAll}>${words.all(all.length)}</button>`
      : nothing
  }`;
}

function contacts(state: State, addresses: readonly Address[], { choose }: FactsActions): TemplateResult {
  const self = selfOf(state);
  return html`<ul>
    ${addresses.map((each) =>
      each === self
        ? html`<li class="chip">${chip(state, each)} <span class="quiet">(${text.people.contact.you})</span></li>`
        : html`<li><button class="chip" type="button" @click=${() => choose(each)}>${chip(state, each)}</button></li>`,
    )}
  </ul>`;
}

function chip(state: State, address: Address): TemplateResult {
  const name = nameOf(state, address);
  const alias = isAlias(state, address);
  const unavailable = state.own.chosen === "offline" && address !== selfOf(state);
  const known = !alias && (state.presence.has(address) || unavailable);
  return html`${
    alias ? groupIcon() : html`<company-chat-avatar .name=${name} .address=${address}></company-chat-avatar>`
  }
    <bdi>${name}</bdi>
    ${known ? html`<company-chat-presence .appearance=${appearanceOf(state, address)}></company-chat-presence>` : nothing}`;
}

export const contactFactsStyles = css`
  dl {
    display: grid;
    gap: 16px;
    margin: 0;
  }
  .fact {
    display: grid;
    grid-template-columns: minmax(96px, 144px) 1fr;
    gap: 4px 16px;
  }
  dt {
    color: var(--chat-text-quiet);
  }
  dd {
    margin: 0;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 8px;
  }
  .line button {
    margin-block: -6px;
  }
  .line a {
    display: inline-block;
    padding-block: 2px;
  }
  ul {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    max-inline-size: 100%;
  }
  .chip {
    --avatar-size: 24px;
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-block-size: 32px;
    max-inline-size: 100%;
    padding-block: 3px;
    padding-inline: 4px 12px;
    border-radius: 22px;
    text-align: start;
  }
  .chip > svg {
    margin-inline-start: 4px;
    color: var(--chat-text-quiet);
  }
  li.chip {
    border: 1px solid var(--chat-border);
  }
  dd p {
    margin-block-start: 8px;
  }
  dd ul ~ button {
    margin-block-start: 8px;
  }
  @media (pointer: coarse) {
    .line a {
      padding-block: 11px;
    }
    .fact:has(a) {
      align-items: baseline;
    }
    .chip {
      min-block-size: 44px;
    }
  }
  @container (max-width: 420px) {
    .fact {
      grid-template-columns: 1fr;
    }
  }
`;
