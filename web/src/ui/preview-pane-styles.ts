/** How the preview pane looks. */

import { css } from "lit";
import { pane } from "./pane.js";

export const previewPaneStyles = css`
  ${pane}
  :host {
    background: var(--chat-surface);
  }
  .browse {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-block-size: 0;
  }
  .box {
    flex: none;
    padding: 10px 20px 2px;
  }
  .box > svg {
    inset-inline-start: 30px;
    inset-block-start: 8px;
  }
  .box button {
    inset-inline-end: 24px;
    inset-block-start: 8px;
  }
  .tabs {
    display: flex;
    flex: none;
    gap: 4px;
    padding-inline: 12px;
    border-block-end: 1px solid var(--chat-border);
    overflow: auto hidden;
    scrollbar-width: none;
  }
  .tabs button {
    position: relative;
    flex: none;
    min-block-size: 44px;
    padding-inline: 8px;
    border: 0;
    border-radius: 0;
    background: none;
    color: var(--chat-text-quiet);
    outline-offset: -2px;
  }
  .tabs button:hover,
  .tabs button[aria-selected="true"] {
    color: var(--chat-text);
  }
  .tabs button[aria-selected="true"] {
    font-weight: 600;
  }
  .tabs button[aria-selected="true"]::after {
    content: "";
    position: absolute;
    inset-block-end: 0;
    inset-inline: 8px;
    block-size: 3px;
    border-radius: 3px 3px 0 0;
    background: var(--chat-accent);
  }
  .panel,
  company-chat-mail {
    flex: 1;
    min-block-size: 0;
  }
  .empty {
    flex: 1;
  }
  @container (max-width: 420px) {
    .box {
      padding-inline: 16px;
    }
    .box > svg {
      inset-inline-start: 26px;
    }
    .box button {
      inset-inline-end: 20px;
    }
    .tabs {
      gap: 0;
      padding-inline: 10px;
      justify-content: space-between;
    }
    .tabs button {
      padding-inline: 6px;
      font-size: 0.8125rem;
    }
    .tabs button[aria-selected="true"]::after {
      inset-inline: 6px;
    }
  }
  @media (forced-colors: active) {
    .tabs button[aria-selected="true"]::after {
      background: Highlight;
    }
  }
`;
