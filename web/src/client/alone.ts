/** The service of this window alone. */

import { Hub, type Port } from "../service/hub.js";
import type { Downward, Transport, Upward } from "./client.js";

export class Alone implements Transport {
  private readonly hub = new Hub();
  private listener: (message: Downward) => void = () => undefined;
  private readonly port: Port = { post: (message) => queueMicrotask(() => this.listener(message)) };

  send(message: Upward): void {
    this.hub.take(this.port, message);
  }

  receive(listener: (message: Downward) => void): void {
    this.listener = listener;
  }
}
