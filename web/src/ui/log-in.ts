/** The log-in form, with what was wrong the last time. */

import { css, html, nothing, type PropertyValues } from "lit";
import type { Problem } from "../state/model.js";
import { text } from "../texts/index.js";
import { chatIcon, warningIcon } from "./icons.js";
import { Part } from "./part.js";
import { sentenceOf, waitOf } from "./problems.js";
import { shared } from "./theme.js";

type Missing = "address" | "password" | null;

/**
 * `<company-chat-log-in .client .state .address .fixed>`: `address` is who was logged in before, if it is known; `fixed`
 * that nobody else may be.
 */
export class LogIn extends Part {
  static override properties = {
    ...Part.properties,
    address: {},
    fixed: { attribute: false },
    shown: { state: true },
    missing: { state: true },
    until: { state: true },
  };

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        min-block-size: 100%;
        place-items: center;
        padding: 24px 16px;
      }
      form {
        display: grid;
        gap: 16px;
        inline-size: min(100%, 380px);
        padding: 28px;
        border: 1px solid var(--chat-border);
        border-radius: calc(var(--chat-radius) + 6px);
        background: var(--chat-surface);
        box-shadow: var(--chat-shadow);
      }
      h1 {
        display: flex;
        align-items: center;
        gap: 10px;
        font-size: 1.25rem;
        line-height: 1.3;
      }
      h1 svg {
        inline-size: 28px;
        block-size: 28px;
        color: var(--chat-accent);
      }
      .field {
        display: grid;
        gap: 4px;
      }
      .field > label {
        font-weight: 600;
      }
      .field > input {
        inline-size: 100%;
      }
      .field > [readonly] {
        background: var(--chat-background);
      }
      [aria-invalid="true"] {
        border-color: var(--chat-danger);
      }
      .missing {
        color: var(--chat-danger);
        font-size: 0.875rem;
      }
      .check {
        display: flex;
        align-items: center;
        gap: 8px;
        min-block-size: 24px;
        inline-size: fit-content;
      }
      .notice {
        display: flex;
        gap: 8px;
      }
      [role="alert"]:empty {
        display: none;
      }
      .primary {
        min-block-size: 40px;
      }
    `,
  ];

  declare address: string;
  declare fixed: boolean;
  declare shown: boolean;
  declare missing: Missing;
  /** Until when the server lets nobody try, in ms since the epoch. */
  declare until: number;
  private timer: ReturnType<typeof setInterval> | undefined;
  private counted: Problem | undefined;

  constructor() {
    super();
    this.address = "";
    this.fixed = false;
    this.shown = false;
    this.missing = null;
    this.until = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.counted = undefined;
  }

  private get problem(): Problem | undefined {
    const { session } = this.state;
    return session.phase === "out" ? session.problem : undefined;
  }

  private get left(): number {
    return Math.max(0, Math.ceil((this.until - Date.now()) / 1000));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const problem = this.problem;
    if (!changed.has("state") || problem === this.counted) return;
    this.counted = problem;
    clearInterval(this.timer);
    const wait = waitOf(problem);
    this.until = wait ? Date.now() + wait * 1000 : 0;
    if (wait) this.timer = setInterval(() => this.count(), 1000);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("state") && this.problem?.code === "wrong_credentials") {
      const before = changed.get("state");
      if (before?.session.phase === "entering") this.field("password").select();
    }
  }

  override render() {
    const { logIn } = text.account;
    const busy = this.state.session.phase === "entering";
    const { left } = this;
    return html`<form novalidate @submit=${this.submit}>
      <h1>${chatIcon()}${logIn.title}</h1>
      <div role="alert">${this.renderProblem()}</div>
      <div class="field">
        <label for="address">${logIn.address}</label>
        <input id="address" name="username" type="email" inputmode="email" autocomplete="username"
          autocapitalize="none" spellcheck="false" dir="ltr" required ?readonly=${this.fixed} .defaultValue=${this.address}
          aria-invalid=${this.missing === "address"} aria-describedby="address-missing" />
        <span class="missing" id="address-missing">${this.missing === "address" ? logIn.addressMissing : nothing}</span>
      </div>
      <div class="field">
        <label for="password">${logIn.password}</label>
        <input id="password" name="password" type=${this.shown ? "text" : "password"} autocomplete="current-password"
          autocapitalize="none" spellcheck="false" dir="ltr" required
          aria-invalid=${this.missing === "password"} aria-describedby="password-missing" />
        <span class="missing" id="password-missing">
          ${this.missing === "password" ? logIn.passwordMissing : nothing}
        </span>
      </div>
      <label class="check quiet">
        <input type="checkbox" .checked=${this.shown} @change=${this.toggle} />${logIn.show}
        </label>
      <button class="primary" aria-disabled=${busy || left > 0}>
        ${busy ? logIn.busy : left ? logIn.wait(left) : logIn.action}
      </button>
    </form>`;
  }

  /** The seconds count down on the button alone: a live region would read each of them. */
  private renderProblem() {
    const { problem } = this;
    if (!problem) return nothing;
    const wait = waitOf(problem);
    const said = !wait
      ? sentenceOf(problem)
      : this.left
        ? text.account.tooManyAttempts(wait)
        : text.account.tooManyAttemptsOver;
    return html`<p class="notice bad">${warningIcon()}<span>${said}</span></p>`;
  }

  private count(): void {
    if (!this.left) clearInterval(this.timer);
    this.requestUpdate();
  }

  private field(id: string): HTMLInputElement {
    return this.renderRoot.querySelector(`#${id}`) as HTMLInputElement;
  }

  private toggle(event: Event): void {
    this.shown = (event.target as HTMLInputElement).checked;
  }

  private submit(event: Event): void {
    event.preventDefault();
    const address = this.field("address").value.trim();
    const password = this.field("password").value;
    this.missing = address ? (password ? null : "password") : "address";
    if (this.missing) return this.field(this.missing).focus();
    if (this.left || this.state.session.phase === "entering") return;
    this.shown = false;
    this.client.command({ do: "log in", address, password });
  }
}

customElements.define("company-chat-log-in", LogIn);
