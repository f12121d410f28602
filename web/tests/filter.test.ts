import { describe, expect, it } from "vitest";
import type { ContactSummary } from "../src/state/model.js";
import { AddressBook, fold } from "../src/ui/filter.js";

function contact(name: string, more: Partial<ContactSummary> = {}): ContactSummary {
  return { address: `${fold(name).replace(/ /g, ".")}@example.com`, name, kind: "user", ...more };
}

const ALICE = contact("Alice Berg", { department: "Sales" });
const EMILE = contact("Émile Zoë", { department: "Engineering" });
const JOALICE = contact("Joalice Ames", { department: "Engineering" });
const TEAM = contact("Sales Team", { kind: "alias" });
const BOARD = contact("Board", { kind: "alias" });
const ALL = [TEAM, BOARD, JOALICE, EMILE, ALICE];

function search(query: string, list: readonly ContactSummary[] = ALL, self = "") {
  return new AddressBook().find(list, self, "en", query).list.map((each) => each.name);
}

describe("fold", () => {
  it("takes case and accents away", () => expect(fold("ÉMILE Zoë Straße Øst")).toBe("emile zoe strasse ost"));

  it("takes Arabic vowel signs, hamza and stretching away", () => expect(fold("أَحْمَـد")).toBe("احمد"));
});

describe("AddressBook", () => {
  it("lists aliases first, then people, each by name", () => {
    expect(search("")).toEqual(["Board", "Sales Team", "Alice Berg", "Émile Zoë", "Joalice Ames"]);
  });

  it("counts the aliases at the beginning", () => {
    expect(new AddressBook().find(ALL, "", "en", "sales").aliases).toBe(1);
  });

  it("finds by name, address and department", () => {
    expect(search("émile")).toEqual(["Émile Zoë"]);
    expect(search("emile.zoe@")).toEqual(["Émile Zoë"]);
    expect(search("engineering")).toEqual(["Émile Zoë", "Joalice Ames"]);
  });

  it("wants every word somewhere, in any order", () => {
    expect(search("sales alice")).toEqual(["Alice Berg"]);
    expect(search("sales emile")).toEqual([]);
  });

  it("puts names with a word that begins like the search before the others", () => {
    expect(search("ali")).toEqual(["Alice Berg", "Joalice Ames"]);
    expect(search("ames")).toEqual(["Joalice Ames"]);
    expect(search("e")[3]).toBe("Alice Berg");
  });

  it("leaves oneself out", () => expect(search("", ALL, ALICE.address)).not.toContain("Alice Berg"));

  it("gives the same object for the same question", () => {
    const book = new AddressBook();
    const found = book.find(ALL, "", "en", "al");
    expect(book.find(ALL, "", "en", " AL ")).toBe(found);
    expect(book.find([...ALL], "", "en", "al")).not.toBe(found);
  });

  it("takes over contacts that came, changed or went", () => {
    const book = new AddressBook();
    book.find(ALL, "", "en", "");
    const renamed = { ...ALICE, name: "Zora Berg" };
    const bob = contact("Bob Ames");
    const list = [TEAM, renamed, { ...EMILE, member: null }, bob];
    expect(book.find(list, "", "en", "").list.map((each) => each.name)).toEqual([
      "Sales Team",
      "Bob Ames",
      "Émile Zoë",
      "Zora Berg",
    ]);
    expect(book.find(list, "", "en", "zora").list).toEqual([renamed]);
  });
});
