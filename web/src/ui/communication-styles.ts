/** How mail, appointments and files look in their lists, beside what they have in common with conversations. */

import { css } from "lit";

export const communicationStyles = css`
  .scroller {
    padding-block: 8px;
  }
  h3 {
    padding: 8px 20px 2px;
    color: var(--chat-text-quiet);
    font-size: 0.8125rem;
    font-weight: 600;
  }
  .empty p {
    max-inline-size: 44ch;
  }
  .what {
    gap: 2px;
    justify-items: start;
    overflow-wrap: anywhere;
  }
  .title {
    font-weight: 500;
  }
  button.title {
    min-block-size: 0;
    padding: 0;
    border: 0;
    border-radius: 0;
    background: none;
    text-align: start;
  }
  button.title::before {
    content: "";
    position: absolute;
    inset: 0;
    border-radius: var(--chat-radius);
  }
  button.title:focus-visible {
    outline: none;
  }
  .row:has(button.title:focus-visible) {
    outline: 2px solid var(--chat-focus);
    outline-offset: -2px;
  }
  .row:has(button.title:hover) {
    background: color-mix(in oklab, var(--chat-text) 5%, transparent);
  }
  .row.sought {
    background: var(--chat-accent-soft);
  }
  .participants {
    font-weight: 400;
  }
  .sign {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-size: 0.8125rem;
  }
  .sign svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .what > .sign {
    align-items: start;
  }
  .what > .sign svg {
    margin-block-start: 1px;
  }
  .length {
    flex-direction: column;
    align-items: end;
    gap: 2px;
  }
  .appointment .length {
    max-inline-size: 24ch;
    white-space: normal;
    text-align: end;
  }
  .appointment.cancelled .day,
  .appointment.cancelled .title {
    color: var(--chat-text-quiet);
  }
  strong.cancelled {
    color: var(--chat-danger);
    font-weight: 600;
  }
  .row.attachment {
    grid-template-columns: minmax(112px, 18%) minmax(0, 1fr) 88px 128px; /* the same in all rows */
  }
  .attachment .length {
    align-items: start;
    order: 1;
  }
  .attachment .acts {
    order: 2;
  }
  .file {
    grid-template-columns: auto minmax(0, 1fr);
    column-gap: 8px;
  }
  .file .kind {
    grid-row: span 2;
    padding-block-start: 1px;
    color: var(--chat-text-quiet);
  }
  .origin {
    max-inline-size: 100%;
    font-size: 0.8125rem;
  }
  .file .origin {
    grid-column: 2;
  }
  button.from {
    justify-content: start;
    max-inline-size: 100%;
    min-block-size: 24px;
    font-size: inherit;
    padding: 0;
    border: 0;
    color: var(--chat-accent);
  }
  .from bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  button.from:hover {
    background: none;
    color: var(--chat-accent);
    text-decoration: underline;
  }
  .acts {
    display: grid;
    justify-items: end;
    gap: 4px;
  }
  a.button {
    color: var(--chat-text);
    text-decoration: none;
  }
  .refused {
    max-inline-size: 22ch;
    color: var(--chat-danger);
    font-size: 0.8125rem;
    text-align: end;
  }
  mark {
    border-radius: 3px;
    background: light-dark(#ffe58a, #6b5400);
    color: inherit;
  }
  @container (max-width: 560px) {
    .length {
      flex-flow: row wrap;
      gap: 2px 10px;
    }
    .row.attachment {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .attachment .acts {
      grid-row: 2;
    }
    .attachment .what {
      grid-column: 1;
    }
    .attachment .length {
      justify-content: end;
    }
    .attachment .acts {
      grid-column: 2;
    }
    .appointment .length {
      grid-row: 3;
      grid-column: 1 / -1;
      max-inline-size: none;
    }
  }
  @container (max-width: 400px) {
    h3 {
      padding-inline: 16px;
    }
    .length {
      justify-content: start;
    }
    .attachment .length {
      grid-row: 1;
      grid-column: 2;
      justify-content: end;
    }
    .act span {
      display: none;
    }
    .act {
      padding: 4px 10px;
    }
  }
`;
