/** What a chat window shows: the chat with a contact, or one conversation of the past. */

import { css, html, nothing, type PropertyValues } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { Target } from "../client/windows.js";
import { nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Asking } from "./asking.js";
import { chatHeader, chatHeaderStyle, troubleBar } from "./chat-header.js";
import type { Composer } from "./composer.js";
import "./composer.js";
import type { MessageList } from "./message-list.js";
import "./message-list.js";
import { Part } from "./part.js";
import { shared } from "./theme.js";
import "./transcript.js";

/**
 * `<company-chat-window .client .state .target>`, which fills its box. While nobody is logged in it shows nothing.
 *
 * @fires open - A chat is asked for; `detail` is a `Target`.
 */
export class ChatWindow extends Part {
  static override properties = { target: { attribute: false } };

  static override styles = [
    shared,
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
        padding-inline: 16px;
        overflow: hidden;
        font-size: 0.75rem;
        line-height: 20px;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
    `,
  ];

  declare target: Target;

  private readonly asking = new Asking();
  /** The contact whose composer has been given the focus. */
  private ready = "";

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.target) this.tell();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.client.show({ chat: null });
  }

  private tell(): void {
    this.client.show({ chat: this.target.conversation ? null : this.target.contact });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("target")) this.tell();
    const { contact, conversation } = this.target;
    const known = this.state.details.get(contact);
    if (conversation || !this.asking.due(contact, this.state, !!known?.problem)) return;
    if (!known?.value) this.client.command({ do: "load details", contact });
  }

  protected override updated(): void {
    const { contact, conversation } = this.target;
    const ready = this.state.session.phase === "in" && !conversation ? contact : "";
    if (ready === this.ready) return;
    this.ready = ready;
    // On a touch screen the keyboard would cover half of the messages at once.
    if (ready && !matchMedia("(pointer: coarse)").matches) {
      this.composer?.updateComplete.then(() => this.composer?.focus());
    }
  }

  private get composer(): Composer | null {
    return this.renderRoot.querySelector("company-chat-composer");
  }

  override render() {
    const { client, state, target } = this;
    const { contact } = target;
    if (state.session.phase === "out") return nothing;
    if (target.conversation) {
      return html`<company-chat-transcript .client=${client} .state=${state} .target=${target}></company-chat-transcript>`;
    }
    return html`${chatHeader(state, contact)} ${troubleBar(client, state, contact)}
    ${keyed(
      contact,
      html`<company-chat-messages .client=${client} .state=${state} .contact=${contact} @restore=${this.restore}></company-chat-messages>
        <div class="typing quiet" role="status">${this.typing()}</div>
        <company-chat-composer .client=${client} .state=${state} .contact=${contact} @sent=${this.sent}></company-chat-composer>`,
    )}`;
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
