/** What a window asks of the service. Nothing is answered: what comes of it shows in the state. */

import type { Address, CommunicationKind, Id, Preferences, Status } from "../state/model.js";

export type Command =
  | { readonly do: "log in"; readonly address: string; readonly password: string }
  /** Single sign-on with a JWT of the webmail. */
  | { readonly do: "sign on"; readonly jwt: string }
  | { readonly do: "log out" }
  /** Try to connect now, instead of waiting. */
  | { readonly do: "connect" }
  | { readonly do: "choose"; readonly status: Status }
  /** Somebody moved a pointer, pressed a key or touched the screen. */
  | { readonly do: "stir" }
  | { readonly do: "load details"; readonly contact: Address }
  /** Messages of the open chat that are earlier than those shown. */
  | { readonly do: "load earlier"; readonly contact: Address }
  /** `more`: the next page, instead of the newest again. */
  | { readonly do: "load conversations"; readonly contact: Address; readonly more: boolean }
  | { readonly do: "load transcript"; readonly contact: Address; readonly conversation: Id; readonly more: boolean }
  | {
      readonly do: "load communications";
      readonly contact: Address;
      readonly kind: CommunicationKind;
      readonly more: boolean;
    }
  /** Open a mail message to read. */
  | { readonly do: "load mail"; readonly contact: Address; readonly id: Id }
  /** Ask where a file can be fetched. */
  | { readonly do: "load download"; readonly contact: Address; readonly id: Id }
  /** `more`: further back, instead of the newest again. */
  | { readonly do: "search"; readonly contact: Address; readonly words: string; readonly more: boolean }
  /** `key`: made by the client, so that what it says twice is sent once. */
  | { readonly do: "send"; readonly contact: Address; readonly body: string; readonly key?: string }
  | { readonly do: "retry"; readonly id: Id }
  | { readonly do: "discard"; readonly id: Id }
  | { readonly do: "type"; readonly contact: Address; readonly active: boolean }
  | { readonly do: "read"; readonly contact: Address; readonly id: Id }
  | { readonly do: "draft"; readonly contact: Address; readonly body: string }
  | { readonly do: "prefer"; readonly preferences: Partial<Preferences> };

/** What a window shows, so that the service watches it, keeps its messages, and does not notify of what is seen. */
export interface View {
  /** Contacts whose rows are on the screen, at most 150. */
  readonly listed: readonly Address[];
  /** The contact in the content pane, or whose window it is. */
  readonly selected: Address | null;
  /** The contact whose chat the window shows: its timeline is loaded and kept. */
  readonly chat: Address | null;
  /** Whether the window is visible and has the focus. */
  readonly looked: boolean;
  /** Whether the window may show browser notifications. */
  readonly notifies: boolean;
}

/** A new message that no window showed when it came. */
export interface Notice {
  readonly contact: Address;
  readonly sender: Address;
  readonly body: string;
  readonly id: Id;
  /** False where a window of ours is looked at, so that the sound is enough. */
  readonly visual: boolean;
}
