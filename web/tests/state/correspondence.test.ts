/** The reducer: mail, appointments and files with a contact, and searches. */

import { describe, expect, test } from "vitest";
import type { Action } from "../../src/state/actions.js";
import { type CommunicationFrame, type HitFrame, NOTHING, type State } from "../../src/state/model.js";
import { reduce } from "../../src/state/reducer.js";

const BOB = "bob@example.com";
const NOW = Date.UTC(2026, 2, 9, 12);

function after(actions: readonly Action[], state: State = NOTHING): State {
  return actions.reduce(reduce, state);
}

const at = (day: number) => new Date(Date.UTC(2026, 2, day, 12)).toISOString();

function entry(kind: CommunicationFrame["kind"], id: string, day: number, more: Partial<CommunicationFrame> = {}) {
  const ends = kind === "appointment" ? { ends_at: new Date(Date.UTC(2026, 2, day, 13)).toISOString() } : {};
  return { id, kind, at: at(day), title: id, ...ends, ...more };
}

const mail = (id: string, day: number) => entry("message", id, day);
const appointment = (id: string, day: number, more = {}) => entry("appointment", id, day, more);

function page(items: readonly CommunicationFrame[], cursor: string | null = null, fresh = true): Action {
  const kind = items[0]?.kind ?? "message";
  return { type: "communications", contact: BOB, kind, asked: { step: "came", items, cursor, fresh }, indexed: true };
}

function came(communication: CommunicationFrame, replaces: readonly string[] = []): Action {
  return { type: "communicated", contact: BOB, communication, replaces, now: NOW };
}

const shown = (state: State, kind = "message") =>
  state.communications.get(`${BOB} ${kind}`)?.items.map(({ id }) => id) ?? null;

describe("a mail that comes", () => {
  const listed = after([page([mail("c", 7), mail("b", 5)])]);

  test("stands where its time has it", () => {
    expect(shown(after([came(mail("d", 8))], listed))).toEqual(["d", "c", "b"]);
    expect(shown(after([came(mail("x", 6))], listed))).toEqual(["c", "x", "b"]);
    expect(shown(after([came(mail("a", 1))], listed))).toEqual(["c", "b", "a"]);
  });

  test("is listed once, as it is now", () => {
    const state = after(
      [came({ ...mail("c", 7), title: "changed" }), came({ ...mail("c", 7), title: "changed" })],
      listed,
    );
    expect(shown(state)).toEqual(["c", "b"]);
    expect(state.communications.get(`${BOB} message`)?.items[0]?.title).toBe("changed");
  });

  test("waits for its page where that was not asked for yet", () => {
    const open = after([page([mail("c", 7), mail("b", 5)], "next")]);
    expect(shown(after([came(mail("a", 1))], open))).toEqual(["c", "b"]);
    expect(shown(after([came(mail("x", 6))], open))).toEqual(["c", "x", "b"]);
  });

  test("changes nothing where no list was asked for", () => {
    expect(after([came(mail("a", 1))]).communications.size).toBe(0);
    expect(shown(after([came(entry("attachment", "f", 8))], listed), "attachment")).toBeNull();
  });

  test("tells that the domain is indexed", () => {
    const none = after([
      { type: "communications", contact: BOB, kind: "message", asked: { step: "began" } },
      {
        type: "communications",
        contact: BOB,
        kind: "message",
        asked: { step: "came", items: [], cursor: null, fresh: true },
        indexed: false,
      },
    ]);
    expect(after([came(mail("a", 1))], none).communications.get(`${BOB} message`)?.indexed).toBe(true);
  });

  describe("while a page is asked for that does not have it", () => {
    const asking: Action = { type: "communications", contact: BOB, kind: "message", asked: { step: "began" } };

    test("stays, wherever its time has it", () => {
      const known = [mail("c", 7), mail("b", 5)];
      expect(shown(after([asking, came(mail("d", 8)), page(known)], listed))).toEqual(["d", "c", "b"]);
      expect(shown(after([asking, came(mail("x", 6)), page(known)]))).toEqual(["c", "x", "b"]);
      expect(shown(after([asking, came(mail("a", 1)), page(known)]))).toEqual(["c", "b", "a"]);
    });

    test("stays when the page has nothing", () => {
      const state = after([asking, came(mail("a", 1)), page([])]);
      expect(shown(state)).toEqual(["a"]);
    });

    test("stays when it belongs into the next page", () => {
      const open = after([page([mail("c", 7)], "next")]);
      expect(shown(after([asking, came(mail("x", 4)), page([mail("b", 5), mail("a", 1)], null, false)], open))).toEqual(
        ["c", "b", "x", "a"],
      );
    });

    test("takes the place of what it was before", () => {
      const old = page([appointment("soon", 10), appointment("later", 20)]);
      const asked: Action = { type: "communications", contact: BOB, kind: "appointment", asked: { step: "began" } };
      const moved = came(appointment("moved", 25), ["soon"]);
      expect(shown(after([asked, moved, old]), "appointment")).toEqual(["later", "moved"]);
    });

    test("is laid over that page alone", () => {
      const state = after([asking, came(mail("d", 8)), page([mail("c", 7)]), asking, page([mail("c", 7)])]);
      expect(shown(state)).toEqual(["c"]);
    });
  });

  test("is gone when it was deleted and the first page comes again", () => {
    expect(shown(after([page([mail("b", 5)])], listed))).toEqual(["b"]);
  });
});

