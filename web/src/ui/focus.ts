/** Where the focus is. */

/** The element that has the focus, however deep in shadow trees, if it is in `host`'s; else null. */
export function focusedIn(host: Element): HTMLElement | null {
  let focused = host.shadowRoot?.activeElement ?? null;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused instanceof HTMLElement ? focused : null;
}
