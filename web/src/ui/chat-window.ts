/** What a chat window shows: the chat with a contact, or one conversation of the past. */

import { css, html, nothing, type PropertyValues } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { addressOf, type Target } from "../client/windows.js";
import { nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Asking } from "./asking.js";
import type { BlockedLine } from "./blocked-line.js";
import "./blocked-line.js";
import { chatHeader, chatHeaderStyle, troubleBar } from "./chat-header.js";
import type { Composer } from "./composer.js";
import "./composer.js";
import type { MessageList } from "./message-list.js";
import "./message-list.js";
import { Late } from "./late.js";
import { Part } from "./part.js";
import { placeholders } from "./placeholders.js";
import { shared } from "./theme.js";

/**
 * `<company-chat-window .client .state .target .page>`, which fills its box. While nobody is logged in it shows nothing.
 * `page` is the one for chat windows.
 */
export class ChatWindow extends Part {
  static override properties = { target: { attribute: false }, page: {} };

  static override styles = [
    shared,
    placeholders,
    chatHeaderStyle,
    css`
      :host {
        display: flex;
        flex-direction: column;
        block-size: 100%;
        min-block-size: 0;
        background: var(--chat-background);
      }
      company-chat-messages,
      company-chat-transcript {
        flex: 1;
        min-block-size: 0;
      }
      .typing {
        flex: none;
        block-size: 20px; /* there before anybody writes, so that nothing jumps */
        padding-inline: max(16px, (100% - 860px) / 2 + 4px); /* under the messages */
        overflow: hidden;
        font-size: 0.75rem;
        line-height: 20px;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
    `,
  ];

  declare target: Target;
  declare page: string;

  private readonly asking = new Asking();
  private readonly transcript = new Late(this, () => import("./transcript.js"));
  /** The contact whose composer has been given the focus. */
  private ready = "";

  constructor() {
    super();
    this.page = "";
    this.addEventListener("open", (event) => {
      event.stopPropagation();
      this.open((event as CustomEvent<Target>).detail);
    });
    this.addEventListener("vanish", (event) => {
      event.stopPropagation();
      this.takeFocus();
    });
  }

  /** Open another chat, in a window of its own. */
  open(target: Target): void {
    if (addressOf("", target) === addressOf("", this.target)) return;
    this.renderRoot.querySelector<BlockedLine>("company-chat-blocked")?.open(target);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.target) this.tell();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.client.show({ chat: null, selected: null });
  }

  private tell(): void {
    const { contact, conversation } = this.target;
    this.client.show({ chat: conversation ? null : contact, selected: contact });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("target")) this.tell();
    const { contact, conversation } = this.target;
    const known = this.state.details.get(contact);
    // Another version of the directory may have other details, as other members of an alias.
    const due = this.asking.due(`${contact} ${this.state.contacts.version}`, this.state, !!known?.problem);
    if (due && !conversation) this.client.command({ do: "load details", contact });
  }

  protected override updated(): void {
    const { contact, conversation } = this.target;
    const ready = this.state.session.phase === "in" && !conversation ? contact : "";
    if (ready === this.ready) return;
    this.ready = ready;
    if (ready) this.composer?.updateComplete.then(() => this.takeFocus());
  }

  /** The focus goes where one writes, or reads: on a touch screen the keyboard would cover half of the messages. */
  private takeFocus(): void {
    const reads = matchMedia("(pointer: coarse)").matches || !this.composer;
    const part = reads ? "company-chat-messages, company-chat-transcript" : "company-chat-composer";
    this.renderRoot.querySelector<HTMLElement>(part)?.focus();
  }

  private get composer(): Composer | null {
    return this.renderRoot.querySelector("company-chat-composer");
  }

  override render() {
    const { client, state, target } = this;
    const { contact } = target;
    if (state.session.phase === "out") return nothing;
    if (target.conversation) {
      return html`${this.blocked()}
      ${this.transcript.render(
        () =>
          html`<company-chat-transcript .client=${client} .state=${state} .target=${target}></company-chat-transcript>`,
      )}`;
    }
    return html`${chatHeader(state, contact)} ${troubleBar(client, state, contact)} ${this.blocked()}
    ${keyed(
      contact,
      html`<company-chat-messages .client=${client} .state=${state} .contact=${contact} @restore=${this.restore}></company-chat-messages>
        <div class="typing quiet" role="status">${this.typing()}</div>
        <company-chat-composer .client=${client} .state=${state} .contact=${contact} @sent=${this.sent}></company-chat-composer>`,
    )}`;
  }

  private blocked() {
    return html`<company-chat-blocked .page=${this.page}></company-chat-blocked>`;
  }

  /** Who is writing. */
  private typing(): string {
    const writing = (this.state.typing.get(this.target.contact) ?? []).filter((each) => each !== selfOf(this.state));
    const [first, second] = writing.map((each) => nameOf(this.state, each));
    const { one, two, several } = text.chat.typing;
    if (!first) return "";
    if (!second) return one(first);
    return writing.length === 2 ? two(first, second) : several(writing.length);
  }

  private restore(event: CustomEvent<string>): void {
    this.composer?.restore(event.detail);
  }

  private sent(): void {
    this.renderRoot.querySelector<MessageList>("company-chat-messages")?.toEnd();
  }
}

customElements.define("company-chat-window", ChatWindow);
