/** The frame of `<company-chat>`: as large as the page makes it, or the whole page as a chat window. */

import { css } from "lit";

export const companyChatStyles = css`
  :host {
    position: relative;
    display: block;
    block-size: 100%;
    min-block-size: min(560px, 100dvh);
    overflow: clip;
    container-type: inline-size;
  }
  /* A chat window: in the top layer, over whatever the page has and however it lays it out. */
  :host([popover]) {
    position: fixed !important;
    inset: 0 !important;
    inline-size: 100% !important;
    block-size: 100% !important;
    max-inline-size: none !important;
    max-block-size: none !important;
    margin: 0 !important;
    padding: 0;
    border: 0;
    overflow: clip;
    background: var(--chat-background);
    color: var(--chat-text);
  }
  company-chat-main,
  company-chat-window,
  company-chat-log-in,
  company-chat-sign-on,
  .skeleton,
  .centre {
    position: absolute;
    inset: 0;
  }
  company-chat-log-in,
  company-chat-sign-on {
    overflow: auto;
  }
  .centre {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 12px;
    padding: 24px;
    text-align: center;
  }
  .skeleton {
    display: grid;
    grid-template: 52px minmax(0, 1fr) / clamp(0px, 28cqi, 320px) 1fr;
    gap: 1px;
    background: var(--chat-border);
    animation: appear 0.4s 0.3s backwards;
  }
  .skeleton > div {
    background: var(--chat-surface);
  }
  .skeleton .bar {
    grid-column: 1 / -1;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
`;
