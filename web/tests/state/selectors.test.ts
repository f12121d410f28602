import { expect, test } from "vitest";
import { NOTHING, type State } from "../../src/state/model.js";
import {
  appearanceOf,
  contactAt,
  isAlias,
  nameOf,
  ownStatus,
  selfOf,
  unreadInAll,
  unreadOf,
} from "../../src/state/selectors.js";

const BOB = "bob@example.com";
const SALES = "sales@example.com";
const STATE: State = {
  ...NOTHING,
  own: { chosen: "available", idle: false },
  contacts: {
    version: 1,
    complete: true,
    list: [
      { kind: "alias", address: SALES, name: "Sales" },
      { kind: "user", address: BOB, name: "Bob" },
    ],
  },
  presence: new Map([[BOB, { status: "busy", revision: 1 }]]),
};

test("a contact appears as its presence says, or unavailable where nothing is known", () => {
  expect(appearanceOf(STATE, BOB)).toBe("busy");
  expect(appearanceOf(STATE, SALES)).toBe("unavailable");
  const gone = { ...STATE, presence: new Map([[BOB, { status: "offline", revision: 1 } as const]]) };
  expect(appearanceOf(gone, BOB)).toBe("unavailable");
});

test("everybody appears unavailable while the user is Offline", () => {
  expect(appearanceOf({ ...STATE, own: { chosen: "offline", idle: false } }, BOB)).toBe("unavailable");
});

test("idling makes an available user away, and changes no other choice", () => {
  expect(ownStatus({ ...STATE, own: { chosen: "available", idle: true } })).toBe("away");
  expect(ownStatus({ ...STATE, own: { chosen: "busy", idle: true } })).toBe("busy");
  expect(ownStatus(NOTHING)).toBeNull();
  expect(ownStatus({ ...STATE, own: { chosen: "available", idle: true, wished: "busy" } })).toBe("busy");
});

test("contacts are found by address, and those who are gone keep their address for a name", () => {
  expect(nameOf(STATE, BOB)).toBe("Bob");
  expect(nameOf(STATE, "gone@example.com")).toBe("gone@example.com");
  expect(contactAt(STATE, "gone@example.com")).toBeUndefined();
  expect([isAlias(STATE, SALES), isAlias(STATE, BOB), isAlias(STATE, "gone@example.com")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("nobody is self while logged out", () => {
  expect(selfOf(NOTHING)).toBe("");
  expect(selfOf({ ...NOTHING, session: { phase: "in", address: BOB } })).toBe(BOB);
});

test("unread messages are summed over all threads", () => {
  const thread = { contact: BOB, last_id: "a", sender: BOB, sent_at: "", preview: "", unread: 2 };
  const state = {
    ...STATE,
    inbox: new Map([thread, { ...thread, contact: SALES, unread: 3 }].map((t) => [t.contact, t])),
  };
  expect([unreadOf(state, BOB), unreadOf(state, "gone@example.com"), unreadInAll(state)]).toEqual([2, 0, 5]);
});
