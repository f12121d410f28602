/** Where the focus is, and where it goes when what had it is gone. */

import type { Part } from "./part.js";

/** The element that has the focus, however deep in shadow trees, if it is in `host`'s; else null. */
export function focusedIn(host: Element): HTMLElement | null {
  let focused = host.shadowRoot?.activeElement ?? null;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused instanceof HTMLElement ? focused : null;
}

/** In a component with buttons that go when they are pressed, the focus goes on to where the user can go on. */
export function keepFocus(host: Part): void {
  const listed = () => host.renderRoot.querySelectorAll<HTMLElement>("li.row");
  let focused: HTMLElement | null = null;
  let rows = 0;
  let lost = false;
  host.addController({
    hostUpdate() {
      focused = focusedIn(host);
      if (!lost) rows = listed().length;
    },
    hostUpdated() {
      lost ||= focused?.isConnected === false;
      if (!lost) return;
      // The first row that has come, else what is read, else what can be pressed instead.
      const next = listed()[rows] ?? host.renderRoot.querySelector<HTMLElement>("[tabindex='0'], .problem button");
      if (!next) return; // it is still being loaded
      lost = false;
      if (document.activeElement !== document.body) return; // the user has gone elsewhere
      if (next.tabIndex < 0) next.tabIndex = -1;
      next.focus();
    },
  });
}
