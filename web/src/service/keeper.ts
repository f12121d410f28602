/**
 * What outlasts the page, in IndexedDB: other origins cannot read it, and nothing of it is ever in a URL.
 *
 * Where the browser keeps nothing (private windows of some), it is kept in memory for as long as the service runs.
 */

import { createStore, del, get, set, type UseStore } from "idb-keyval";
import type { Address, ContactSummary, Outgoing, Preferences } from "../state/model.js";

export interface Entry {
  readonly token: string;
  readonly address: Address;
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
}

/** What is kept. Everything but the preferences is somebody's, and goes when that user logs out. */
export interface Kept {
  /** Whose the rest is. */
  owner: Address;
  session: Entry;
  preferences: Partial<Preferences>;
  contacts: { version: number; list: readonly ContactSummary[] };
  outbox: readonly Outgoing[];
  drafts: ReadonlyMap<Address, string>;
}

const OF_THE_USER = ["owner", "session", "contacts", "outbox", "drafts"] as const;

export class Keeper {
  private readonly store: UseStore | undefined;
  private readonly memory = new Map<string, unknown>();

  /** `name` tells apart what is kept for different servers. */
  constructor(private readonly name: string) {
    this.store = typeof indexedDB === "undefined" ? undefined : createStore("company-chat", "kept");
  }

  async read<K extends keyof Kept>(key: K): Promise<Kept[K] | undefined> {
    const found = await this.tried((store) => get(this.path(key), store));
    return (found ?? this.memory.get(key)) as Kept[K] | undefined;
  }

  async write<K extends keyof Kept>(key: K, value: Kept[K]): Promise<void> {
    this.memory.set(key, value);
    await this.tried((store) => set(this.path(key), value, store));
  }

  /** Make what is kept this user's: what another one left is forgotten. */
  async belongTo(owner: Address): Promise<void> {
    if ((await this.read("owner")) === owner) return;
    await this.forget();
    await this.write("owner", owner);
  }

  /** Forget everything of the user who was logged in. */
  async forget(): Promise<void> {
    for (const key of OF_THE_USER) await this.drop(key);
  }

  /** The session is over, but the same user may come back to drafts and messages on their way. */
  async endSession(): Promise<void> {
    await this.drop("session");
  }

  private async drop(key: keyof Kept): Promise<void> {
    this.memory.delete(key);
    await this.tried((store) => del(this.path(key), store));
  }

  /** A browser that keeps nothing may say so at once or later. */
  private async tried<T>(access: (store: UseStore) => Promise<T>): Promise<T | undefined> {
    try {
      return this.store && (await access(this.store));
    } catch {
      return undefined;
    }
  }

  private path(key: string): string {
    return `${this.name} ${key}`;
  }
}
