/** The windows of the service: each has a port, gets the state when it attaches, and every action after that. */

import { BUILD } from "../client/build.js";
import type { Downward, Settings, Upward } from "../client/client.js";
import type { View } from "../client/commands.js";
import { lockOf } from "../client/locks.js";
import type { MessageFrame } from "../protocol/frames.js";
import { noticeOf } from "./notices.js";
import { Service } from "./service.js";

/** A way to one window. */
export interface Port {
  post(message: Downward): void;
  /** The window has left, or was closed. */
  gone?(): void;
}

interface Viewer {
  readonly port: Port;
  readonly window: string;
  view: View;
  lookedAt: number;
}

/** The window that is looked at first, then those that were, the last one first. */
function byLook(a: Viewer, b: Viewer): number {
  return Number(b.view.looked) - Number(a.view.looked) || b.lookedAt - a.lookedAt;
}

export class Hub {
  private readonly viewers = new Map<Port, Viewer>();
  private service: Service | undefined;
  private looks = 0;
  private outdated = false;

  /** `over` is called when a window of another build has come, and all windows have left. */
  constructor(private readonly over: () => void = () => undefined) {}

  /** A message of a window. */
  take(port: Port, message: Upward): void {
    switch (message.say) {
      case "attach":
        this.attach(port, message.window, message.settings);
        return message.build === BUILD ? undefined : this.outdate();
      case "view":
        return this.look(port, message.view);
      case "command":
        return this.service?.take(message.command);
      case "wake":
        return this.service?.wake();
      case "leave":
        return this.leave(port);
    }
  }

  /** Stop: another window runs the service now. */
  close(): void {
    this.service?.stop();
    this.service = undefined;
    this.viewers.clear();
  }

  private attach(port: Port, window: string, settings: Settings): void {
    const service = this.service ?? this.begin(settings);
    service.store.flush();
    const view: View = { listed: [], selected: null, chat: null, looked: false, notifies: false };
    this.viewers.set(port, { port, window, view, lookedAt: 0 });
    port.post({ say: "snapshot", state: service.state });
    // The lock is granted once the window is gone, however it went.
    navigator.locks?.request(lockOf(window), () => this.leave(port)).catch(() => undefined);
  }

  private begin(settings: Settings): Service {
    const publish = (actions: readonly never[]) => {
      for (const { port } of this.viewers.values()) port.post({ say: "actions", actions });
    };
    this.service = new Service(settings, publish as never, (message) => this.announce(message));
    void this.service.start();
    return this.service;
  }

  private look(port: Port, view: View): void {
    const viewer = this.viewers.get(port);
    if (!viewer) return;
    this.looks += 1;
    if (view.looked) viewer.lookedAt = this.looks;
    viewer.view = view;
    this.showAll();
  }

  private leave(port: Port): void {
    if (!this.viewers.delete(port)) return;
    port.gone?.();
    this.showAll();
    if (!this.outdated || this.viewers.size) return;
    this.close();
    this.over();
  }

  /** Windows of two builds are open: all of them begin anew with the present one. */
  private outdate(): void {
    this.outdated = true;
    for (const { port } of this.viewers.values()) port.post({ say: "outdated" });
  }

  /** What all windows show together; whom one talks with matters more than who is listed. */
  private showAll(): void {
    const views = [...this.viewers.values()].sort(byLook).map(({ view }) => view);
    const chats = new Set(views.flatMap(({ chat }) => chat ?? []));
    const selected = views.flatMap((view) => view.selected ?? []);
    this.service?.show(
      [...chats, ...selected],
      chats,
      views.flatMap(({ listed }) => listed),
    );
  }

  private announce(message: MessageFrame): void {
    const service = this.service;
    const found = service && noticeOf(message, service.state, [...this.viewers.values()]);
    if (!found) return;
    service.store.flush(); // the window shows the message no later than its notice
    found.viewer.port.post({ say: "notice", notice: found.notice });
  }
}
