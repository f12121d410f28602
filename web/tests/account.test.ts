import { afterEach, expect, test } from "vitest";
import type { Notice } from "../src/client/commands.js";
import { NOTHING, type State } from "../src/state/model.js";
import { isReceptive } from "../src/state/selectors.js";
import { account as arabic } from "../src/texts/ar/account.js";
import { speak, text } from "../src/texts/index.js";
import { wordsOf } from "../src/ui/announcer.js";
import { lineOf } from "../src/ui/connection-line.js";
import { hueOf, initialsOf } from "../src/ui/initials.js";
import { itemFor } from "../src/ui/menu-keys.js";
import { PageTitle } from "../src/ui/page-title.js";
import { sentenceOf, waitOf } from "../src/ui/problems.js";
import { newestUnread } from "../src/ui/selection.js";

afterEach(() => speak("en"));

test("a name's initials are its first and last word's", () => {
  expect(initialsOf("Alice Example")).toBe("AE");
  expect(initialsOf("Jean-Luc van Dam")).toBe("JD");
  expect(initialsOf("bob@example.com")).toBe("B");
  expect(initialsOf("ليلى منصور")).toBe("لم");
  expect(initialsOf("  ")).toBe("?");
});

test("an address has one hue for good", () => {
  expect(hueOf("alice@example.com")).toBe(hueOf("alice@example.com"));
  const hues = new Set(Array.from({ length: 200 }, (_, index) => hueOf(`user${index}@example.com`)));
  expect(hues.size).toBeGreaterThan(18);
});

test("the title's count takes the place of the one before", () => {
  const page = { title: "Webmail" };
  const title = new PageTitle(page);
  for (const [count, shown] of [
    [3, "(3) Webmail"],
    [4, "(4) Webmail"],
    [0, "Webmail"],
  ] as const) {
    title.show(count);
    expect(page.title).toBe(shown);
  }
});

test("a count that the page itself wrote stays in its title", () => {
  const page = { title: "(12) Inbox" };
  const title = new PageTitle(page);
  title.show(2);
  expect(page.title).toBe("(2) (12) Inbox");
  page.title = "(13) Inbox";
  title.show(2);
  expect(page.title).toBe("(2) (13) Inbox");
  title.show(0);
  expect(page.title).toBe("(13) Inbox");
});

test("a chat window's title is its contact's name", () => {
  const page = { title: "Chat" };
  const title = new PageTitle(page);
  title.show(1, "Bob");
  title.show(2, "Bob");
  expect(page.title).toBe("(2) Bob");
});

test("keys lead round the menu, and letters to what begins with them", () => {
  const labels = ["Available", "Away", "Busy", "Offline", "Log out"];
  expect(itemFor("ArrowDown", 4, labels)).toBe(0);
  expect(itemFor("ArrowUp", 0, labels)).toBe(4);
  expect(itemFor("Home", 3, labels)).toBe(0);
  expect(itemFor("End", 0, labels)).toBe(4);
  expect(itemFor("a", 0, labels)).toBe(1);
  expect(itemFor("A", 1, labels)).toBe(0);
  expect(itemFor("b", 4, labels)).toBe(2);
  expect(itemFor("x", 0, labels)).toBe(-1);
  expect(itemFor("Enter", 0, labels)).toBe(-1);
  expect(itemFor(" ", 0, labels)).toBe(-1);
});

const SESSION = { phase: "in", address: "alice@example.com" } as const;

test("the line says nothing while all is well, or nobody is logged in", () => {
  expect(lineOf({ session: SESSION, connection: { phase: "open", synced: true } })).toBe("well");
  expect(lineOf({ session: { phase: "entering" }, connection: { phase: "closed" } })).toBe("well");
});

test("the line says what the connection is at", () => {
  expect(lineOf({ session: SESSION, connection: { phase: "open", synced: false } })).toBe("fetching");
  expect(lineOf({ session: SESSION, connection: { phase: "closed" } })).toBe("connecting");
  expect(lineOf({ session: SESSION, connection: { phase: "opening" } })).toBe("connecting");
  expect(lineOf({ session: SESSION, connection: { phase: "waiting", until: 1 } })).toBe("waiting");
  expect(lineOf({ session: SESSION, connection: { phase: "unplugged" } })).toBe("unplugged");
});

