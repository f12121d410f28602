/** The icons: line drawings on a 20 px grid in the colour of the text around them, hidden from screen readers. */

import { html, type TemplateResult } from "lit";

/** `pointing`: it has a direction, and is mirrored where text goes from right to left. */
export function icon(path: string, pointing = false): TemplateResult {
  return html`<svg
    class=${pointing ? "pointing" : ""}
    viewBox="0 0 20 20"
    width="20"
    height="20"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d=${path} />
  </svg>`;
}

export const chatIcon = () =>
  icon(
    "M4.5 3.5h11a2 2 0 0 1 2 2v6.5a2 2 0 0 1-2 2H9.5L6 17v-3H4.5a2 2 0 0 1-2-2V5.5a2 2 0 0 1 2-2zM6.5 7.5h7M6.5 10.25h4.5",
  );
export const sendIcon = () => icon("M3 10 17 3.5 12.5 16.75 10 11zM10 11l7-7.5", true);
export const retryIcon = () => icon("M16 10a6 6 0 1 1-1.9-4.38M16 2.75v3.5h-3.5");
export const closeIcon = () => icon("m5 5 10 10M15 5 5 15");
export const searchIcon = () => icon("M8.75 14a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5zM12.6 12.6 17 17");
export const backIcon = () => icon("M16.5 10h-13M8.5 5l-5 5 5 5", true);
export const personIcon = () =>
  icon("M10 9.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5zM3.5 17c.6-3 3.2-4.5 6.5-4.5s5.9 1.5 6.5 4.5");
export const groupIcon = () =>
  icon(
    "M7.5 9.25a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM2 16.25c.5-2.6 2.7-4 5.5-4s5 1.4 5.5 4M13 4a2.6 2.6 0 0 1 0 5.1M15 12.6c1.6.5 2.7 1.8 3 3.65",
  );
export const mailIcon = () =>
  icon(
    "M4 4.5h12a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 14V6A1.5 1.5 0 0 1 4 4.5zM3 6l7 5 7-5",
  );
export const gearIcon = () => icon("M3 6h6M13 6h4M3 14h4M11 14h6M11 4v4M9 12v4");
export const openIcon = () =>
  icon("M12 3.5h4.5V8M16.5 3.5 9.5 10.5M14.5 11.5v3a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2h3", true);
export const webIcon = () =>
  icon("M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c4.5 4.5 4.5 9.5 0 14M10 3c-4.5 4.5-4.5 9.5 0 14");
export const xmppIcon = () => icon("M3.5 4h13v9h-13zM7 17h6M10 13v4M6.5 7l2 1.5-2 1.5M10.5 10.25h2.5");
export const fileIcon = () =>
  icon("M11.5 2.75H6a1.5 1.5 0 0 0-1.5 1.5v11.5a1.5 1.5 0 0 0 1.5 1.5h8a1.5 1.5 0 0 0 1.5-1.5v-9zM11.5 2.75v4h4");
export const calendarIcon = () =>
  icon(
    "M4.5 4.5h11A1.5 1.5 0 0 1 17 6v9.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15.5V6a1.5 1.5 0 0 1 1.5-1.5zM3 8.5h14M6.5 2.75v3.5M13.5 2.75v3.5",
  );
export const checkIcon = () => icon("m4.5 10.5 3.5 3.5 7.5-8");
export const doubleCheckIcon = () => icon("m2 10.5 3.5 3.5L13 6M9.5 13l1 1L18 6");
export const clockIcon = () => icon("M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.75 1.75");
export const warningIcon = () => icon("M10 3.25 17.5 16.5h-15zM10 8.25v3.75M10 14.25h.01");
export const downIcon = () => icon("m6 8 4 4 4-4");
