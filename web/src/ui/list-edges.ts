/** What stands above the first message of a chat, and over the last one where it is out of sight. */

import { html, nothing, type TemplateResult } from "lit";
import type { Timeline } from "../state/model.js";
import { text } from "../texts/index.js";
import { downIcon } from "./icons.js";

/** `above`: whether there are messages above that are not rendered. */
export function edgeTemplate(
  timeline: Timeline | undefined,
  above: boolean,
  offline: boolean,
  retryEarlier: () => void,
): TemplateResult | string {
  const { loading, beginning, empty, failed, retry, offline: later } = text.chat.list;
  if (timeline?.problem) return html`<p>${failed}</p><button @click=${retryEarlier}>${retry}</button>`;
  if (!timeline) return offline ? later : loading;
  if (timeline.loading) return loading;
  if (timeline.cursor || above) return "";
  return timeline.items.length ? beginning : empty;
}

/** The button that leads to the newest message, with how many are `fresh` below. */
export function jumpTemplate(count: number, jump: () => void): TemplateResult {
  const { newest, fresh } = text.chat.list;
  return html`<button class="jump ${count ? "primary" : ""}" aria-label=${count ? nothing : newest} title=${newest} @click=${jump}>
    ${count ? fresh(count) : nothing} ${downIcon()}
  </button>`;
}
