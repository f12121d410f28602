/** Where a message is written. What is written is never lost: it is kept as a draft until it is sent. */

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Address } from "../state/model.js";
import { contactAt, nameOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { composerStyle } from "./composer-style.js";
import { sendIcon } from "./icons.js";
import { Part } from "./part.js";
import { shared } from "./theme.js";
import { allowed, bodyOf, bytesLeft, WritingSignal } from "./writing.js";

/** Milliseconds of silence after which a draft is kept. */
const PAUSE = 300;

/**
 * `<company-chat-composer .client .state .contact>`.
 *
 * @fires sent - A message was sent.
 */
export class Composer extends Part {
  static override properties = { contact: {}, value: { state: true } };
  static override styles = [shared, composerStyle];

  declare contact: Address;
  /** What is written. */
  declare value: string;

  /** Whether the user has written or sent anything here, so that the draft of the state is older. */
  private touched = false;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private leaving = new AbortController();
  private readonly signal = new WritingSignal((active) => {
    if (this.state.connection.phase === "open") this.client.command({ do: "type", contact: this.contact, active });
  });

  constructor() {
    super();
    this.contact = "";
    this.value = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.leaving = new AbortController();
    addEventListener("pagehide", () => this.leave(), { signal: this.leaving.signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leaving.abort();
    this.leave();
  }

  override focus(): void {
    this.field?.focus();
  }

  /** Take the text of a discarded message, if nothing is written. */
  restore(body: string): void {
    if (this.value.trim()) return;
    this.write(body);
    this.focus();
  }

  private get field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  /** Why nothing can be written, or "". */
  private get closed(): string {
    const { state, contact } = this;
    if (state.own.chosen === "offline") return text.chat.composer.offline;
    const refused = state.details.get(contact)?.problem?.code === "unknown_contact";
    const gone = refused || (state.contacts.complete && !contactAt(state, contact));
    return gone ? text.chat.composer.gone(nameOf(state, contact)) : "";
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("state") && !this.touched) this.value = this.state.drafts.get(this.contact) ?? "";
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("value")) this.grow();
  }

  private grow(): void {
    const { field } = this;
    if (!field || CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  }

  private write(value: string): void {
    this.touched = true;
    this.value = value;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.keep(), PAUSE);
  }

  /** Keep what is written as the draft, unless it is kept already. */
  private keep(): void {
    clearTimeout(this.pause);
    if (!this.touched || this.value === (this.state.drafts.get(this.contact) ?? "")) return;
    this.client.command({ do: "draft", contact: this.contact, body: this.value });
  }

  private leave(): void {
    this.keep();
    this.signal.stopped();
  }

  private input(event: InputEvent): void {
    const { field } = this;
    if (!field || event.isComposing) return;
    const value = allowed(field.value);
    if (value !== field.value) {
      const place = field.selectionEnd - (field.value.length - value.length);
      field.value = value;
      field.setSelectionRange(place, place);
    }
    this.write(value);
    this.signal.wrote(value);
  }

  private key(event: KeyboardEvent): void {
    // Safari ends a composition before the Enter that ended it; that one has the code 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (event.altKey || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    this.send();
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.send();
    this.focus();
  }

  private send(): void {
    const body = bodyOf(this.value);
    if (!body || this.closed || (bytesLeft(this.value) ?? 0) < 0) return;
    this.client.command({ do: "send", contact: this.contact, body });
    this.signal.sent();
    this.write("");
    this.keep();
    this.dispatchEvent(new CustomEvent("sent"));
  }

  override render() {
    const { closed } = this;
    const words = text.chat.composer;
    const left = bytesLeft(this.value);
    const over = left !== null && left < 0;
    return html`<form @submit=${this.submit}>
      ${this.notes(closed)}
      <div class="row">
        <textarea
          rows="1"
          dir="auto"
          aria-label=${words.label(nameOf(this.state, this.contact))}
          aria-describedby="notes"
          aria-invalid=${over ? "true" : nothing}
          placeholder=${closed ? nothing : words.placeholder}
          enterkeyhint="enter"
          ?readonly=${!!closed}
          .value=${this.value}
          @input=${this.input}
          @compositionend=${this.input}
          @keydown=${this.key}
          @blur=${this.keep}
        ></textarea>
        <button
          class="primary icon"
          aria-label=${words.send}
          title=${words.send}
          ?disabled=${!!closed || over || !bodyOf(this.value)}
        >
          ${sendIcon()}
        </button>
      </div>
      <p class="count ${over ? "over" : ""}" role="status">
        ${left === null ? nothing : over ? words.over(-left) : words.left(left)}
      </p>
    </form>`;
  }

  private notes(closed: string): TemplateResult {
    const waits = !closed && this.state.connection.phase !== "open" && this.state.connection.phase !== "opening";
    return html`<div id="notes">
      ${closed ? html`<p>${closed}</p>` : this.reach()} ${waits ? html`<p>${text.chat.composer.waits}</p>` : nothing}
    </div>`;
  }

  /** Whom a message to an alias reaches. */
  private reach(): TemplateResult | typeof nothing {
    const contact = contactAt(this.state, this.contact);
    if (contact?.kind !== "alias") return nothing;
    const details = this.state.details.get(this.contact)?.value;
    const words = text.chat.composer;
    const all = (details?.members?.length ?? 0) + (details?.more_members ?? 0);
    const count = contact.member ? all - 1 : all;
    if (!details?.members || all === 0) return html`<p>${words.all(contact.name)}</p>`;
    if (count === 0) return html`<p>${words.nobody(contact.name)}</p>`;
    return html`<p>${(contact.member ? words.others : words.members)(contact.name, count)}</p>`;
  }
}

customElements.define("company-chat-composer", Composer);
