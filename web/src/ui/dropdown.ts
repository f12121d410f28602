/** A popup under a button: opens, and closes by Escape, a press elsewhere, or the focus going elsewhere. */

import type { ReactiveController, ReactiveControllerHost } from "lit";

/** For a host whose shadow tree has the button, marked `.opener`, and shows the popup while `open`. */
export class Dropdown implements ReactiveController {
  open = false;

  constructor(private readonly host: ReactiveControllerHost & HTMLElement) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("pointerdown", this.pressed);
    this.host.addEventListener("focusout", this.left);
    this.host.addEventListener("keydown", this.keyed);
  }

  hostDisconnected(): void {
    document.removeEventListener("pointerdown", this.pressed);
    this.host.removeEventListener("focusout", this.left);
    this.host.removeEventListener("keydown", this.keyed);
    this.open = false;
  }

  /** Open, and focus what matches `first` in the popup. */
  async show(first: string): Promise<void> {
    this.open = true;
    this.host.requestUpdate();
    await this.host.updateComplete;
    this.focus(first);
  }

  /** Close; `back`: the focus returns to the button. */
  hide(back = true): void {
    if (!this.open) return;
    this.open = false;
    this.host.requestUpdate();
    if (back) this.focus(".opener");
  }

  toggle(first: string): void {
    if (this.open) this.hide();
    else void this.show(first);
  }

  private focus(selector: string): void {
    this.host.shadowRoot?.querySelector<HTMLElement>(selector)?.focus();
  }

  private readonly pressed = (event: Event): void => {
    if (!event.composedPath().includes(this.host)) this.hide(false);
  };

  /** Moves within the popup stay inside the shadow tree and are not heard here. */
  private readonly left = (event: FocusEvent): void => {
    if (event.relatedTarget) this.hide(false);
  };

  private readonly keyed = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.open) return;
    event.stopPropagation();
    this.hide();
  };
}
