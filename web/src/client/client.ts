/** A window's side: its replica of the state, and the way to the service. */

import type { Action } from "../state/actions.js";
import { NOTHING, type State } from "../state/model.js";
import { reduce } from "../state/reducer.js";
import { BUILD } from "./build.js";
import type { Command, Notice, View } from "./commands.js";

/** What the service needs to know to serve a domain's chat; the same for all windows. */
export interface Settings {
  /** Base URL of the HTTP API, without a slash at its end. */
  readonly api: string;
  /** Seconds after which API Gateway ends a connection (AWS: 2 hours); the next one is opened before. */
  readonly connection_lifetime?: number;
  /** Seconds without a touch in any window until the user is Away. */
  readonly idle_after?: number;
}

/** Window → service. */
export type Upward =
  | { readonly say: "attach"; readonly settings: Settings; readonly window: string; readonly build: string }
  | { readonly say: "command"; readonly command: Command }
  | { readonly say: "view"; readonly view: View }
  /** The window woke up or the network came back: look whether the connection still lives. */
  | { readonly say: "wake" }
  | { readonly say: "leave" };

/** Service → window. */
export type Downward =
  | { readonly say: "snapshot"; readonly state: State }
  | { readonly say: "actions"; readonly actions: readonly Action[] }
  | { readonly say: "notice"; readonly notice: Notice }
  /** The window or the service is of an older build than the other. */
  | { readonly say: "outdated" };

/** A way to the service, wherever it runs: `transports.ts` makes one. */
export interface Transport {
  send(message: Upward): void;
  /**
   * Called before the first `send`, and again to try anew; `lost` is called when the service has to be told everything
   * again, and `failed` when there is none.
   */
  receive(listener: (message: Downward) => void, lost: () => void, failed: () => void): void;
}

/** Identifies this window among those of the browser. Pages without TLS have no `randomUUID`. */
export const thisWindow: string = [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, "0"))
  .join("");

/** Milliseconds in which the service should have answered. */
const PATIENCE = 15_000;

/** What a window remembers in its session storage: the build that it was when it began anew for another one. */
const LEFT = "company-chat left build";

const NOWHERE: View = { listed: [], selected: null, chat: null, looked: false, notifies: false };

/**
 * The store of one window. Components read `state`, are told of changes by `subscribe`, and ask by `command`.
 *
 * `state` is `NOTHING` until the service's snapshot is there.
 */
export class Client {
  state: State = NOTHING;
  /** What a service that took over has so far: until it knows its session, what is shown and written here stays. */
  private next: State | undefined;
  /** Whether the service could not be reached; it may come yet. */
  failed = false;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private keys = 0;
  private view: View = NOWHERE;
  private readonly listeners = new Set<() => void>();
  private readonly notified = new Set<(notice: Notice) => void>();
  private readonly told = new Set<() => void>();

  constructor(
    private readonly transport: Transport,
    private readonly settings: Settings,
  ) {
    this.begin();
  }

  /** Look for the service anew, after a failure. */
  retry(): void {
    this.failed = false;
    this.begin();
  }

  /** `listener` is called when the service cannot be reached; the function returned ends that. */
  onFailure(listener: () => void): () => void {
    this.told.add(listener);
    return () => this.told.delete(listener);
  }

  /** `listener` is called after every change; the function returned ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** `listener` is called for messages that this window should announce; the function returned ends that. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.notified.add(listener);
    return () => this.notified.delete(listener);
  }

  command(command: Command): void {
    this.keys += 1;
    const keyed = command.do === "send" ? { ...command, key: `${thisWindow} ${this.keys}` } : command;
    this.transport.send({ say: "command", command: keyed });
  }

  /** Tell what the window shows now; parts that are left out stay. */
  show(changed: Partial<View>): void {
    const view = { ...this.view, ...changed };
    if (JSON.stringify(view) === JSON.stringify(this.view)) return;
    this.view = view;
    this.transport.send({ say: "view", view });
  }

  wake(): void {
    this.transport.send({ say: "wake" });
  }

  /** The window goes away, or into the back/forward cache. */
  leave(): void {
    this.transport.send({ say: "leave" });
  }

  /** The window is there again: from the back/forward cache, or because the service moved. */
  attach(): void {
    this.transport.send({ say: "attach", settings: this.settings, window: thisWindow, build: BUILD });
    this.transport.send({ say: "view", view: this.view });
  }

  private begin(): void {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.fail(), PATIENCE);
    this.transport.receive(
      (message) => this.take(message),
      () => this.attach(),
      () => this.fail(),
    );
    this.attach();
  }

  private fail(): void {
    clearTimeout(this.patience);
    this.failed = true;
    for (const listener of this.told) listener();
  }

  /** Begin anew with the present build: once, as a cache may give the same one again. A page may prevent the event. */
  private renew(): void {
    try {
      if (sessionStorage.getItem(LEFT) === BUILD) return;
      sessionStorage.setItem(LEFT, BUILD);
    } catch {
      return; // nothing can be remembered here, so it might go on for ever
    }
    if (!dispatchEvent(new CustomEvent("company-chat-outdated", { cancelable: true }))) return;
    this.leave();
    location.reload();
  }

  private take(message: Downward): void {
    if (message.say === "outdated") return this.renew();
    if (message.say === "notice") {
      for (const listener of this.notified) listener(message.notice);
      return;
    }
    if (message.say === "snapshot") {
      clearTimeout(this.patience);
      this.failed = false;
    }
    const state = message.say === "snapshot" ? message.state : message.actions.reduce(reduce, this.next ?? this.state);
    const begins = state.session.phase === "starting" && this.state.session.phase === "in";
    this.next = begins ? state : undefined;
    if (begins) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
