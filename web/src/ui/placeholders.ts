/** What stands where there is nothing to show: bars while it loads, a sentence where there is none, or a problem. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { Problem } from "../state/model.js";
import { text } from "../texts/index.js";
import { retryIcon, warningIcon } from "./icons.js";

/** Grey bars for so many rows, with a picture each or without; `words` for those who do not see them. */
export function skeleton(rows: number, words: string, pictures = false): TemplateResult {
  return html`<div class="skeleton ${pictures ? "" : "plain"}" role="status">
    <span class="visually-hidden">${words}</span>
    ${Array.from({ length: rows }, () => html`<div class="bar-row"><i></i><span><b></b><b></b></span></div>`)}
  </div>`;
}

/** An icon, a sentence, and what can be done. */
export function empty(icon: TemplateResult, words: string, more: unknown = nothing): TemplateResult {
  return html`<div class="empty">
    <span class="picture">${icon}</span>
    <p>${words}</p>
    ${more}
  </div>`;
}

/** What went wrong, in words. */
export function problemWords({ code, message }: Problem): string {
  const words = text.people.problem;
  if (code === "offline" || code === "unreachable" || code === "busy") return words[code];
  return message || words.other;
}

export function problemNote(problem: Problem, retry: () => void): TemplateResult {
  return html`<div class="notice bad problem" role="alert">
    ${warningIcon()}<span>${problemWords(problem)}</span>
    <button type="button" @click=${retry}>${retryIcon()}${text.people.problem.retry}</button>
  </div>`;
}

export const placeholders = css`
  .skeleton {
    padding: 4px 12px;
  }
  .bar-row {
    display: flex;
    align-items: center;
    gap: 12px;
    block-size: 52px;
  }
  .bar-row i,
  .bar-row b {
    display: block;
    background: color-mix(in oklab, var(--chat-text) 9%, transparent);
    animation: breathe 1.6s ease-in-out infinite;
  }
  .bar-row i {
    flex: none;
    inline-size: 36px;
    block-size: 36px;
    border-radius: 50%;
  }
  .plain i {
    display: none;
  }
  .bar-row span {
    display: grid;
    flex: 1;
    gap: 8px;
  }
  .bar-row b {
    inline-size: 55%;
    block-size: 10px;
    border-radius: 4px;
  }
  .bar-row b + b {
    inline-size: 35%;
  }
  .bar-row:nth-child(odd) b {
    inline-size: 45%;
  }
  @keyframes breathe {
    50% {
      opacity: 0.45;
    }
  }

  .empty {
    display: grid;
    justify-items: center;
    align-content: center;
    gap: 12px;
    padding: 32px 24px;
    color: var(--chat-text-quiet);
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  .empty .picture {
    display: grid;
    place-items: center;
    inline-size: 48px;
    block-size: 48px;
    border-radius: 50%;
    background: color-mix(in oklab, var(--chat-text) 6%, transparent);
  }
  .empty p {
    max-inline-size: 34ch;
  }

  .problem {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    margin: 12px;
  }
  .problem span {
    flex: 1 1 12ch;
  }
  .problem button {
    color: var(--chat-text);
  }
`;
