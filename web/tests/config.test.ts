import { expect, test } from "vitest";
import { settingsFrom, windowPage } from "../src/client/config.js";

const BASE = "https://chat.example.com/web/config.json";

test("reads the settings of a config file", () => {
  expect(settingsFrom({ api: "https://api.example.com/v1/", connection_lifetime: 60, idle_after: 5 }, BASE)).toEqual({
    api: "https://api.example.com/v1",
    connection_lifetime: 60,
    idle_after: 5,
  });
});

test("takes an api that is relative to the file", () => {
  expect(settingsFrom({ api: "../api" }, BASE)).toEqual({ api: "https://chat.example.com/api" });
});

test("refuses a file that names no api, and drops what is of another kind", () => {
  expect(() => settingsFrom({}, BASE)).toThrow("names no api");
  expect(() => settingsFrom(null, BASE)).toThrow("names no api");
  expect(settingsFrom({ api: "https://a.example", idle_after: "5" }, BASE)).toEqual({ api: "https://a.example" });
});

const SCRIPT = "https://mail.example.com/chat/chat.js";
const PAGE = "https://mail.example.com/inbox?folder=1#top";

test("shows chat windows in the page beside the script of the same origin", () => {
  expect(windowPage(null, SCRIPT, PAGE)).toBe("https://mail.example.com/chat/chat.html");
});

test("shows chat windows in the embedding page where the script is of another origin", () => {
  expect(windowPage(null, "https://chat.example.com/chat.js", PAGE)).toBe("https://mail.example.com/inbox?folder=1");
});

test("shows chat windows in the page that is named, if it shares the origin", () => {
  expect(windowPage("/windows", SCRIPT, PAGE)).toBe("https://mail.example.com/windows");
  expect(windowPage("https://elsewhere.example/", SCRIPT, PAGE)).toBe("https://mail.example.com/inbox?folder=1");
});
