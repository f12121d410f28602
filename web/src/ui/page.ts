/** What the element does to the page around it and to the parts within. */

import { LitElement } from "lit";

/** Put an element over the whole page, in the top layer, and what it covers out of reach of keys and screen readers. */
export function coverPage(element: HTMLElement): void {
  element.popover = "manual";
  element.showPopover();
  setAside(element, true);
}

export function uncoverPage(element: HTMLElement): void {
  element.popover = null;
  setAside(element, false);
}

function setAside(element: HTMLElement, inert: boolean): void {
  document.documentElement.style.overflow = inert ? "hidden" : "";
  for (let inner: Node | null = element; inner && inner !== document.body; inner = parentOf(inner)) {
    for (const other of parentOf(inner)?.childNodes ?? []) {
      if (other !== inner && other instanceof HTMLElement) other.inert = inert;
    }
  }
}

function parentOf(node: Node): Node | null {
  return node.parentNode instanceof ShadowRoot ? node.parentNode.host : node.parentNode;
}

/** Let every part in an element's shadow tree render anew: the texts have changed, and they do not hear of it. */
export function renderAgain(element: LitElement): void {
  element.requestUpdate();
  for (const inner of element.renderRoot.querySelectorAll("*")) if (inner instanceof LitElement) renderAgain(inner);
}
