/** One conversation of the past, to read. */

import { css, html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Target } from "../client/windows.js";
import { type Address, type MessageFrame, type Paged, transcriptKey } from "../state/model.js";
import { contactAt, isAlias, nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { Asking } from "./asking.js";
import "./avatar.js";
import { chatHeaderStyle, troubleBar } from "./chat-header.js";
import { listWords, manner, wholeDateWords } from "./day.js";
import { type Day, daysOf, entryOf, type Group, printOf } from "./grouping.js";
import { chatIcon } from "./icons.js";
import { dayTemplate, groupTemplate, nameTime } from "./message-item.js";
import { messageStyle } from "./message-style.js";
import { Part } from "./part.js";
import { open } from "./tell.js";
import { shared } from "./theme.js";

type Transcript = Paged<MessageFrame>;

/**
 * `<company-chat-transcript .client .state .target>`; the target names a conversation.
 *
 * @fires open - Chat with the contact; `detail` is a `Target`.
 */
export class TranscriptPart extends Part {
  static override properties = { target: { attribute: false } };

  static override styles = [
    shared,
    chatHeaderStyle,
    messageStyle,
    css`
      :host {
        display: flex;
        flex-direction: column;
      }
      footer {
        display: flex;
        justify-content: end;
        flex: none;
        padding: 8px 12px max(8px, env(safe-area-inset-bottom));
        background: var(--chat-surface);
        border-block-start: 1px solid var(--chat-border);
      }
    `,
  ];

  declare target: Target;

  private readonly asking = new Asking();
  private days: readonly Day[] = [];
  private made: readonly MessageFrame[] | undefined;
  private end: IntersectionObserver | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.end?.disconnect();
  }

  override focus(): void {
    this.scroller?.focus();
  }

  private get scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".scroller");
  }

  private get key(): string {
    return transcriptKey(this.target.contact, this.target.conversation ?? "");
  }

  private get transcript(): Transcript | undefined {
    return this.state.transcripts.get(this.key);
  }

  private load(more: boolean): void {
    const { contact, conversation } = this.target;
    if (this.transcript?.loading || !conversation) return;
    this.client.command({ do: "load transcript", contact, conversation, more });
  }

  protected override willUpdate(): void {
    const { state, transcript } = this;
    if (this.asking.due(this.key, state, !!transcript?.problem)) this.load(false);
    if (transcript?.items === this.made) return;
    this.made = transcript?.items;
    this.days = daysOf((transcript?.items ?? []).map((message) => entryOf(message, selfOf(state))));
  }

  protected override updated(): void {
    // Observing anew reports anew: as long as the end is in sight, the next page is asked for.
    const edge = this.renderRoot.querySelector(".edge");
    this.end?.disconnect();
    this.end = new IntersectionObserver((seen) => this.reachEnd(seen.at(-1)), {
      root: this.scroller,
      rootMargin: "0px 0px 400px",
    });
    if (edge) this.end.observe(edge);
  }

  private reachEnd(seen: IntersectionObserverEntry | undefined): void {
    if (seen?.isIntersecting && this.transcript?.cursor && !this.transcript.problem) this.load(true);
  }

  override render() {
    const { client, state, target, transcript } = this;
    const { label, chat } = text.chat.transcript;
    const here = contactAt(state, target.contact);
    return html`
      ${this.header()} ${troubleBar(client, state, target.contact)}
      <div class="scroller" role="region" aria-label=${label} tabindex="0">
        <div class="days" @pointerover=${nameTime}>
          ${repeat(
            this.days,
            (day) => day.key,
            (day) => dayTemplate(day, (group) => this.group(group)),
          )}
          <div class="edge quiet" role="status">${this.edge(transcript)}</div>
        </div>
      </div>
      ${
        here
          ? html`<footer><button class="primary" @click=${this.chat}>${chatIcon()} ${chat}</button></footer>`
          : nothing
      }
    `;
  }

  private header(): TemplateResult {
    const { state } = this;
    const { contact } = this.target;
    const first = this.days[0];
    const [before, after] = text.chat.transcript.title("\n").split("\n");
    return html`<header>
      <company-chat-avatar
        .name=${nameOf(state, contact)}
        .address=${contact}
        .photo=${state.details.get(contact)?.value?.photo}
        .kind=${contactAt(state, contact)?.kind ?? "user"}
      ></company-chat-avatar>
      <div>
        <h1>${before}<bdi>${nameOf(state, contact)}</bdi>${after}</h1>
        <p>
          <span>${
            first
              ? html`${wholeDateWords(first.at)} · ${listWords(this.participants().map((each) => this.nameOf(each)))}`
              : nothing
          }</span>
        </p>
      </div>
    </header>`;
  }

  /** As the list of conversations knows them, or else those of the messages that have come. */
  private participants(): readonly Address[] {
    const { contact, conversation } = this.target;
    const listed = this.state.conversations.get(contact)?.items.find((each) => each.id === conversation);
    return listed?.participants ?? [...new Set(this.transcript?.items.map((message) => message.sender))];
  }

  private nameOf(address: Address): string {
    return address === selfOf(this.state) ? text.chat.list.you : nameOf(this.state, address);
  }

  private group(group: Group): unknown {
    const { state } = this;
    const several = isAlias(state, this.target.contact);
    const nameOfAny = (address: Address) => nameOf(state, address);
    return guard([printOf(group), state.contacts, manner()], () =>
      groupTemplate(group, { nameOf: nameOfAny, several }),
    );
  }

  /** What stands behind the last message. */
  private edge(transcript: Transcript | undefined): TemplateResult | string {
    const { unknown, more, end } = text.chat.transcript;
    const { loading, failed, retry } = text.chat.list;
    const problem = transcript?.problem;
    if (problem?.code === "unknown_conversation" || problem?.code === "unknown_contact") return unknown;
    if (problem) {
      return html`<p>${failed}</p><button @click=${() => this.load(!!transcript?.cursor)}>${retry}</button>`;
    }
    if (!transcript || transcript.loading) return loading;
    return transcript.cursor ? html`<button @click=${() => this.load(true)}>${more}</button>` : end;
  }

  private chat(): void {
    open(this, { contact: this.target.contact });
  }
}

customElements.define("company-chat-transcript", TranscriptPart);
