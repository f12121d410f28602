/** How the list of contacts and its rows look. `--row` is the height of a row. */

import { css } from "lit";

export const contactListStyles = css`
  :host {
    display: block;
    min-block-size: 0;
  }
  .scroller {
    block-size: 100%;
    contain: strict;
    overflow: hidden auto;
    overflow-anchor: none;
    overscroll-behavior: contain;
    scrollbar-gutter: stable;
    outline: none;
  }
  .canvas {
    position: relative;
  }
  .heading {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 16px;
    block-size: 32px;
    padding-block-start: 10px;
    font-size: 0.75rem;
    font-weight: 600;
    color: var(--chat-text-quiet);
  }
  .scroller:focus-visible .active {
    outline: 2px solid var(--chat-focus);
    outline-offset: -2px;
  }

  .row {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 8px;
    block-size: var(--row);
    contain: strict;
    display: flex;
    align-items: center;
    gap: 12px;
    padding-inline: 8px 10px;
    border-radius: var(--chat-radius);
    cursor: pointer;
    user-select: none;
    -webkit-tap-highlight-color: transparent;
  }
  @media (hover: hover) {
    .row:hover {
      background: color-mix(in oklab, var(--chat-text) 5%, transparent);
    }
  }
  .row[aria-selected="true"] {
    background: var(--chat-accent-soft);
  }
  .row[aria-selected="true"]::before {
    content: "";
    position: absolute;
    inset-block: 12px;
    inset-inline-start: 0;
    inline-size: 3px;
    border-radius: 2px;
    background: var(--chat-accent);
  }
  .who {
    position: relative;
    flex: none;
    display: flex;
  }
  .who company-chat-presence {
    --presence-size: 13px;
    position: absolute;
    inset-block-end: -2px;
    inset-inline-end: -2px;
    border-radius: 50%;
    box-shadow: 0 0 0 2px var(--chat-surface);
    background: var(--chat-surface);
  }
  .row[aria-selected="true"] company-chat-presence {
    box-shadow: 0 0 0 2px var(--chat-accent-soft);
  }
  .lines {
    flex: 1;
    min-inline-size: 0;
    display: grid;
    line-height: 1.35;
  }
  .name,
  .line {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* Each line has the direction of its text, so that it is cut at its own end, but stands where the others do. */
  .lines:dir(ltr) > span {
    text-align: left;
  }
  .lines:dir(rtl) > span {
    text-align: right;
  }
  .name {
    font-weight: 500;
  }
  .unread .name {
    font-weight: 700;
  }
  .line {
    font-size: 0.8125rem;
  }
  .writing {
    color: var(--chat-accent);
  }
  @media (forced-colors: active) {
    .row[aria-selected="true"] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    .row[aria-selected="true"]::before {
      background: Highlight;
    }
  }
`;
