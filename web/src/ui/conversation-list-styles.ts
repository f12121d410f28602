/** How the lists of the preview pane look: rows of columns, which stand below each other where there is little room. */

import { css } from "lit";
import { pane } from "./pane.js";

export const conversationListStyles = css`
  ${pane}
  .empty {
    flex: 1;
  }
  .skeleton {
    padding: 8px 20px;
  }
  .toolbar {
    display: flex;
    flex: none;
    gap: 8px;
    padding: 8px 20px;
  }
  .scroller {
    flex: 1;
    min-block-size: 0;
    overflow: auto;
    overscroll-behavior: contain;
    outline-offset: -2px;
  }
  .list {
    margin: 0;
    padding: 0 12px;
    list-style: none;
    outline: none;
  }
  .row {
    display: grid;
    grid-template-columns: minmax(112px, 18%) minmax(0, 1fr) auto;
    align-items: start;
    gap: 2px 16px;
    padding: 8px;
    border-radius: var(--chat-radius);
    border-block-end: 1px solid transparent;
    position: relative;
    touch-action: manipulation;
  }
  .row + .row::after {
    content: "";
    position: absolute;
    inset-block-start: -1px;
    inset-inline: 8px;
    border-block-start: 1px solid var(--chat-border);
  }
  [role="option"] {
    cursor: default;
    user-select: none;
  }
  [role="option"]:hover {
    background: color-mix(in oklab, var(--chat-text) 5%, transparent);
  }
  [role="option"][aria-selected="true"] {
    background: var(--chat-accent-soft);
  }
  .list:focus-visible [aria-selected="true"] {
    outline: 2px solid var(--chat-focus);
    outline-offset: -2px;
  }
  .when {
    display: grid;
  }
  .day {
    font-weight: 500;
  }
  .when .quiet,
  .length,
  .participants {
    font-size: 0.8125rem;
  }
  .what {
    min-inline-size: 0;
    display: grid;
  }
  .participants {
    font-weight: 500;
  }
  .preview {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    overflow-wrap: anywhere;
  }
  .length {
    display: flex;
    align-items: center;
    gap: 8px;
    white-space: nowrap;
  }
  .doors {
    display: inline-flex;
    gap: 4px;
  }
  .doors svg {
    inline-size: 16px;
    block-size: 16px;
  }
  @container (max-width: 560px) {
    .row {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .when {
      display: flex;
      flex-wrap: wrap;
      align-items: baseline;
      gap: 0 8px;
    }
    .what {
      grid-row: 2;
      grid-column: 1 / -1;
    }
  }
  @container (max-width: 400px) {
    .toolbar {
      padding-inline: 16px;
    }
    .list {
      padding-inline: 8px;
    }
    .length {
      grid-row: 3;
      grid-column: 1 / -1;
      justify-content: space-between;
    }
  }
  @media (forced-colors: active) {
    [aria-selected="true"] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
