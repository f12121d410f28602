/**
 * Ways to the service: a SharedWorker where the browser has one for this page; else one of the windows runs the service
 * for all of them (see `elected.ts`), or where they cannot agree, each for itself.
 *
 * A SharedWorker must come from the page's own origin, so a page that embeds the script from another one elects a window.
 */

import { type Downward, type Settings, type Transport, thisWindow, type Upward } from "./client.js";
import { lockOf } from "./locks.js";

const SCRIPT = new URL(/* @vite-ignore */ "worker.js", import.meta.url);

/** The way of this window to the service of `settings.api`. */
export function connect(settings: Settings): Transport {
  const shared = typeof SharedWorker !== "undefined" && SCRIPT.origin === location.origin;
  return new Opening(shared ? async () => overWorker(settings) : () => within(settings));
}

/** What a window says is kept until there is a way. */
class Opening implements Transport {
  private way: Transport | undefined;
  private opening: Promise<void> | undefined;
  private early: Upward[] = [];

  constructor(private readonly open: () => Promise<Transport>) {}

  readonly send = (message: Upward): void => {
    if (this.way) this.way.send(message);
    else this.early.push(message);
  };

  receive(...listeners: Parameters<Transport["receive"]>): void {
    if (this.way) return this.way.receive(...listeners);
    const [, , failed] = listeners;
    this.opening ??= this.begin(listeners).catch(() => {
      this.opening = undefined;
      failed();
    });
  }

  private async begin(listeners: Parameters<Transport["receive"]>): Promise<void> {
    const [way] = await Promise.all([this.open(), held()]);
    way.receive(...listeners);
    this.way = way;
    for (const message of this.early.splice(0)) way.send(message);
  }
}

let holding: Promise<void> | undefined;

/**
 * Resolves when this window has a lock that it holds for as long as it lives: it tells the service when that is over.
 * Nothing is said before, since a service that gets the lock first would take the window for gone.
 */
function held(): Promise<void> {
  holding ??= new Promise((resolve) => {
    const hold = () => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    if (!navigator.locks) return resolve();
    navigator.locks.request(lockOf(thisWindow), hold).catch(() => resolve()); // no locks here, in a sandbox
  });
  return holding;
}

/** The modules that run a service in a window are asked for only where one does. */
async function within(settings: Settings): Promise<Transport> {
  if (!navigator.locks || typeof BroadcastChannel === "undefined") return new (await import("./alone.js")).Alone();
  return new (await import("./elected.js")).Elected(settings, thisWindow);
}

function overWorker(settings: Settings): Transport {
  let port: MessagePort | undefined;
  return {
    send: (message) => port?.postMessage(message),
    receive: (listener, _lost, failed) => {
      port?.close();
      const worker = new SharedWorker(trusted(SCRIPT.href), { type: "module", name: `company-chat ${settings.api}` });
      worker.onerror = failed;
      port = worker.port;
      port.onmessage = ({ data }: MessageEvent<Downward>) => listener(data);
    },
  };
}

/** A script of our own, for pages that demand Trusted Types (https://www.w3.org/TR/trusted-types/). */
function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
  policy ??= types?.createPolicy("company-chat", {
    createScriptURL: (given: string) => (given === SCRIPT.href ? given : ""),
  });
  return policy ? policy.createScriptURL(url) : url;
}

interface Policy {
  createScriptURL(url: string): string;
}

let policy: Policy | undefined;
