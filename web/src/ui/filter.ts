/** The contacts in the order in which the navigation pane lists them, and those of them that a search finds. */

import type { Address, ContactSummary } from "../state/model.js";

/** What a search finds, or without one everybody. */
export interface Found {
  readonly list: readonly ContactSummary[];
  /** So many at the beginning of the list are aliases. */
  readonly aliases: number;
}

export const NOBODY: Found = { list: [], aliases: 0 };

/** A contact with what a search looks at, made once. */
interface Entry {
  readonly contact: ContactSummary;
  /** The folded name with a space before it, so that `" " + word` finds where a word begins. */
  readonly name: string;
  readonly all: string;
}

/** Letters that Unicode does not take apart, and a stretching sign of Arabic. */
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", ø: "o", ł: "l", đ: "d", æ: "ae", œ: "oe", ı: "i", ـ: "" };

/** The text without case, accents and vowel signs. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßøłđæœıـ]/g, (letter) => LETTERS[letter] ?? "");
}

function entryOf(contact: ContactSummary): Entry {
  const name = ` ${fold(contact.name)}`;
  return { contact, name, all: `${name}\n${contact.address}\n${fold(contact.department ?? "")}` };
}

function same(a: ContactSummary, b: ContactSummary): boolean {
  return a.name === b.name && a.department === b.department && a.title === b.title && a.kind === b.kind;
}

/**
 * The searchable contacts. What was worked out for one listing serves the next: most of it is the same people, and
 * sorting a list that is nearly in order takes next to no time.
 */
export class AddressBook {
  private key: readonly unknown[] = [];
  private aliases: readonly Entry[] = [];
  private people: readonly Entry[] = [];
  private found = NOBODY;
  private query = "";
  private stale = true;

  /**
   * Those in whose name, address or department every word of `query` occurs: aliases first, then people, each by name,
   * with those before whose name has a word that begins like it.
   *
   * The same arguments give the same object. `self` is left out.
   */
  find(list: readonly ContactSummary[], self: Address, language: string, query: string): Found {
    this.take(list, self, language);
    const folded = fold(query.trim());
    if (!this.stale && folded === this.query) return this.found;
    this.stale = false;
    this.query = folded;
    const words = folded.split(/\s+/).filter(Boolean);
    const aliases = matching(this.aliases, words);
    this.found = { list: aliases.concat(matching(this.people, words)), aliases: aliases.length };
    return this.found;
  }

  private take(list: readonly ContactSummary[], self: Address, language: string): void {
    const key = [list, self, language];
    if (key.every((part, place) => part === this.key[place])) return;
    this.key = key;
    this.stale = true;
    const fresh = new Map(list.map((contact) => [contact.address, contact]));
    fresh.delete(self);
    const entries: Entry[] = [];
    for (const entry of [...this.aliases, ...this.people]) {
      const contact = fresh.get(entry.contact.address);
      if (!contact || !same(contact, entry.contact)) continue;
      entries.push(contact.member === entry.contact.member ? entry : { ...entry, contact });
      fresh.delete(contact.address);
    }
    for (const contact of fresh.values()) entries.push(entryOf(contact));
    const { compare } = new Intl.Collator(language);
    entries.sort((a, b) => compare(a.contact.name, b.contact.name) || (a.contact.address < b.contact.address ? -1 : 1));
    this.aliases = entries.filter((entry) => entry.contact.kind === "alias");
    this.people = entries.filter((entry) => entry.contact.kind === "user");
  }
}

function matching(entries: readonly Entry[], words: readonly string[]): ContactSummary[] {
  const first = words[0];
  if (first === undefined) return entries.map((entry) => entry.contact);
  const before: ContactSummary[] = [];
  const behind: ContactSummary[] = [];
  for (const { contact, name, all } of entries) {
    if (words.every((word) => all.includes(word))) (name.includes(` ${first}`) ? before : behind).push(contact);
  }
  return before.concat(behind);
}
