/** Looks of the status menu; the popup's are the settings' as well. */

import { css } from "lit";

export const popupStyles = css`
  :host {
    display: block;
  }
  /* Placed by the upper bar, so that it fits on a phone wherever its button is. */
  .popup {
    position: absolute;
    z-index: 3;
    inset-block-start: 50px;
    inset-inline-end: 12px;
    inline-size: min(320px, calc(100cqi - 24px));
    max-block-size: min(520px, calc(100dvh - 72px));
    overflow: auto;
    overscroll-behavior: contain;
    border: 1px solid var(--chat-border);
    border-radius: calc(var(--chat-radius) + 4px);
    background: var(--chat-surface-raised);
    box-shadow: var(--chat-shadow);
  }
`;

export const statusMenuStyles = [
  popupStyles,
  css`
    .opener {
      border-radius: 999px;
      padding-inline: 12px 8px;
    }
    .opener svg {
      inline-size: 16px;
      block-size: 16px;
    }
    @container (inline-size < 480px) {
      .opener {
        inline-size: 44px;
        padding: 0;
        gap: 2px;
      }
      .opener .label {
        display: none;
      }
    }
    .who {
      display: flex;
      align-items: center;
      gap: 12px;
      padding: 14px 16px;
      border-block-end: 1px solid var(--chat-border);
      overflow-wrap: anywhere;
    }
    .name {
      font-weight: 600;
    }
    .address {
      font-size: 0.8125rem;
      text-align: start;
      unicode-bidi: isolate;
    }
    .address:dir(ltr) {
      inline-size: fit-content;
    }
    .note {
      padding: 8px 16px 0;
      font-size: 0.8125rem;
    }
    [role="menu"] {
      display: grid;
      padding: 6px;
    }
    [role^="menuitem"] {
      justify-content: start;
      align-items: start;
      gap: 10px;
      min-block-size: 36px;
      padding: 7px 10px;
      border: 0;
      background: none;
      text-align: start;
    }
    [role^="menuitem"]:is(:hover, :focus) {
      background: color-mix(in oklab, var(--chat-text) 8%, transparent);
    }
    [role^="menuitem"]:focus-visible {
      outline-offset: -2px;
    }
    [role^="menuitem"] company-chat-presence {
      margin-block-start: 5px;
    }
    .text {
      flex: 1;
    }
    .hint {
      display: block;
      font-size: 0.8125rem;
      line-height: 1.4;
    }
    [role="separator"] {
      block-size: 1px;
      margin: 6px 10px;
      background: var(--chat-border);
    }
    dialog h2 {
      margin-block-end: 8px;
      font-size: 1.0625rem;
    }
    .actions {
      display: flex;
      flex-wrap: wrap;
      justify-content: end;
      gap: 8px;
      margin-block-start: 20px;
    }
    @media (pointer: coarse) {
      [role^="menuitem"] {
        min-block-size: 44px;
        padding-block: 11px;
      }
    }
  `,
];
