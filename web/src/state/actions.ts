/** Everything that can happen to the state. The service dispatches, and every window repeats the same actions. */

import type {
  Address,
  CommunicationFrame,
  CommunicationKind,
  Connection,
  ContactDetails,
  ContactSummary,
  ConversationFrame,
  DownloadReply,
  HitFrame,
  Id,
  MailReply,
  MessageFrame,
  Outgoing,
  Preferences,
  Presence,
  Problem,
  Pushed,
  Session,
  Status,
  ThreadFrame,
} from "./model.js";

/** What asking for a list came to: it began, a page came, or it was refused. */
export type Asked<T> =
  | { readonly step: "began" }
  /** `fresh`: the first page again, or of a timeline the newest: what was there stays where it joins on. */
  | { readonly step: "came"; readonly items: readonly T[]; readonly cursor: string | null; readonly fresh: boolean }
  | { readonly step: "refused"; readonly problem: Problem };

export type Action =
  | { readonly type: "session"; readonly session: Session }
  | { readonly type: "connection"; readonly connection: Connection }
  | { readonly type: "chosen"; readonly status: Status }
  /** A choice that is not confirmed yet; null once it is, or refused. */
  | { readonly type: "wished"; readonly status: Status | null }
  | { readonly type: "idle"; readonly idle: boolean }
  /** A page of contacts; `first` begins a new listing, `last` ends it. */
  | {
      readonly type: "contacts";
      readonly version: number;
      readonly list: readonly ContactSummary[];
      readonly first: boolean;
      readonly last: boolean;
    }
  | { readonly type: "presence"; readonly of: readonly (readonly [Address, Presence])[] }
  /** Forget the presence of all but these. */
  | { readonly type: "watched"; readonly contacts: readonly Address[] }
  | {
      readonly type: "details";
      readonly contact: Address;
      readonly details?: ContactDetails;
      readonly problem?: Problem;
    }
  /** Of what was asked for, forget the oldest that is too much, but nothing of the contacts that are `shown`. */
  | { readonly type: "trimmed"; readonly shown: readonly Address[] }
  | { readonly type: "threads"; readonly threads: readonly ThreadFrame[] }
  /** Messages that arrived, in the order of their ids; `live`: no listing of the threads has counted them. */
  | { readonly type: "arrived"; readonly messages: readonly MessageFrame[]; readonly live: boolean }
  | {
      readonly type: "timeline";
      readonly contact: Address;
      readonly asked: Asked<MessageFrame>;
      readonly read?: Id | null;
    }
  | { readonly type: "timeline closed"; readonly contact: Address }
  | { readonly type: "read"; readonly contact: Address; readonly reader: Address; readonly id: Id }
  | { readonly type: "outgoing"; readonly outgoing: Outgoing }
  /** An outgoing message goes on under another id: the server had not stored it. */
  | { readonly type: "renamed"; readonly id: Id; readonly to: Id }
  | { readonly type: "stored"; readonly id: Id; readonly message: MessageFrame }
  | { readonly type: "discarded"; readonly id: Id }
  | { readonly type: "conversations"; readonly contact: Address; readonly asked: Asked<ConversationFrame> }
  | {
      readonly type: "transcript";
      readonly contact: Address;
      readonly conversation: Id;
      readonly asked: Asked<MessageFrame>;
    }
  | {
      readonly type: "communications";
      readonly contact: Address;
      readonly kind: CommunicationKind;
      readonly asked: Asked<CommunicationFrame>;
      readonly indexed?: boolean;
    }
  | ({ readonly type: "communicated"; readonly contact: Address } & Pushed)
  | {
      readonly type: "mail";
      readonly contact: Address;
      readonly id: Id;
      readonly mail?: MailReply;
      readonly problem?: Problem;
    }
  | {
      readonly type: "download";
      readonly contact: Address;
      readonly id: Id;
      readonly file?: DownloadReply;
      readonly problem?: Problem;
    }
  | {
      readonly type: "search";
      readonly contact: Address;
      readonly words: string;
      readonly asked: Asked<HitFrame>;
      readonly searchedTo?: string | null;
    }
  | { readonly type: "typing"; readonly contact: Address; readonly sender: Address; readonly active: boolean }
  | { readonly type: "draft"; readonly contact: Address; readonly body: string }
  | { readonly type: "preferences"; readonly preferences: Preferences };
