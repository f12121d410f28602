/** Tells the service of this page: whether it is looked at, that somebody is there, that it goes and comes back. */

import type { Client } from "../client/client.js";
import { mayNotify } from "./announcer.js";

/** Milliseconds between two words that somebody is there. */
const STIR = 20_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "touchstart", "wheel"];

/** Watch the page for a client, as long as the page lives. */
export function watchPage(client: Client): void {
  let stirred = Number.NEGATIVE_INFINITY;

  function stir(): void {
    const now = performance.now();
    if (now - stirred < STIR || client.state.session.phase !== "in") return;
    stirred = now;
    client.command({ do: "stir" });
  }

  function look(): void {
    const looked = document.visibilityState === "visible" && document.hasFocus();
    client.show({ looked, notifies: client.state.preferences.notifications && mayNotify() === "granted" });
  }

  for (const touch of TOUCHES) addEventListener(touch, stir, { passive: true, capture: true });
  for (const turn of ["focus", "blur"]) addEventListener(turn, look);
  document.addEventListener("visibilitychange", () => {
    look();
    if (document.visibilityState === "visible") client.wake();
  });
  addEventListener("online", () => client.wake());
  addEventListener("offline", () => client.wake());
  addEventListener("pagehide", () => client.leave());
  addEventListener("pageshow", (event) => {
    if (event.persisted) client.attach();
    look();
  });
  client.subscribe(look);
  look();
}
