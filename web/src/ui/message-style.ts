/** The looks of messages, in a chat as in the transcript of a conversation. */

import { css } from "lit";

export const messageStyle = css`
  .scroller {
    flex: 1;
    min-block-size: 0;
    overflow: hidden auto;
    overscroll-behavior: contain;
    overflow-anchor: none; /* the list keeps its place itself: not every browser has it */
    padding-inline: 12px;
    background: var(--chat-background);
  }
  .scroller:focus-visible {
    outline-offset: -2px;
  }
  .days {
    display: flow-root;
    max-inline-size: 860px;
    margin-inline: auto;
    padding-block-end: 12px;
  }
  .edge {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 8px;
    min-block-size: 48px;
    padding-block: 8px;
    text-align: center;
    font-size: 0.8125rem;
  }
  .day h2 {
    display: flex;
    align-items: center;
    gap: 12px;
    margin-block: 16px 8px;
    font-size: 0.75rem;
    font-weight: 600;
    color: var(--chat-text-quiet);
  }
  .day h2::before,
  .day h2::after {
    content: "";
    flex: 1;
    border-block-start: 1px solid var(--chat-border);
  }
  .line {
    display: flex;
    align-items: center;
    gap: 8px;
    margin-block-start: 12px;
    color: var(--chat-danger);
    font-size: 0.75rem;
    font-weight: 600;
  }
  .line::before,
  .line::after {
    content: "";
    flex: 1;
    border-block-start: 1px solid currentColor;
  }
  .group {
    position: relative;
    display: grid;
    justify-items: start;
    gap: 2px;
    margin-block-start: 12px;
    contain: layout style; /* one group cannot move the inside of another: long histories stay quick */
  }
  .group.own {
    justify-items: end;
  }
  .group.several {
    padding-inline-start: 40px;
  }
  .group company-chat-avatar {
    --avatar-size: 32px;
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 0;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
    min-inline-size: 0;
    padding-inline: 4px;
    font-size: 0.75rem;
    color: var(--chat-text-quiet);
  }
  .name {
    font-size: 0.8125rem;
    font-weight: 600;
    overflow-wrap: anywhere;
    color: light-dark(oklch(0.42 0.11 var(--hue)), oklch(0.84 0.08 var(--hue)));
  }
  time {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  button.reply {
    min-block-size: 24px;
    padding: 0 6px;
    border: 0;
    font-size: 0.75rem;
    color: var(--chat-accent);
  }
  .message {
    display: grid;
    justify-items: inherit;
    position: relative;
    max-inline-size: min(85%, 640px);
    min-inline-size: 0;
  }
  /* The time of a later message stands beside it while it is pointed at. */
  .message > time {
    position: absolute;
    inset-block-start: 8px;
    inset-inline-start: calc(100% + 8px);
    font-size: 0.75rem;
    color: var(--chat-text-quiet);
    opacity: 0;
  }
  .own .message > time {
    inset-inline: auto calc(100% + 8px);
  }
  .message:hover > time,
  .message:focus-within > time {
    opacity: 1;
  }
  .bubble {
    display: flex;
    gap: 8px;
    max-inline-size: 100%;
    padding: 6px 12px;
    border: 1px solid var(--chat-border);
    border-radius: 14px;
    background: var(--chat-surface-raised);
  }
  .own .bubble {
    border-color: transparent;
    background: var(--chat-accent-soft);
  }
  .other:not(.several) .message:last-child .bubble,
  .several .message:last-child .bubble {
    border-end-start-radius: 4px;
  }
  .own .message:last-child .bubble {
    border-end-end-radius: 4px;
  }
  .body {
    min-inline-size: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
    text-align: start;
  }
  .bubble.emoji .body {
    font-size: 2rem;
    line-height: 1.25;
  }
  .message.waiting .body,
  .message.sending .body {
    opacity: 0.75;
  }
  .signs {
    display: flex;
    align-items: end;
    align-self: end;
    gap: 4px;
    color: var(--chat-text-quiet);
  }
  .signs svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .mark.read {
    color: var(--chat-accent);
  }
  .mark.failed {
    color: var(--chat-danger);
  }
  .note {
    font-size: 0.75rem;
    padding-inline: 4px;
  }
  .message.failed .bubble {
    border-color: var(--chat-danger);
    background: var(--chat-danger-soft);
  }
  .failure {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    align-items: center;
    gap: 4px;
    padding-block: 4px;
    font-size: 0.8125rem;
  }
  .failure p {
    flex: 1 1 100%;
    text-align: end;
    color: var(--chat-danger);
  }
  .failure small {
    flex: 1 1 100%;
    text-align: end;
    color: var(--chat-text-quiet);
  }
  .failure bdi {
    user-select: all;
  }
  .failure button {
    min-block-size: 28px;
    padding: 0 8px;
  }
  @media (pointer: coarse) {
    .failure button,
    button.reply {
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .bubble {
      border: 1px solid CanvasText !important;
    }
    .message.waiting .body,
    .message.sending .body {
      opacity: 1;
    }
  }
`;

/** The looks of what only the list of a chat has. */
export const messageListStyle = css`
  :host {
    display: flex;
    flex-direction: column;
    position: relative;
    min-block-size: 0;
  }
  .jump {
    position: absolute;
    inset-block-end: 12px;
    inset-inline: 0;
    margin-inline: auto;
    inline-size: fit-content;
    border-radius: 18px;
    box-shadow: var(--chat-shadow);
  }
`;
