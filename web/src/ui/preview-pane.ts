/** The preview pane: what the user had with the selected contact, in four tabs. */

import { css, html, type PropertyValues } from "lit";
import type { Address, CommunicationKind } from "../state/model.js";
import { text } from "../texts/index.js";
import "./communication-list.js";
import "./conversation-list.js";
import { chatIcon } from "./icons.js";
import { Part } from "./part.js";
import { empty, placeholders } from "./placeholders.js";
import { rove } from "./rove.js";
import { shared } from "./theme.js";

type Tab = "chat" | CommunicationKind;

const TABS: readonly Tab[] = ["chat", "message", "appointment", "attachment"];
const REMEMBERED = "company-chat tab";

/**
 * `<company-chat-preview .client .state .contact>`; `contact` is an address or null.
 *
 * Event: `open` with `{contact, conversation}`, or with `{contact}` for the chat.
 */
export class PreviewPane extends Part {
  static override properties = { ...Part.properties, contact: {}, tab: { state: true } };

  static override styles = [
    shared,
    placeholders,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
        block-size: 100%;
        container-type: inline-size;
        background: var(--chat-surface);
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
      .panel {
        flex: 1;
        min-block-size: 0;
      }
      .empty {
        flex: 1;
      }
      @container (max-width: 420px) {
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
    `,
  ];

  declare contact: Address | null;
  declare tab: Tab;

  constructor() {
    super();
    this.contact = null;
    this.tab = remembered();
  }

  override render() {
    const { contact, tab } = this;
    const words = text.people.preview;
    if (contact === null) return empty(chatIcon(), words.nobody);
    return html`<div class="tabs" role="tablist" aria-label=${words.tabs} @keydown=${this.pressed}>
        ${TABS.map(
          (each) =>
            html`<button
              type="button"
              role="tab"
              id=${each}
              aria-selected=${each === tab}
              aria-controls="panel"
              tabindex=${each === tab ? 0 : -1}
              @click=${() => this.show(each)}
            >
              ${words[each]}
            </button>`,
        )}
      </div>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby=${tab}>${this.panel(contact)}</div>`;
  }

  private panel(contact: Address) {
    const { client, state, tab } = this;
    if (tab === "chat") {
      return html`<company-chat-conversation-list
        .client=${client}
        .state=${state}
        .contact=${contact}
      ></company-chat-conversation-list>`;
    }
    return html`<company-chat-communication-list
      .client=${client}
      .state=${state}
      .contact=${contact}
      .kind=${tab}
    ></company-chat-communication-list>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("tab"))
      this.renderRoot.querySelector(`#${this.tab}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private pressed(event: KeyboardEvent): void {
    const tab = rove(event, "[role=tab]")?.id;
    if (tab) this.show(tab as Tab);
  }

  private show(tab: Tab): void {
    this.tab = tab;
    try {
      sessionStorage.setItem(REMEMBERED, tab);
    } catch {
      // without storage it is remembered as long as the pane is there
    }
  }
}

function remembered(): Tab {
  try {
    const kept = sessionStorage.getItem(REMEMBERED);
    return TABS.find((tab) => tab === kept) ?? "chat";
  } catch {
    return "chat";
  }
}

customElements.define("company-chat-preview", PreviewPane);
