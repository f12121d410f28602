/**
 * What the page knows, as plain data: the same in the service and in every window, and free of DOM and network.
 *
 * Times are milliseconds since the epoch where they are numbers, ISO 8601 in UTC where they are texts. Addresses are in
 * lower case. Every part is replaced when it changes, never altered, so that a part that is the same has not changed.
 */

import type {
  CommunicationFrame,
  ContactDetails,
  ContactSummary,
  ConversationFrame,
  DownloadReply,
  HitFrame,
  MailReply,
  MessageFrame,
  ThreadFrame,
} from "../protocol/frames.js";

export type {
  CommunicationFrame,
  ContactDetails,
  ContactSummary,
  ConversationFrame,
  DownloadReply,
  HitFrame,
  MailReply,
  MessageFrame,
  ThreadFrame,
};

/** `local@domain` in lower case. */
export type Address = string;

/** A UUIDv7 in lower case: ids sort by time. */
export type Id = string;

export type Status = "available" | "away" | "busy" | "offline";

export type CommunicationKind = CommunicationFrame["kind"];

/** Why something did not work: `code` as the protocol names it, or `unreachable` where no answer came. */
export interface Problem {
  readonly code: string;
  /** The server's sentence, shown where the page has no text of its own for the code. */
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Session =
  | { readonly phase: "starting" }
  | { readonly phase: "entering" }
  | { readonly phase: "in"; readonly address: Address }
  /** `by`: whether the user left, or why the session ended or could not begin. */
  | { readonly phase: "out"; readonly by: "nobody" | "user" | "refusal"; readonly problem?: Problem };

export type Connection =
  | { readonly phase: "closed" }
  | { readonly phase: "opening" }
  /** `synced`: whether everything that was missed has arrived. */
  | { readonly phase: "open"; readonly synced: boolean }
  | { readonly phase: "waiting"; readonly until: number }
  | { readonly phase: "unplugged" };

export interface Own {
  /** What the user chose in the status menu; null while unknown. */
  readonly chosen: Status | null;
  /** What the user wants to be, as long as the server has not said yes. */
  readonly wished?: Status | null;
  /** Whether nobody has touched any window for ten minutes. */
  readonly idle: boolean;
}

export interface Contacts {
  readonly version: number | null;
  /** As the server lists them: aliases first. */
  readonly list: readonly ContactSummary[];
  /** False while the first listing is arriving. */
  readonly complete: boolean;
}

export interface Presence {
  readonly status: Status;
  readonly revision: number;
}

/** A thing that is asked for: absent from its map before, then loading, then here or refused. */
export interface Loaded<T> {
  readonly value?: T;
  readonly loading: boolean;
  readonly problem?: Problem;
}

/** A list that is asked for page by page; `cursor` leads to the next page, null where there is none. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly cursor: string | null;
  readonly loading: boolean;
  readonly problem?: Problem;
}

/** An entry that was indexed, or has changed, at `now`; it takes the place of those with the ids that it `replaces`. */
export interface Pushed {
  readonly communication: CommunicationFrame;
  readonly replaces: readonly Id[];
  readonly now: number;
}

export interface Communications extends Paged<CommunicationFrame> {
  /** What came since a page was asked for: the page may not have it. */
  readonly pushed?: readonly Pushed[];
  /** Whether anything is indexed at all; null before the first answer. */
  readonly indexed: boolean | null;
}

/** What a search has found so far, newest first. */
export interface Search extends Paged<HitFrame> {
  /** Everything since then has been looked at (ISO 8601); null before the first answer. */
  readonly searchedTo: string | null;
}

/** A message on its way out: `waiting` for a connection, `sending`, or `failed` until the user tries again. */
export interface Outgoing {
  readonly id: Id;
  readonly contact: Address;
  readonly body: string;
  readonly at: number;
  readonly phase: "waiting" | "sending" | "failed";
  /** Whether it was sent under this id before: then it may be stored, and must keep the id. */
  readonly tried?: boolean;
  /** By which the window that wrote it knows it: what it says twice is sent once. */
  readonly key?: string;
  readonly problem?: Problem;
}

/** The newest of a thread. */
export interface Thread extends ThreadFrame {
  /** The newest message that is not one's own, if it is known. */
  readonly foreign?: Id;
}

/** The messages with a contact that a window shows: `items` of a timeline go by id. */
export interface Timeline extends Paged<MessageFrame> {
  /** Up to where the contact has read, for a user. */
  readonly peerRead: Id | null;
}

export interface Preferences {
  readonly notifications: boolean;
  readonly sound: boolean;
  readonly titleCount: boolean;
  readonly theme: "system" | "light" | "dark";
  /** A language that `texts` has, or null for the browser's. */
  readonly language: string | null;
}

export interface State {
  readonly session: Session;
  readonly connection: Connection;
  readonly own: Own;
  readonly contacts: Contacts;
  /** Of those who are watched; everybody else is unknown. Empty while Offline. */
  readonly presence: ReadonlyMap<Address, Presence>;
  readonly details: ReadonlyMap<Address, Loaded<ContactDetails>>;
  /** The newest of every thread by contact, with the unread count. */
  readonly inbox: ReadonlyMap<Address, Thread>;
  /** Of contacts whose chat is open in some window. */
  readonly timelines: ReadonlyMap<Address, Timeline>;
  /** In the order in which they were written. */
  readonly outbox: readonly Outgoing[];
  readonly conversations: ReadonlyMap<Address, Paged<ConversationFrame>>;
  /** The messages of single conversations, by `transcriptKey`. */
  readonly transcripts: ReadonlyMap<string, Paged<MessageFrame>>;
  /** By `communicationKey`. */
  readonly communications: ReadonlyMap<string, Communications>;
  /** Mail that was opened to read, by `itemKey`. */
  readonly mails: ReadonlyMap<string, Loaded<MailReply>>;
  /** Files that were asked for, by `itemKey`: each is to be had for a minute. */
  readonly downloads: ReadonlyMap<string, Loaded<DownloadReply>>;
  /** By `searchKey`. */
  readonly searches: ReadonlyMap<string, Search>;
  /** Who is writing, by the contact in whose chat it shows. */
  readonly typing: ReadonlyMap<Address, readonly Address[]>;
  readonly drafts: ReadonlyMap<Address, string>;
  readonly preferences: Preferences;
}

export const DEFAULT_PREFERENCES: Preferences = {
  notifications: true,
  sound: true,
  titleCount: true,
  theme: "system",
  language: null,
};

export const EMPTY_PAGED = { items: [], cursor: null, loading: false } as const;

export const NOTHING: State = {
  session: { phase: "starting" },
  connection: { phase: "closed" },
  own: { chosen: null, idle: false },
  contacts: { version: null, list: [], complete: false },
  presence: new Map(),
  details: new Map(),
  inbox: new Map(),
  timelines: new Map(),
  outbox: [],
  conversations: new Map(),
  transcripts: new Map(),
  communications: new Map(),
  mails: new Map(),
  downloads: new Map(),
  searches: new Map(),
  typing: new Map(),
  drafts: new Map(),
  preferences: DEFAULT_PREFERENCES,
};

export function transcriptKey(contact: Address, conversation: Id): string {
  return `${contact} ${conversation}`;
}

export function communicationKey(contact: Address, kind: CommunicationKind): string {
  return `${contact} ${kind}`;
}

/** Of a mail message or a file. */
export function itemKey(contact: Address, id: Id): string {
  return `${contact} ${id}`;
}

export function searchKey(contact: Address, words: string): string {
  return `${contact} ${words}`;
}

/** In whose chat a message belongs: an alias that it went to, else the other of the two people. */
export function contactOf(message: Pick<MessageFrame, "sender" | "recipient">, self: Address): Address {
  return message.recipient === self ? message.sender : message.recipient;
}
