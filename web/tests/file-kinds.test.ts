import { expect, test } from "vitest";
import { kindOfFile } from "../src/ui/file-kinds.js";

test.each([
  ["offer.PDF", "", "document"],
  ["notes", "text/plain; charset=utf-8", "document"],
  ["photo.jpeg", "application/octet-stream", "image"],
  ["figures.xlsx", null, "sheet"],
  ["figures", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "sheet"],
  ["fair.odp", undefined, "slides"],
  ["talk", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "slides"],
  ["letter", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"],
  ["originals.tar.gz", "", "archive"],
  ["call", "audio/ogg", "audio"],
  ["tour.webm", "", "video"],
  ["invite.ics", "text/plain", "calendar"],
  ["invite", "text/calendar; method=REQUEST", "calendar"],
  ["data.bin", "application/octet-stream", "other"],
  ["", "", "other"],
])("%s of type %s is shown as %3$s", (name, type, kind) => {
  expect(kindOfFile(name, type)).toBe(kind);
});
