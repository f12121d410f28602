// strophe.js, which Converse.js is built on: node strophe.js SERVICE JID MECHANISM, with the password in PASSWORD.

import { Strophe } from "strophe.js";
import { serve, tell } from "./commands.js";

const [service, jid, mechanism] = process.argv.slice(2);
const NAMES = Object.entries(Strophe.Status);

const connection = new Strophe.Connection(service, { enableStreamManagement: true });
for (const name of Object.keys(connection.mechanisms)) {
  if (name !== mechanism) {
    delete connection.mechanisms[name];
  }
}
connection.xmlInput = (element) => tell({ event: "stanza", xml: Strophe.serialize(element) });
connection.xmlOutput = (element) => {
  if (element.nodeName === "auth") {
    tell({ event: "mechanism", name: element.getAttribute("mechanism") });
  }
};

function connect() {
  connection.connect(jid, process.env.PASSWORD, (status, condition) => {
    const [name] = NAMES.find(([, value]) => value === status);
    const resumed = status === Strophe.Status.CONNECTED && connection.hasResumed();
    tell({ event: resumed ? "resumed" : name.toLowerCase(), jid: connection.jid, condition });
  });
}

serve({
  send: ({ xml }) => connection.send(Strophe.toElement(xml)),
  ask: async ({ xml }) => {
    const answer = await new Promise((done) => connection.sendIQ(Strophe.toElement(xml), done, done));
    tell({ event: "answer", xml: Strophe.serialize(answer) });
  },
  cut: () => connection._proto.socket.terminate(),
  connect,
  stop: () => connection.disconnect(),
});
connect();
