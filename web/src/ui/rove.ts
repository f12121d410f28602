/** Arrow keys in toolbars and tab lists, as the ARIA Authoring Practices have them. */

import { direction } from "../texts/index.js";

/** The place that a key leads to among `length`, or null where it is none of ours. Left and right go by the text. */
export function placeAfter(key: string, place: number, length: number): number | null {
  const forward = direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const backward = direction === "rtl" ? "ArrowRight" : "ArrowLeft";
  if (!length) return null;
  if (key === forward) return (place + 1) % length;
  if (key === backward) return (place + length - 1) % length;
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  return null;
}

/** For `@keydown` of the element around: move the focus among those that match. Only the focused one can be tabbed to. */
export function rove(event: KeyboardEvent, selector: string): HTMLElement | null {
  const around = event.currentTarget as HTMLElement;
  const all = [...around.querySelectorAll<HTMLElement>(selector)];
  const place = all.indexOf(event.target as HTMLElement);
  const next =
    place < 0 || event.ctrlKey || event.metaKey || event.altKey ? null : placeAfter(event.key, place, all.length);
  const found = next === null ? undefined : all[next];
  if (!found) return null;
  event.preventDefault();
  for (const each of all) each.tabIndex = each === found ? 0 : -1;
  found.focus();
  return found;
}
