/**
 * Ways to the service: a SharedWorker where the browser has one for this page; else one of the windows runs the service
 * for all of them, elected by a lock and reached over a BroadcastChannel.
 *
 * A SharedWorker must come from the page's own origin, so a page that embeds the script from another one elects a window.
 */

import { Hub, lockOf, type Port } from "../service/hub.js";
import { type Downward, type Settings, type Transport, thisWindow, type Upward } from "./client.js";

/** Milliseconds that a window which runs the service may be silent before another one takes over. */
const SILENCE = 4000;

const SCRIPT = new URL("worker.js", import.meta.url);

/** The way of this window to the service of `settings.api`. */
export function connect(settings: Settings): Transport {
  const shared = typeof SharedWorker !== "undefined" && SCRIPT.origin === location.origin;
  if (!navigator.locks) return shared ? overWorker(settings) : alone();
  if (shared) return onceHeld(overWorker(settings));
  return onceHeld(typeof BroadcastChannel === "undefined" ? alone() : elected(settings, thisWindow));
}

/**
 * With a lock that this window holds for as long as it lives: it tells the service when that is over. Nothing is said
 * before the window has it, since a service that gets it first would take the window for gone.
 */
function onceHeld(transport: Transport): Transport {
  let early: Upward[] | undefined = [];
  const speak = () => {
    early?.forEach(transport.send);
    early = undefined;
  };
  const hold = () => {
    speak();
    return new Promise<never>(() => undefined);
  };
  navigator.locks.request(lockOf(thisWindow), hold).catch(speak); // no locks here, in a sandbox
  return { ...transport, send: (message) => void (early ? early.push(message) : transport.send(message)) };
}

function overWorker(settings: Settings): Transport {
  const worker = new SharedWorker(trusted(SCRIPT.href), { type: "module", name: `company-chat ${settings.api}` });
  return {
    send: (message) => worker.port.postMessage(message),
    receive: (listener) => {
      worker.port.onmessage = ({ data }: MessageEvent<Downward>) => listener(data);
    },
    close: () => worker.port.close(),
  };
}

/** The service of this window alone. */
function alone(): Transport {
  const hub = new Hub();
  let listener: (message: Downward) => void = () => undefined;
  const port: Port = { post: (message) => queueMicrotask(() => listener(message)) };
  return {
    send: (message) => hub.take(port, message),
    receive: (given) => {
      listener = given;
    },
    close: () => undefined,
  };
}

/** On the channel between the windows of a browser; `by` and `to` name windows, "" whichever runs the service. */
type Word =
  | { readonly word: "up"; readonly from: string; readonly to: string; readonly message: Upward }
  /** A command was taken: the oldest of those that were not. */
  | { readonly word: "taken"; readonly by: string; readonly to: string }
  | { readonly word: "down"; readonly by: string; readonly to: string; readonly message: Downward }
  /** A window has begun to run the service. */
  | { readonly word: "here"; readonly by: string }
  | { readonly word: "anybody?" }
  | { readonly word: "yes"; readonly by: string };

function elected(settings: Settings, window: string): Transport {
  const name = `company-chat ${settings.api}`;
  const channel = new BroadcastChannel(name);
  const say = (word: Word) => channel.postMessage(word);
  let listener: (message: Downward) => void = () => undefined;
  let lost: () => void = () => undefined;
  let hub: Hub | undefined;
  let doubt: ReturnType<typeof setTimeout> | undefined;
  /** Who runs the service, as far as this window knows: one that slept may still believe that it does. */
  let runner = "";
  /** Commands that wait until somebody surely takes them. */
  let held: Upward[] = [];
  /** Commands that were sent to who runs the service, and may have found nobody. */
  let sent: Upward[] = [];
  const ports = new Map<string, Port>();

  const portOf = (to: string): Port => {
    const found = ports.get(to);
    if (found) return found;
    const post = (message: Downward) =>
      to === window ? listener(message) : say({ word: "down", by: window, to, message });
    const made: Port = { post };
    ports.set(to, made);
    return made;
  };
  const run = () => {
    hub = new Hub();
    ports.clear();
    say({ word: "here", by: window });
    found(window);
    return hub;
  };
  /** Another window took over while this one slept. */
  const yieldOf = (stale: Hub | undefined) => {
    stale?.close();
    if (hub !== stale) return;
    hub = undefined;
    runner = "";
    lost();
  };
  /** Become the one that runs the service: in turn, or at once instead of a window that does not answer. */
  const stand = (steal: boolean) => {
    let own: Hub | undefined;
    const hold = () => {
      own = run();
      return new Promise<never>(() => undefined);
    };
    navigator.locks.request(`${name} service`, { steal }, hold).catch((error: DOMException) => {
      if (error.name !== "AbortError") return run(); // no locks here, in a sandbox: each window for itself
      yieldOf(own);
      return stand(false);
    });
  };
  /** The service answers, over there or here. */
  const found = (by: string) => {
    clearTimeout(doubt);
    doubt = undefined;
    const isOther = by !== runner;
    runner = by;
    if (isOther) lost();
    const waiting = isOther ? [...sent, ...held] : held;
    held = [];
    if (isOther) sent = [];
    waiting.forEach(send);
  };
  const ask = () => {
    if (hub || doubt) return;
    say({ word: "anybody?" });
    doubt = setTimeout(() => stand(true), SILENCE);
  };
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    switch (data.word) {
      case "up":
        if (!hub || (data.to && data.to !== window)) return;
        hub.take(portOf(data.from), data.message);
        if (data.message.say === "command") say({ word: "taken", by: window, to: data.from });
        return;
      case "taken":
        if (data.to === window && data.by === runner) sent.shift();
        return;
      case "anybody?":
        if (hub) say({ word: "yes", by: window });
        return;
      case "down":
        if (hub || data.to !== window) return;
        if (data.message.say === "snapshot") runner = data.by;
        if (data.by !== runner) return;
        listener(data.message);
        return found(data.by);
      case "yes":
      case "here":
        if (hub) return;
        if (data.word === "here") runner = ""; // whoever it is knows nobody yet
        found(data.by);
    }
  };
  const send = (message: Upward) => {
    const isCommand = message.say === "command";
    if (hub) hub.take(portOf(window), message);
    else if (isCommand && (doubt || !runner)) held.push(message);
    else {
      if (isCommand) sent.push(message);
      say({ word: "up", from: window, to: isCommand ? runner : "", message });
    }
    if (message.say === "wake") ask();
  };
  return {
    send,
    receive: (given, givenLost) => {
      listener = given;
      lost = givenLost;
      stand(false);
    },
    close: () => channel.close(),
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
