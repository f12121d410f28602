/** The reducer over days: what is asked for again, and what is let go. */

import { describe, expect, test } from "vitest";
import type { Action } from "../../src/state/actions.js";
import { isMuch } from "../../src/state/asked.js";
import { type MessageFrame, NOTHING, type State } from "../../src/state/model.js";
import { reduce } from "../../src/state/reducer.js";
import { FROM_NEWEST } from "../../src/state/timelines.js";

const ALICE = "alice@example.com";
const BOB = "bob@example.com";
const IN: State = after([{ type: "session", session: { phase: "in", address: ALICE } }], NOTHING);

function after(actions: readonly Action[], state: State = IN): State {
  return actions.reduce(reduce, state);
}

function message(id: string): MessageFrame {
  return { id, sender: BOB, recipient: ALICE, body: "", sent_at: "", door: "web" };
}

function page(ids: readonly string[], cursor: string | null, fresh: boolean): Action {
  return {
    type: "timeline",
    contact: BOB,
    asked: { step: "came", items: ids.map(message), cursor, fresh },
    read: null,
  };
}

const OPENED: Action = { type: "timeline", contact: BOB, asked: { step: "began" } };
const shownOf = (state: State) => {
  const timeline = state.timelines.get(BOB);
  return [timeline?.items.map(({ id }) => id).join(""), timeline?.cursor];
};

describe("the newest page of a timeline again", () => {
  const open = after([OPENED, page(["a", "b", "c"], "earlier", true)]);

  test("joins on where it reaches what is known", () => {
    expect(shownOf(after([page(["b", "c", "d"], "other", true)], open))).toEqual(["abcd", "earlier"]);
    expect(shownOf(after([page([], null, true)], open))).toEqual(["abc", "earlier"]);
  });

  test("takes the place of what is known where something between may be missing", () => {
    const pushed: Action = { type: "arrived", messages: [message("z")], live: true };
    expect(shownOf(after([pushed, page(["f", "g", "z"], "other", true)], open))).toEqual(["fgz", "other"]);
    expect(shownOf(after([page(["f", "g"], "other", true), pushed], open))).toEqual(["fgz", "other"]);
  });
});

test("a timeline that has become too long is cut, and its earlier messages are asked for anew", () => {
  const ids = Array.from({ length: 3000 }, (_, index) => `id ${String(index).padStart(4, "0")}`);
  const long = after([OPENED, page(ids, null, true)]);
  expect(long.timelines.get(BOB)?.items).toHaveLength(3000);
  const cut = after([{ type: "arrived", messages: [message("x")], live: true }], long).timelines.get(BOB);
  expect([cut?.items.length, cut?.items.at(-1)?.id, cut?.cursor]).toEqual([500, "x", FROM_NEWEST]);
});

describe("the first page of a list again", () => {
  const came = (ids: readonly string[], cursor: string | null, fresh: boolean): Action => ({
    type: "conversations",
    contact: BOB,
    asked: { step: "came", items: ids.map((id) => ({ id, preview: cursor }) as never), cursor, fresh },
  });
  const long = after([came(["e", "d"], "c", true), came(["c", "b"], "a", false)]);
  const shown = (state: State) => {
    const list = state.conversations.get(BOB);
    return [list?.items.map(({ id }) => id).join(""), list?.cursor];
  };

  test("is laid over the front where it overlaps", () => {
    const again = after([came(["f", "e"], "d", true)], long);
    expect(shown(again)).toEqual(["fedcb", "a"]);
    expect(again.conversations.get(BOB)?.items[1]?.preview).toBe("d"); // as it is now
  });

  test("takes the place of all where it does not, or where it is all", () => {
    expect(shown(after([came(["h", "g"], "f", true)], long))).toEqual(["hg", "f"]);
    expect(shown(after([came(["e"], null, true)], long))).toEqual(["e", null]);
  });
});

test("of what was asked for, the newest fifty and what is shown stay", () => {
  const asked = (index: number): Action[] => {
    const contact = `user${index}@example.com`;
    const step = { step: "came", items: [], cursor: null, fresh: true } as const;
    return [
      { type: "details", contact, details: { kind: "user", address: contact, name: "" } },
      { type: "conversations", contact, asked: step },
      { type: "transcript", contact, conversation: "c", asked: step },
      { type: "communications", contact, kind: "message", asked: step },
      { type: "mail", contact, id: "m" },
      { type: "download", contact, id: "f" },
      { type: "search", contact, words: "two words", asked: step },
    ];
  };
  const state = after([...Array(120).keys(), 1].flatMap(asked));
  expect(isMuch(state)).toBe(true);
  const trimmed = after([{ type: "trimmed", shown: ["user0@example.com"] }], state);
  expect(isMuch(trimmed)).toBe(false);
  const { details, conversations, transcripts, communications, mails, downloads, searches } = trimmed;
  for (const map of [details, conversations, transcripts, communications, mails, downloads, searches]) {
    expect(map.size).toBe(51);
    const kept = [...map.keys()].map((key) => key.split("@")[0]);
    expect([kept[0], kept.at(-1), kept.includes("user70")]).toEqual(["user0", "user1", false]);
  }
});

test("contacts that are listed page by page are added", () => {
  const contacts = (address: string, first: boolean, last: boolean): Action => ({
    type: "contacts",
    version: 1,
    list: [{ kind: "user", address, name: "" }],
    first,
    last,
  });
  const state = after([contacts("a@x.org", true, false), contacts("b@x.org", false, true)]);
  expect(state.contacts.list.map(({ address }) => address)).toEqual(["a@x.org", "b@x.org"]);
  expect(state.contacts.complete).toBe(true);
  expect(after([contacts("c@x.org", true, false)], state).contacts).toMatchObject({ complete: false, version: 1 });
});
