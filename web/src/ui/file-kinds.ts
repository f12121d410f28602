/** What a file is, by its name and type: for its icon and the word beside that. */

import type { TemplateResult } from "lit";
import type { MailTexts } from "../texts/index.js";
import { calendarIcon, fileIcon } from "./icons.js";
import { archiveIcon, audioIcon, documentIcon, imageIcon, sheetIcon, slidesIcon, videoIcon } from "./mail-icons.js";

export type FileKind = keyof MailTexts["types"];

export const FILE_ICONS: Readonly<Record<FileKind, () => TemplateResult>> = {
  document: documentIcon,
  image: imageIcon,
  sheet: sheetIcon,
  slides: slidesIcon,
  archive: archiveIcon,
  audio: audioIcon,
  video: videoIcon,
  calendar: calendarIcon,
  other: fileIcon,
};

const BY_NAME: readonly (readonly [FileKind, RegExp])[] = [
  ["document", /\.(pdf|docx?|odt|rtf|txt|md|pages|html?|eml|epub)$/],
  ["image", /\.(png|jpe?g|gif|webp|avif|svg|bmp|tiff?|heic)$/],
  ["sheet", /\.(xlsx?|xlsm|ods|csv|tsv|numbers)$/],
  ["slides", /\.(pptx?|odp|key)$/],
  ["archive", /\.(zip|gz|tgz|bz2|xz|zst|7z|rar|tar)$/],
  ["audio", /\.(mp3|ogg|opus|wav|flac|m4a|aac)$/],
  ["video", /\.(mp4|webm|mov|mkv|avi)$/],
  ["calendar", /\.ics$/],
];

const BY_TYPE: readonly (readonly [FileKind, RegExp])[] = [
  ["calendar", /^text\/calendar/],
  ["sheet", /spreadsheet|excel|^text\/(csv|tab-sep)/],
  ["slides", /presentation|powerpoint/],
  ["document", /^text\/|^message\/|pdf|msword|wordprocessing|opendocument\.text|rtf/],
  ["archive", /zip|compressed|x-tar|gzip|rar/],
  ["image", /^image\//],
  ["audio", /^audio\//],
  ["video", /^video\//],
];

/** The kind that the name's ending tells, as that is what a computer opens it by; else that of the type. */
export function kindOfFile(name: string, type: string | null | undefined): FileKind {
  const kindIn = (table: typeof BY_NAME, text: string) => table.find(([, pattern]) => pattern.test(text))?.[0];
  return kindIn(BY_NAME, name.toLowerCase()) ?? kindIn(BY_TYPE, (type ?? "").toLowerCase()) ?? "other";
}
