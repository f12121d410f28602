// @xmpp/client: node xmpp-client.js SERVICE DOMAIN USER RESOURCE MECHANISM, with the password in PASSWORD.

import { client } from "@xmpp/client";
import parse from "@xmpp/xml/lib/parse.js";
import WebSocket from "ws";
import { serve, tell } from "./commands.js";

globalThis.WebSocket ??= WebSocket; // Node.js has one of its own from 22 on

const [service, domain, username, resource, mechanism] = process.argv.slice(2);

async function credentials(authenticate, offered) {
  tell({ event: "offered", mechanisms: offered });
  await authenticate({ username, password: process.env.PASSWORD }, mechanism);
}

const xmpp = client({ service, domain, resource, credentials });
xmpp.reconnect.delay = 1;
xmpp.on("online", (jid) => tell({ event: "online", jid: jid.toString() }));
xmpp.on("stanza", (stanza) => tell({ event: "stanza", xml: stanza.toString() }));
xmpp.on("error", (error) => tell({ event: "error", text: String(error) }));
xmpp.on("disconnect", () => tell({ event: "disconnected" }));
xmpp.streamManagement.on("resumed", () => tell({ event: "resumed" }));
xmpp.streamManagement.on("ack", (stanza) => tell({ event: "stored", xml: stanza.toString() }));

serve({
  send: ({ xml }) => xmpp.send(parse(xml)),
  ask: async ({ xml }) => tell({ event: "answer", xml: (await xmpp.iqCaller.request(parse(xml))).toString() }),
  cut: () => {
    const socket = xmpp.socket.socket ?? xmpp.socket;
    (socket.terminate ?? socket.destroy).call(socket); // a WebSocket's, or a TCP socket's
  },
  stop: async () => {
    await xmpp.stop();
    tell({ event: "stopped" });
  },
});
await xmpp.start().catch((error) => tell({ event: "error", text: String(error) }));
