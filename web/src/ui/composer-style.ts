/** The looks of the composer. */

import { css } from "lit";

export const composerStyle = css`
  :host {
    display: block;
    flex: none;
    padding: 4px 12px max(8px, env(safe-area-inset-bottom));
    background: var(--chat-surface);
    border-block-start: 1px solid var(--chat-border);
  }
  form {
    max-inline-size: 860px;
    margin-inline: auto;
  }
  .row {
    display: flex;
    align-items: end;
    gap: 8px;
    margin-block: 4px;
  }
  textarea {
    flex: 1;
    min-inline-size: 0;
    field-sizing: content;
    box-sizing: border-box;
    min-block-size: 40px;
    max-block-size: min(calc(8lh + 18px), 40dvh);
    padding: 8px 12px;
    border-radius: 12px;
    resize: none;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }
  textarea:focus-visible {
    outline-offset: -1px;
  }
  textarea[aria-invalid] {
    border-color: var(--chat-danger);
  }
  textarea:read-only {
    background: var(--chat-background);
  }
  button.primary.icon {
    inline-size: 40px;
    block-size: 40px;
    border-radius: 12px;
    background: var(--chat-accent);
    color: var(--chat-accent-text);
  }
  button.primary.icon:hover {
    background: color-mix(in oklab, var(--chat-accent) 88%, var(--chat-text));
  }
  button.primary.icon:disabled {
    background: transparent;
    border-color: var(--chat-border);
    color: var(--chat-text-quiet);
  }
  #notes p,
  .count {
    font-size: 0.75rem;
    color: var(--chat-text-quiet);
    font-variant-numeric: tabular-nums;
  }
  .count.over {
    color: var(--chat-danger);
  }
  @media (pointer: coarse) {
    textarea {
      min-block-size: 44px;
      font-size: max(1rem, 16px); /* iOS zooms into smaller fields */
    }
    button.primary.icon {
      inline-size: 44px;
      block-size: 44px;
    }
  }
`;