describe("an appointment that comes", () => {
  const listed = after([
    page([appointment("soon", 10), appointment("later", 20), appointment("last", 8), appointment("old", 2)]),
  ]);

  test("stands among those to come by how soon it is, and among the past by how late it was", () => {
    expect(shown(after([came(appointment("x", 15))], listed), "appointment")).toEqual([
      "soon",
      "x",
      "later",
      "last",
      "old",
    ]);
    expect(shown(after([came(appointment("x", 30))], listed), "appointment")).toEqual([
      "soon",
      "later",
      "x",
      "last",
      "old",
    ]);
    expect(shown(after([came(appointment("x", 5))], listed), "appointment")).toEqual([
      "soon",
      "later",
      "last",
      "x",
      "old",
    ]);
  });

  test("stands among the past by when it ended", () => {
    const long = appointment("long", 1, { ends_at: new Date(Date.UTC(2026, 2, 8, 14)).toISOString() });
    expect(shown(after([came(long)], listed), "appointment")).toEqual(["soon", "later", "long", "last", "old"]);
  });

  test("takes the place of what it was before it was moved", () => {
    const state = after([came(appointment("moved", 25), ["soon"])], listed);
    expect(shown(state, "appointment")).toEqual(["later", "moved", "last", "old"]);
  });

  test("shows that it was cancelled", () => {
    const state = after([came(appointment("soon", 10, { state: "cancelled" }))], listed);
    expect(shown(state, "appointment")).toEqual(["soon", "later", "last", "old"]);
    expect(state.communications.get(`${BOB} appointment`)?.items[0]?.state).toBe("cancelled");
  });

  test("that was listed and goes behind the last one that is known is still listed", () => {
    const open = after([page([appointment("soon", 10), appointment("last", 8)], "next")]);
    expect(shown(after([came(appointment("soon", 1))], open), "appointment")).toEqual(["last", "soon"]);
  });
});

describe("a mail or a file", () => {
  test("is asked for, and comes or is refused", () => {
    const asked = after([{ type: "mail", contact: BOB, id: "m" }]);
    expect(asked.mails.get(`${BOB} m`)).toEqual({ loading: true });
    const refused = after([{ type: "mail", contact: BOB, id: "m", problem: { code: "unknown_item" } }], asked);
    expect(refused.mails.get(`${BOB} m`)).toEqual({ loading: false, problem: { code: "unknown_item" } });
    const file = { request_id: "1", ok: true, url: "https://files.example/1", name: "a.pdf" } as const;
    const got = after([{ type: "download", contact: BOB, id: "f", file }]);
    expect(got.downloads.get(`${BOB} f`)).toEqual({ loading: false, value: file });
  });
});

describe("a search", () => {
  const hit = (id: string): HitFrame => ({ id, kind: "chat", at: at(1), title: "", text: id });
  const search = (
    words: string,
    items: readonly HitFrame[],
    cursor: string | null,
    searchedTo: string | null,
  ): Action => ({
    type: "search",
    contact: BOB,
    words,
    asked: { step: "came", items, cursor, fresh: !items.length || items[0]?.id === "b" },
    searchedTo,
  });

  test("goes on where it was, and tells how far back it looked", () => {
    const state = after([search("offer", [hit("b")], "next", at(3)), search("offer", [hit("a")], null, null)]);
    const found = state.searches.get(`${BOB} offer`);
    expect(found?.items.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(found).toMatchObject({ cursor: null, searchedTo: at(3) });
  });

  test("that is made again has looked as far back as it had before", () => {
    const state = after([
      search("offer", [hit("b")], "next", at(3)),
      search("offer", [hit("a")], "last", at(1)),
      search("offer", [hit("b")], "next", at(3)),
    ]);
    const found = state.searches.get(`${BOB} offer`);
    expect(found?.items.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(found).toMatchObject({ cursor: "last", searchedTo: at(1) });
  });

  test("for other words is another one", () => {
    const state = after([search("offer", [hit("b")], null, null), search("offer of", [], null, null)]);
    expect(state.searches.get(`${BOB} offer of`)?.items).toEqual([]);
    expect(state.searches.get(`${BOB} offer`)?.items).toHaveLength(1);
  });
});
