/** A box to search in: a magnifier before it, and a button that clears it behind. */

import { css, html, nothing, type TemplateResult } from "lit";
import { text } from "../texts/index.js";
import { closeIcon, searchIcon } from "./icons.js";

interface Box {
  readonly label: string;
  readonly query: string;
  /** Name of the landmark, where it is not the page's main one. */
  readonly landmark?: string;
  write(query: string): void;
  clear(): void;
  press(event: KeyboardEvent): void;
}

export function searchBox({ label, query, landmark, write, clear, press }: Box): TemplateResult {
  return html`<div class="box" role="search" aria-label=${landmark ?? nothing}>
    ${searchIcon()}
    <input
      type="search"
      aria-label=${label}
      placeholder=${label}
      maxlength="200"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      enterkeyhint="search"
      .value=${query}
      @input=${(event: Event) => write((event.target as HTMLInputElement).value)}
      @keydown=${press}
    />
    ${
      query
        ? html`<button
            class="icon"
            type="button"
            aria-label=${text.people.navigation.clear}
            title=${text.people.navigation.clear}
            @click=${clear}
          >
            ${closeIcon()}
          </button>`
        : nothing
    }
  </div>`;
}

export const searchBoxStyles = css`
  .box {
    position: relative;
    padding: 12px;
  }
  .box > svg {
    position: absolute;
    inset-block: 0;
    inset-inline-start: 22px;
    margin-block: auto;
    color: var(--chat-text-quiet);
    pointer-events: none;
  }
  .box input {
    inline-size: 100%;
    padding-inline: 36px;
    text-overflow: ellipsis;
    appearance: none;
  }
  .box input::-webkit-search-cancel-button {
    display: none;
  }
  .box button {
    position: absolute;
    inset-block: 0;
    inset-inline-end: 16px;
    margin-block: auto;
    min-block-size: 28px;
    block-size: 28px;
    inline-size: 28px;
  }
  @media (pointer: coarse) {
    .box button {
      block-size: 44px;
      inline-size: 44px;
      inset-inline-end: 12px;
    }
  }
`;
