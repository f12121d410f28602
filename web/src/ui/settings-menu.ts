/** The settings: notifications, sound, title count, theme, language. Each holds at once, in every window. */

import { css, html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import type { Preferences } from "../state/model.js";
import { LANGUAGES, text } from "../texts/index.js";
import { mayNotify, type Permission } from "./announcer.js";
import { Dropdown } from "./dropdown.js";
import { gearIcon } from "./icons.js";
import { Part } from "./part.js";
import { popupStyles } from "./status-menu-styles.js";
import { shared } from "./theme.js";

const THEMES = ["system", "light", "dark"] as const;

/** `<company-chat-settings .client .state .given>`: `given` names what the embedding page decides, which is not offered. */
export class SettingsMenu extends Part {
  static override properties = {
    ...Part.properties,
    given: { attribute: false },
  };

  static override styles = [
    shared,
    popupStyles,
    css`
      .popup {
        padding: 12px 16px 16px;
      }
      h2 {
        font-size: 1rem;
        margin-block-end: 4px;
      }
      label {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        min-block-size: 40px;
      }
      input {
        inline-size: 18px;
        block-size: 18px;
        flex: none;
        margin: 0;
      }
      select {
        min-inline-size: 0;
        max-inline-size: 60%;
      }
      .hint {
        margin-block: -4px 8px;
        padding-inline-end: 30px;
        font-size: 0.8125rem;
        line-height: 1.4;
      }
      @media (pointer: coarse) {
        label {
          min-block-size: 48px;
        }
        input {
          inline-size: 24px;
          block-size: 24px;
        }
      }
    `,
  ];

  declare given: ReadonlySet<string>;
  private readonly dropdown = new Dropdown(this);

  constructor() {
    super();
    this.given = new Set();
  }

  override render() {
    const { title } = text.account.settings;
    return html`
      <button class="icon opener" aria-haspopup="dialog" aria-expanded=${this.dropdown.open} aria-label=${title}
        title=${title} @click=${() => this.dropdown.toggle(".popup input:not(:disabled), .popup select")}>
        ${gearIcon()}
      </button>
      ${this.dropdown.open ? this.renderPopup() : nothing}
    `;
  }

  private renderPopup() {
    const { settings } = text.account;
    const { sound, titleCount, theme, language } = this.state.preferences;
    return html`<div class="popup" role="dialog" aria-labelledby="title">
      <h2 id="title">${settings.title}</h2>
      ${this.renderNotifications(mayNotify())}
      ${this.renderSwitch(settings.sound, sound, (on) => this.prefer({ sound: on }))}
      ${
        this.given.has("title-count")
          ? nothing
          : this.renderSwitch(settings.titleCount, titleCount, (on) => this.prefer({ titleCount: on }))
      }
      ${
        this.given.has("theme")
          ? nothing
          : this.renderChoice(
              settings.theme,
              theme,
              THEMES.map((name) => [name, settings.themes[name]]),
              (name) => this.prefer({ theme: name as Preferences["theme"] }),
            )
      }
      ${
        this.given.has("language")
          ? nothing
          : this.renderChoice(
              settings.language,
              language ?? "",
              [
                ["", settings.browserLanguage],
                ...Object.entries(LANGUAGES).map(([tag, { name }]) => [tag, name] as const),
              ],
              (tag) => this.prefer({ language: tag || null }),
            )
      }
    </div>`;
  }

  private renderNotifications(permission: Permission) {
    const { settings } = text.account;
    const on = this.state.preferences.notifications && permission === "granted";
    const hint = {
      granted: nothing,
      default: settings.notificationsAsk,
      denied: settings.notificationsBlocked,
      none: settings.notificationsNone,
    }[permission];
    const disabled = permission === "denied" || permission === "none";
    return html`${this.renderSwitch(settings.notifications, on, (wanted) => void this.notify(wanted), disabled)}
    ${hint === nothing ? nothing : html`<p class="hint quiet" id="hint">${hint}</p>`}`;
  }

  private renderSwitch(label: string, on: boolean, change: (on: boolean) => void, disabled = false) {
    return html`<label>
      ${label}
      <input type="checkbox" .checked=${live(on)} ?disabled=${disabled}
        aria-describedby=${label === text.account.settings.notifications ? "hint" : nothing}
        @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} />
    </label>`;
  }

  private renderChoice(
    label: string,
    value: string,
    options: readonly (readonly [string, string])[],
    change: (value: string) => void,
  ) {
    return html`<label>
      ${label}
      <select @change=${(event: Event) => change((event.target as HTMLSelectElement).value)}>
        ${options.map(([name, words]) => html`<option value=${name} ?selected=${name === value}>${words}</option>`)}
      </select>
    </label>`;
  }

  private prefer(preferences: Partial<Preferences>): void {
    this.client.command({ do: "prefer", preferences });
  }

  /** Browsers ask their users only upon a click, which this is. */
  private async notify(wanted: boolean): Promise<void> {
    if (wanted && mayNotify() === "default") {
      await Notification.requestPermission();
      this.requestUpdate(); // the permission is no part of the state
    }
    this.prefer({ notifications: wanted });
  }
}

customElements.define("company-chat-settings", SettingsMenu);
