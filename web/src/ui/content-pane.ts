/** The content pane: all details of the selected contact, and the button that opens its chat. */

import { css, html, nothing, type PropertyValues } from "lit";
import type { Address, ContactDetails, ContactSummary } from "../state/model.js";
import { appearanceOf, contactAt } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Asking } from "./asking.js";
import "./avatar.js";
import { contactFacts, contactFactsStyles } from "./contact-facts.js";
import { chatIcon, personIcon } from "./icons.js";
import { Part } from "./part.js";
import { empty, placeholders, problemNote, skeleton } from "./placeholders.js";
import "./presence.js";
import { pane } from "./pane.js";
import { rove } from "./rove.js";
import { open, select } from "./tell.js";
import { shared } from "./theme.js";

/** Milliseconds for which the pane says that the address was copied. */
const SAID_FOR = 3000;

/**
 * `<company-chat-content .client .state .contact>`; `contact` is an address or null.
 *
 * Events: `open` with `{contact}` for the chat, `select` with the address of an alias or a member.
 */
export class ContentPane extends Part {
  static override properties = {
    ...Part.properties,
    contact: {},
    copied: { state: true },
    allMembers: { state: true },
  };

  static override styles = [
    shared,
    placeholders,
    contactFactsStyles,
    pane,
    css`
      :host {
        background: var(--chat-surface);
      }
      .toolbar {
        display: flex;
        flex: none;
        gap: 8px;
        padding: 10px 20px;
        border-block-end: 1px solid var(--chat-border);
      }
      .details {
        flex: 1;
        min-block-size: 0;
        overflow: auto;
        padding: 24px 20px;
        outline-offset: -2px;
      }
      header {
        display: flex;
        align-items: center;
        gap: 20px;
        margin-block-end: 24px;
      }
      header company-chat-avatar {
        --avatar-size: 80px;
      }
      header > div {
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
      h2 {
        font-size: 1.375rem;
        line-height: 1.3;
        font-weight: 650;
      }
      .presence {
        display: flex;
        align-items: center;
        gap: 6px;
        margin-block-start: 4px;
        color: var(--chat-text-quiet);
      }
      .membership {
        margin-block-end: 24px;
      }
      .empty {
        flex: 1;
      }
      .skeleton {
        padding: 0;
      }
      .details .problem {
        margin: 0 0 16px;
      }
      @container (max-width: 420px) {
        .details {
          padding: 20px 16px;
        }
        .toolbar {
          padding-inline: 16px;
        }
        header {
          gap: 14px;
        }
        header company-chat-avatar {
          --avatar-size: 56px;
        }
        h2 {
          font-size: 1.1875rem;
        }
      }
    `,
  ];

  declare contact: Address | null;
  declare copied: boolean | null;
  declare allMembers: boolean;

  private readonly asking = new Asking();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.contact = null;
    this.copied = null;
    this.allMembers = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.client?.show({ selected: null });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("contact")) return;
    this.copied = null;
    this.allMembers = false;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { contact, state } = this;
    if (!this.client) return;
    if (changed.has("contact") || changed.has("client")) this.client.show({ selected: contact });
    if (contact === null) return;
    const refused = state.details.get(contact)?.problem !== undefined;
    // Another version of the directory may have other details.
    if (this.asking.due(`${contact} ${state.contacts.version}`, state, refused)) this.load();
  }

  override render() {
    const { contact, state } = this;
    const words = text.people.contact;
    if (contact === null) return empty(personIcon(), words.nobody);
    const details = state.details.get(contact);
    const known: ContactSummary | ContactDetails | undefined = details?.value ?? contactAt(state, contact);
    if (details?.problem?.code === "unknown_contact") return empty(personIcon(), words.unknown);
    return html`<div class="toolbar" role="toolbar" aria-label=${words.toolbar} @keydown=${this.arrows}>
        <button class="primary" type="button" @click=${this.chat}>${chatIcon()}${words.chat}</button>
      </div>
      <div class="details" tabindex="0" role="region" aria-label=${known?.name ?? contact}>
        ${known ? this.header(known) : nothing}
        ${details?.problem ? problemNote(details.problem, this.load) : nothing}
        ${details?.value ? this.facts(details.value) : details?.problem ? nothing : skeleton(4, words.loading)}
      </div>`;
  }

  private header({ name, address, kind, ...rest }: ContactSummary | ContactDetails) {
    const photo = "photo" in rest ? rest.photo : null;
    return html`<header>
      <company-chat-avatar .name=${name} .address=${address} .photo=${photo} .kind=${kind}></company-chat-avatar>
      <div>
        <h2><bdi>${name}</bdi></h2>
        ${kind === "alias" ? html`<p class="quiet">${text.people.contact.alias}</p>` : this.presence(address)}
      </div>
    </header>`;
  }

  private presence(address: Address) {
    const { state } = this;
    if (!state.presence.has(address) && state.own.chosen !== "offline") return html`<p class="presence">…</p>`;
    const appearance = appearanceOf(state, address);
    return html`<p class="presence">
      <company-chat-presence decorative .appearance=${appearance}></company-chat-presence>
      <span>${text.account.appearances[appearance]}</span>
    </p>`;
  }

  private facts(details: ContactDetails) {
    const words = text.people.contact;
    const { copied, allMembers } = this;
    return html`${
      details.kind === "alias"
        ? html`<p class="notice membership">${details.member ? words.member : words.stranger}</p>`
        : nothing
    }
    ${contactFacts(this.state, details, {
      copied,
      allMembers,
      copy: this.copy,
      showAll: () => {
        this.allMembers = true;
      },
      choose: (contact) => select(this, contact),
    })}`;
  }

  private arrows(event: KeyboardEvent): void {
    rove(event, "button");
  }

  private readonly load = (): void => {
    if (this.contact !== null) this.client.command({ do: "load details", contact: this.contact });
  };

  private chat(): void {
    if (this.contact !== null) open(this, { contact: this.contact });
  }

  private readonly copy = async (): Promise<void> => {
    const { contact } = this;
    try {
      await navigator.clipboard.writeText(contact ?? "");
      this.copied = contact === this.contact;
    } catch {
      this.copied = false; // the embedding page's policy may forbid it
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.copied = null;
    }, SAID_FOR);
  };
}

customElements.define("company-chat-content", ContentPane);
