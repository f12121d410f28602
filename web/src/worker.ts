/** The shared worker: the one service of all windows of a browser. */

import type { Upward } from "./client/client.js";
import { Hub, type Port } from "./service/hub.js";

// Once the last window of an older build is gone, the next one begins a new worker.
const hub = new Hub(() => self.close());

self.addEventListener("connect", (event) => {
  const messages = (event as MessageEvent).ports[0];
  if (!messages) return;
  const port: Port = { post: (message) => messages.postMessage(message) };
  messages.onmessage = ({ data }: MessageEvent<Upward>) => hub.take(port, data);
});
