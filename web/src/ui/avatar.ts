/** A contact's photo; without one, its initials on a colour of its own, or for an alias a group. */

import { css, html, LitElement, type PropertyValues } from "lit";
import { groupIcon } from "./icons.js";
import { hueOf, initialsOf } from "./initials.js";

/**
 * `<company-chat-avatar .name .address .photo .kind>`: decoration, as the name always stands beside it.
 *
 * Its size is `--avatar-size`, 36 px where that is not set.
 */
export class Avatar extends LitElement {
  static override properties = { name: {}, address: {}, photo: {}, kind: {}, failed: { state: true } };

  static override styles = css`
    :host {
      display: inline-grid;
      flex: none;
      place-items: center;
      inline-size: var(--avatar-size, 36px);
      block-size: var(--avatar-size, 36px);
      border-radius: 50%;
      overflow: hidden;
      font-size: calc(var(--avatar-size, 36px) * 0.38);
      font-weight: 600;
      line-height: 1;
      user-select: none;
      background: light-dark(oklch(0.9 0.05 var(--hue, 260)), oklch(0.38 0.07 var(--hue, 260)));
      color: light-dark(oklch(0.38 0.1 var(--hue, 260)), oklch(0.92 0.05 var(--hue, 260)));
    }
    :host([kind="alias"]) {
      border-radius: 30%;
    }
    img {
      inline-size: 100%;
      block-size: 100%;
      object-fit: cover;
    }
    svg {
      display: block;
      inline-size: 60%;
      block-size: 60%;
    }
    @media (forced-colors: active) {
      :host {
        border: 1px solid CanvasText;
      }
    }
  `;

  declare name: string;
  /** Decides the colour, so that a contact keeps it when the name changes. */
  declare address: string;
  declare photo: string | null | undefined;
  declare kind: "user" | "alias";
  declare failed: boolean;

  constructor() {
    super();
    this.name = "";
    this.address = "";
    this.photo = null;
    this.kind = "user";
    this.failed = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("photo")) this.failed = false;
    this.style.setProperty("--hue", String(hueOf(this.address || this.name)));
    this.setAttribute("kind", this.kind);
    this.setAttribute("aria-hidden", "true");
  }

  override render() {
    const photo = this.failed ? null : safePhoto(this.photo);
    if (photo) {
      return html`<img src=${photo} alt="" loading="lazy" referrerpolicy="no-referrer" @error=${this.fail} />`;
    }
    return this.kind === "alias" ? groupIcon() : html`<span>${initialsOf(this.name)}</span>`;
  }

  private fail(): void {
    this.failed = true;
  }
}

/** The photo's address if it is one that a browser may load: over HTTPS, or the picture itself. */
function safePhoto(photo: string | null | undefined): string | null {
  return photo && /^(https:\/\/|data:image\/)/i.test(photo) ? photo : null;
}

customElements.define("company-chat-avatar", Avatar);
