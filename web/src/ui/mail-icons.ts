/** The icons of mail and files, which are loaded with what shows them. */

import { icon } from "./icons.js";

const SHEET = "M11.5 2.75H6a1.5 1.5 0 0 0-1.5 1.5v11.5a1.5 1.5 0 0 0 1.5 1.5h8a1.5 1.5 0 0 0 1.5-1.5v-9zM11.5 2.75v4h4";

export const sentIcon = () => icon("M5 15 15 5M7.5 5H15v7.5", true);
export const receivedIcon = () => icon("M15 5 5 15M12.5 15H5V7.5", true);
export const clipIcon = () =>
  icon("m16 9.25-6.1 6.1a3.6 3.6 0 0 1-5.1-5.1l6.4-6.4a2.4 2.4 0 0 1 3.4 3.4L8.3 13.5a1.2 1.2 0 0 1-1.7-1.7L12 6.4");
export const downloadIcon = () => icon("M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13");
export const repeatIcon = () =>
  icon("M4 9V8a2.5 2.5 0 0 1 2.5-2.5H16M13.5 3 16 5.5 13.5 8M16 11v1a2.5 2.5 0 0 1-2.5 2.5H4M6.5 17 4 14.5 6.5 12");
export const placeIcon = () =>
  icon(
    "M10 17.25s5.5-4.6 5.5-8.75a5.5 5.5 0 0 0-11 0c0 4.15 5.5 8.75 5.5 8.75zM10 10.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5z",
  );
export const documentIcon = () => icon(`${SHEET}M7.5 10h5M7.5 13h5`);
export const sheetIcon = () => icon(`${SHEET}M7.25 9.5h5.5v5h-5.5zM7.25 12h5.5M10 9.5v5`);
export const slidesIcon = () => icon("M3 4h14M4 4v8.5h12V4M10 12.5V15M7 17l3-2 3 2M7.5 9.5v-1M10 9.5V7M12.5 9.5v-2");
export const imageIcon = () =>
  icon(
    "M4.5 3.5h11A1.5 1.5 0 0 1 17 5v10a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15V5a1.5 1.5 0 0 1 1.5-1.5zM3.5 14.5l4-4 3 3 2-2 4 4M12.75 7.5h.01",
  );
export const archiveIcon = () => icon("M3 4h14v3.5H3zM4 7.5V16h12V7.5M8 10.5h4");
export const audioIcon = () =>
  icon("M7.5 14.5V5l8-1.5V13M7.5 14.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM15.5 13a2 2 0 1 1-4 0 2 2 0 0 1 4 0z");
export const videoIcon = () =>
  icon(
    "M4 5h7.5A1.5 1.5 0 0 1 13 6.5v7a1.5 1.5 0 0 1-1.5 1.5H4a1.5 1.5 0 0 1-1.5-1.5v-7A1.5 1.5 0 0 1 4 5zM13 9l4.5-2.5v7L13 11",
  );
