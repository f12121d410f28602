/** The messages of a chat: stored and on their way, earlier ones on scrolling up, and the line before what is new. */

import { html, nothing, type PropertyValues } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Address, Id, MessageFrame, Timeline } from "../state/model.js";
import { contactAt, isAlias, nameOf, selfOf } from "../state/selectors.js";
import { text } from "../texts/index.js";
import { manner } from "./day.js";
import { type Day, daysOf, entriesOf, type Group, printOf } from "./grouping.js";
import { edgeTemplate, jumpTemplate } from "./list-edges.js";
import { type Asks, dayTemplate, groupTemplate, nameTime, type Setting } from "./message-item.js";
import { messageListStyle, messageStyle } from "./message-style.js";
import { Part } from "./part.js";
import { ScrollKeeper } from "./scroll-keeper.js";
import { Speaker } from "./speaker.js";
import { spokenOf } from "./spoken.js";
import { open } from "./tell.js";
import { shared } from "./theme.js";
import { countNew, isReadKnown, type Line, left, lineIn, NO_LINE, opened, returned, toRead } from "./unread.js";

/** Messages that are rendered at first, and more at a time on scrolling up: thousands at once would take seconds. */
const STEP = 200;

/** At the end, what was scrolled up to is let go when it is more than this. */
const MOST = 3 * STEP;

const NO_ITEMS: readonly MessageFrame[] = [];

/**
 * `<company-chat-messages .client .state .contact>`.
 *
 * @fires open - Chat with the sender of an alias's message; `detail` is a `Target`.
 * @fires restore - The text of a discarded message; `detail` is the text.
 */
export class MessageList extends Part {
  static override properties = { contact: {}, atEnd: { state: true } };

  static override styles = [shared, messageStyle, messageListStyle];

  declare contact: Address;
  declare atEnd: boolean;

  private readonly keeper = new ScrollKeeper(
    () => this.scroller,
    () => {
      this.atEnd = this.keeper.atEnd;
    },
  );
  private readonly sizes = new ResizeObserver(() => this.keeper.after(false));
  private top: IntersectionObserver | undefined;
  private leaving = new AbortController();

  private timeline: Timeline | undefined;
  private line: Line | null = null;
  /** The earliest message that is rendered. */
  private first: Id = "";
  /** The message from which on they are rendered; "" for all. */
  private from: Id = "";
  /** The newest message that was in sight. */
  private seen: Id = "";
  private marked: Id = "";
  private days: readonly Day[] = [];
  private made: readonly unknown[] = [];
  private readonly speaker = new Speaker(this);
  private looked = looksAt();

  constructor() {
    super();
    this.contact = "";
    this.atEnd = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.leaving = new AbortController();
    const options = { signal: this.leaving.signal };
    for (const type of ["focus", "blur"]) addEventListener(type, () => this.look(), options);
    document.addEventListener("visibilitychange", () => this.look(), options);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leaving.abort();
    this.sizes.disconnect();
    this.top?.disconnect();
  }

  override focus(): void {
    this.scroller?.focus();
  }

