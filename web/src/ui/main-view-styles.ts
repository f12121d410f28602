/**
 * The layout of the main view, by the width of the element and not of the window, as it is embedded:
 * side by side from 600 px on, roomier from 1000 px; below, one pane at a time.
 */

import { css } from "lit";

/** Where there is little room, a mail that is read has the whole of the detail pane. */
const mailAlone = css`
  .panes.reading .detail {
    grid-template-rows: minmax(0, 1fr);
  }
  .panes.reading .content {
    display: none;
  }
`;

export const mainViewStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    container-type: inline-size;
  }
  header {
    position: relative;
    z-index: 2;
    display: flex;
    align-items: center;
    gap: 4px 8px;
    min-block-size: 52px;
    padding-block: 4px;
    padding-inline: 16px 12px;
    border-block-end: 1px solid var(--chat-border);
    background: var(--chat-surface);
  }
  h1 {
    font-size: 1.0625rem;
    font-weight: 650;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .mark {
    position: relative;
    display: grid;
    place-items: center;
    inline-size: 36px;
    block-size: 36px;
    flex: none;
  }
  .mark,
  button.mark {
    color: var(--chat-accent);
  }
  .mark svg {
    inline-size: 24px;
    block-size: 24px;
  }
  .mark .badge {
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 18px;
    block-size: 18px;
    min-inline-size: 18px;
    padding-inline: 4px;
    box-shadow: 0 0 0 2px var(--chat-surface);
    font-size: 0.6875rem;
  }
  company-chat-state-line {
    margin-inline: 8px auto;
    min-inline-size: 0;
  }

  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
    padding: 6px 16px;
    border-block-end: 1px solid var(--chat-border);
    background: var(--chat-accent-soft);
    font-size: 0.875rem;
  }
  .line span {
    flex: 1 1 12rem;
  }

  .panes {
    flex: 1;
    display: grid;
    min-block-size: 0;
    grid-template-columns: clamp(216px, 34cqi, 260px) minmax(0, 1fr);
  }
  .navigation {
    min-block-size: 0;
    border-inline-end: 1px solid var(--chat-border);
    background: var(--chat-surface);
  }
  .detail {
    display: grid;
    grid-template-rows: fit-content(48%) minmax(0, 1fr);
    min-block-size: 0;
    min-inline-size: 0;
    block-size: 100%;
  }
  .content,
  .preview {
    min-block-size: 0;
    min-inline-size: 0;
    overflow: auto;
    background: var(--chat-surface);
  }
  company-chat-content,
  company-chat-preview {
    max-inline-size: 1400px; /* lines that the eye can follow, on the widest screens as well */
  }
  .content {
    border-block-end: 1px solid var(--chat-border);
  }
  .back {
    display: none;
  }

  @container (inline-size < 1000px) {
    ${mailAlone}
  }
  @media (max-height: 800px) {
    ${mailAlone}
  }

  @container (inline-size >= 1000px) {
    .panes {
      grid-template-columns: clamp(288px, 22cqi, 420px) minmax(0, 1fr);
    }
  }

  @container (inline-size < 600px) {
    header {
      flex-wrap: wrap;
    }
    h1 {
      flex: 1;
    }
    company-chat-state-line {
      order: 1;
      flex-basis: 100%;
      margin-inline: 4px;
    }
    .panes {
      display: block;
    }
    .navigation,
    .detail {
      block-size: 100%;
      border: 0;
    }
    .panes:not(.deep) .detail,
    .panes.deep .navigation {
      display: none;
    }
    .detail {
      display: block;
      overflow: auto;
      background: var(--chat-surface);
    }
    .content,
    .preview {
      overflow: visible;
    }
    .panes.reading .detail {
      display: grid;
      overflow: hidden;
    }
    .panes.reading .back {
      display: none;
    }
    .back {
      display: flex;
      margin: 4px 8px 0;
      padding-inline: 8px 12px;
    }
  }
`;
