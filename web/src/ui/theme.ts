/**
 * Colours and sizes of every part, and the looks of what many parts have: buttons, fields, badges, menus.
 *
 * The defaults sit on the root elements' own `:host`, and a page's rules for an element win over those, so that
 * `company-chat { --chat-accent: teal }` in an embedding page is all that it takes. Light and dark follow `color-scheme`.
 */

import { css } from "lit";

/** For root elements only: all other parts inherit. */
export const theme = css`
  :host {
    color-scheme: light dark;
    --chat-background: light-dark(#f4f5f8, #14171b);
    --chat-surface: light-dark(#ffffff, #1b1f25);
    --chat-surface-raised: light-dark(#ffffff, #242932);
    --chat-text: light-dark(#1a1f27, #e8ebf0);
    --chat-text-quiet: light-dark(#596271, #a5afbc);
    --chat-border: light-dark(#dfe3ea, #323944);
    --chat-accent: light-dark(#2657c8, #8fb1ff);
    --chat-accent-text: light-dark(#ffffff, #0b1938);
    --chat-accent-soft: light-dark(#e4ecfd, #25355a);
    --chat-focus: light-dark(#2657c8, #9dbbff);
    --chat-danger: light-dark(#b3261e, #ff9f96);
    --chat-danger-soft: light-dark(#fdecea, #46211f);
    --chat-available: light-dark(#17803f, #4cc37c);
    --chat-away: light-dark(#a86200, #f0b04a);
    --chat-busy: light-dark(#c4302b, #ff7b72);
    --chat-unavailable: light-dark(#6b7482, #98a2af);
    --chat-unread: light-dark(#c4302b, #d63831);
    --chat-radius: 8px;
    --chat-font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif;
    --chat-font-size: 0.9375rem;
    --chat-shadow: 0 1px 2px light-dark(rgb(20 30 50 / 0.08), rgb(0 0 0 / 0.4)),
      0 8px 24px light-dark(rgb(20 30 50 / 0.14), rgb(0 0 0 / 0.5));
    background: var(--chat-background);
    color: var(--chat-text);
    font: var(--chat-font-size) / 1.45 var(--chat-font);
    -webkit-text-size-adjust: 100%;
  }
`;

/** For every part: `button`, `.primary`, `.danger`, `.icon`, `.plain`, `.badge`, `.notice`, `.quiet`, `.visually-hidden`. */
export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  :focus-visible {
    outline: 2px solid var(--chat-focus);
    outline-offset: 2px;
  }

  h1,
  h2,
  h3,
  p {
    margin: 0;
  }

  a {
    color: var(--chat-accent);
    text-underline-offset: 0.15em;
  }

  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }

  button,
  a.button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-block-size: 32px;
    padding: 4px 12px;
    border: 1px solid var(--chat-border);
    border-radius: calc(var(--chat-radius) - 2px);
    background: var(--chat-surface-raised);
    cursor: pointer;
    transition: background-color 0.12s;
  }

  button:hover,
  a.button:hover {
    background: color-mix(in oklab, var(--chat-text) 7%, var(--chat-surface-raised));
  }

  button:disabled,
  button[aria-disabled="true"] {
    opacity: 0.6;
    cursor: default;
  }

  button.primary {
    background: var(--chat-accent);
    border-color: transparent;
    color: var(--chat-accent-text);
    font-weight: 600;
  }

  button.primary:hover {
    background: color-mix(in oklab, var(--chat-accent) 88%, var(--chat-text));
  }

  button.primary:is(:disabled, [aria-disabled="true"]) {
    background: var(--chat-background);
    border-color: var(--chat-border);
    color: var(--chat-text-quiet);
    opacity: 1;
  }

  button.danger {
    color: var(--chat-danger);
  }

  button.icon,
  button.plain {
    background: transparent;
    border-color: transparent;
  }

  button.icon {
    inline-size: 32px;
    padding: 0;
    color: var(--chat-text-quiet);
    flex: none;
  }

  button.icon:hover,
  button.plain:hover {
    background: color-mix(in oklab, var(--chat-text) 8%, transparent);
    color: var(--chat-text);
  }

  input:not([type="checkbox"], [type="radio"]),
  select,
  textarea {
    min-block-size: 36px;
    padding: 6px 10px;
    border: 1px solid color-mix(in oklab, var(--chat-text-quiet) 85%, var(--chat-surface));
    border-radius: calc(var(--chat-radius) - 2px);
    background: var(--chat-surface);
  }

  input[type="checkbox"],
  input[type="radio"] {
    accent-color: var(--chat-accent);
  }

  ::placeholder {
    color: var(--chat-text-quiet);
    opacity: 1;
  }

  svg {
    display: block;
    flex: none;
  }

  svg.pointing:dir(rtl) {
    transform: scaleX(-1);
  }

  dialog {
    border: 1px solid var(--chat-border);
    border-radius: calc(var(--chat-radius) + 4px);
    background: var(--chat-surface-raised);
    color: var(--chat-text);
    box-shadow: var(--chat-shadow);
    padding: 20px;
    max-inline-size: min(420px, calc(100vw - 32px));
  }

  dialog::backdrop {
    background: rgb(10 14 20 / 0.5);
  }

  .badge {
    display: inline-grid;
    place-items: center;
    min-inline-size: 20px;
    block-size: 20px;
    padding-inline: 6px;
    border-radius: 10px;
    background: var(--chat-unread);
    color: #fff;
    font-size: 0.75rem;
    font-weight: 600;
    line-height: 1;
    font-variant-numeric: tabular-nums;
  }

  .notice {
    padding: 8px 12px;
    border-radius: var(--chat-radius);
    background: var(--chat-accent-soft);
  }

  .notice.bad {
    background: var(--chat-danger-soft);
    color: var(--chat-danger);
  }

  .quiet {
    color: var(--chat-text-quiet);
  }

  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (pointer: coarse) {
    button,
    a.button {
      min-block-size: 44px;
    }

    button.icon {
      inline-size: 44px;
    }

    input:not([type="checkbox"], [type="radio"]),
    select {
      min-block-size: 44px;
      font-size: max(1rem, 16px); /* iOS zooms into smaller fields */
    }
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }

  @media (forced-colors: active) {
    .badge,
    button {
      border: 1px solid ButtonText;
    }
  }
`;