  private get scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".scroller");
  }

  /** Scroll to the newest message: after one's own was sent. */
  toEnd(): void {
    this.keeper.toEnd();
  }

  private get items(): readonly MessageFrame[] {
    return this.timeline?.items ?? NO_ITEMS;
  }

  private get read(): Id {
    return this.state.inbox.get(this.contact)?.read ?? "";
  }

  /** The window was looked at or left. */
  private look(): void {
    const looked = looksAt();
    if (looked === this.looked) return;
    this.looked = looked;
    if (this.line) {
      this.line = looked ? returned(this.line, this.items, selfOf(this.state)) : left(this.line, this.items);
    }
    this.requestUpdate();
  }

  protected override willUpdate(): void {
    const before = this.items.at(-1)?.id ?? "";
    this.timeline = this.state.timelines.get(this.contact);
    const newest = this.items.at(-1);
    const self = selfOf(this.state);
    if (!this.line && this.settled) {
      this.line = opened(this.items, this.read, self);
      if (!this.looked) this.line = left(this.line, this.items);
    } else if (this.looked && newest && before && newest.id > before && newest.sender !== self) {
      const came = this.items.filter((each) => each.id > before && each.sender !== self);
      this.speaker.say(spokenOf(came, (address) => nameOf(this.state, address)));
    }
    this.trim();
    this.group(self);
  }

  /** How many of the messages are too far above to be rendered. */
  private get above(): number {
    return Math.max(
      0,
      this.items.findIndex((each) => each.id >= this.from),
    );
  }

  /** At the end, let go of what is far above. */
  private trim(): void {
    if (this.keeper.atEnd && this.items.length - this.above > MOST) this.from = this.items.at(-STEP)?.id ?? "";
  }

  /** Whether it is known what is unread: the messages have come, and the read marker. */
  private get settled(): boolean {
    const { timeline } = this;
    if (!timeline || (timeline.loading && !timeline.items.length)) return false;
    return isReadKnown(this.state, this.contact);
  }

  /** The days anew, if anything of them has changed: it takes milliseconds where there are thousands of messages. */
  private group(self: Address): void {
    const line = lineIn(this.items, this.line ?? NO_LINE, self);
    const of = [this.timeline, this.state.outbox, this.from, line, self];
    if (of.every((each, index) => each === this.made[index]) && this.made.length) return;
    this.made = of;
    const timeline = { items: this.items.slice(this.above), peerRead: this.timeline?.peerRead ?? null };
    this.days = daysOf(entriesOf(timeline, this.state.outbox, this.contact, self), line);
  }

  protected override update(changed: PropertyValues): void {
    this.keeper.before();
    super.update(changed);
    const first = this.days[0]?.groups[0]?.key ?? "";
    this.keeper.after(first !== this.first);
    const began = !this.first && first;
    this.first = first;
    if (began) this.toLine();
  }

  /** The first messages are there: begin at the line where it is not in sight at the end. */
  private toLine(): void {
    this.seen = this.line?.marker ?? this.items.at(-1)?.id ?? "";
    const line = this.renderRoot.querySelector(".line");
    if (line) this.keeper.toStart(line);
  }

  protected override firstUpdated(): void {
    for (const part of this.renderRoot.querySelectorAll(".scroller, .days")) this.sizes.observe(part);
  }

  protected override updated(): void {
    // Observing anew reports anew: as long as the top is in sight, earlier messages are asked for.
    const edge = this.renderRoot.querySelector(".edge");
    this.top?.disconnect();
    this.top = new IntersectionObserver((seen) => this.reachTop(seen.at(-1)), {
      root: this.scroller,
      rootMargin: "600px 0px 0px",
    });
    if (edge && this.items.length) this.top.observe(edge);
    if (this.atEnd && this.looked) this.markRead();
  }

  private markRead(): void {
    this.seen = this.items.at(-1)?.id ?? this.seen;
    if (!this.line || this.state.own.chosen === "offline") return;
    const id = toRead(this.items, this.read, selfOf(this.state));
    if (!id || id === this.marked) return;
    this.marked = id;
    this.client.command({ do: "read", contact: this.contact, id });
  }

  private reachTop(seen: IntersectionObserverEntry | undefined): void {
    const { timeline, above } = this;
    if (!seen?.isIntersecting || !timeline) return;
    if (above) {
      this.from = this.items[above - STEP]?.id ?? "";
      this.requestUpdate();
    } else if (timeline.cursor && !timeline.loading && !timeline.problem) this.loadEarlier();
  }

  private loadEarlier(): void {
    this.client.command({ do: "load earlier", contact: this.contact });
  }

  private readonly retryEarlier = (): void => {
    this.focus();
    this.loadEarlier();
  };

  private readonly asks: Asks = {
    retry: ({ id }) => {
      this.focus();
      this.client.command({ do: "retry", id });
    },
    discard: ({ id, body }) => {
      this.focus();
      this.client.command({ do: "discard", id });
      this.dispatchEvent(new CustomEvent("restore", { detail: body }));
    },
    reply: (contact) => open(this, { contact }),
  };

  private get setting(): Setting {
    return {
      nameOf: (address) => nameOf(this.state, address),
      several: isAlias(this.state, this.contact),
      replyTo: (sender) => contactAt(this.state, sender),
    };
  }

  override render() {
    const { setting, state, timeline } = this;
    const { own } = state;
    const name = nameOf(state, this.contact);
    return html`
      <div class="scroller" role="log" aria-live="off" aria-label=${text.chat.list.label(name)} tabindex="0" @scroll=${this.scrolled}>
        <div class="days" @pointerover=${nameTime}>
          <div class="edge quiet">${edgeTemplate(timeline, this.above > 0, own.chosen === "offline", this.retryEarlier)}</div>
          ${repeat(
            this.days,
            (day) => day.key,
            (day) => dayTemplate(day, (group) => this.groupTemplate(group, setting)),
          )}
        </div>
      </div>
      ${this.atEnd ? nothing : jumpTemplate(countNew(this.items, this.seen, selfOf(state)), this.jumpToEnd)}
      ${this.speaker.render()}
    `;
  }

  private groupTemplate(group: Group, setting: Setting): unknown {
    // Contacts decide the names, language and time zone the times.
    const deps = [printOf(group), this.state.contacts, setting.several, manner()];
    return guard(deps, () => groupTemplate(group, setting, this.asks));
  }

  private readonly jumpToEnd = (): void => {
    this.focus();
    this.toEnd();
  };

  private scrolled(): void {
    this.keeper.look();
  }
}

function looksAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

customElements.define("company-chat-messages", MessageList);