test("problems are told in the user's words, else in the server's", () => {
  expect(sentenceOf({ code: "wrong_credentials", message: "no" })).toBe(text.account.problems.wrong_credentials);
  expect(sentenceOf({ code: "bad_field", message: "password is too long" })).toBe("password is too long");
  expect(sentenceOf({ code: "toString" })).toContain("toString");
  expect(sentenceOf({ code: "otherwise" })).toContain("(otherwise)");
  const refused = { code: "sign_on_refused", message: "It has expired.", details: { reason: "expired" } };
  expect(sentenceOf(refused)).toBe("It has expired. (expired)");
});

test("a wait is what the server asks for, in whole seconds", () => {
  expect(waitOf({ code: "too_many_attempts", details: { retry_after: 7 } })).toBe(7);
  expect(waitOf({ code: "too_many_attempts", details: { retry_after: 1.2 } })).toBe(2);
  expect(waitOf({ code: "too_many_attempts" })).toBe(30);
  expect(waitOf({ code: "too_many_attempts", details: { retry_after: "soon" } })).toBe(0);
  expect(waitOf({ code: "wrong_credentials" })).toBe(0);
  expect(waitOf(undefined)).toBe(0);
});

function withNames(...names: string[]): State {
  const list = names.map((name) => ({ address: `${name.toLowerCase()}@example.com`, name, kind: "user" as const }));
  return { ...NOTHING, contacts: { version: 1, list, complete: true } };
}

const notice: Notice = { contact: "bob@example.com", sender: "bob@example.com", body: "Hello", id: "1", visual: true };

test("a notification names the contact, and for an alias who wrote", () => {
  const state = withNames("Bob", "Sales");
  expect(wordsOf(notice, state)).toEqual({ title: "Bob", body: "Hello" });
  expect(wordsOf({ ...notice, contact: "sales@example.com" }, state)).toEqual({ title: "Sales", body: "Bob: Hello" });
});

test("a notification shows the beginning of a long message", () => {
  const { body } = wordsOf({ ...notice, body: "x".repeat(5000) }, NOTHING);
  expect(body).toHaveLength(200);
  expect(body.endsWith("…")).toBe(true);
});

test("somebody who is Busy or Offline is not disturbed", () => {
  for (const chosen of ["busy", "offline"] as const) expect(isReceptive({ own: { chosen, idle: false } })).toBe(false);
  for (const chosen of ["available", "away", null] as const)
    expect(isReceptive({ own: { chosen, idle: false } })).toBe(true);
});

test("a choice holds from the moment of choosing, before the server has heard of it", () => {
  expect(isReceptive({ own: { chosen: "available", wished: "busy", idle: false } })).toBe(false);
  expect(isReceptive({ own: { chosen: "busy", wished: "available", idle: false } })).toBe(true);
});

test("the flag leads to the newest of the unread", () => {
  const thread = (contact: string, last_id: string, unread: number) =>
    [contact, { contact, last_id, unread, preview: "", sender: contact, sent_at: "" }] as const;
  expect(newestUnread({ inbox: new Map([thread("a@x", "1", 2), thread("b@x", "3", 0), thread("c@x", "2", 1)]) })).toBe(
    "c@x",
  );
  expect(newestUnread({ inbox: new Map([thread("b@x", "3", 0)]) })).toBeNull();
});

test("Arabic counts have their six forms", () => {
  expect([1, 2, 3, 11, 100].map((n) => arabic.unread(n).replace(/[\d٠-٩]+/, "#"))).toEqual([
    "رسالة واحدة غير مقروءة",
    "رسالتان غير مقروءتين",
    "# رسائل غير مقروءة",
    "# رسالة غير مقروءة",
    "# رسالة غير مقروءة",
  ]);
});
