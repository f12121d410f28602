/** What the state line is about. */

import type { State } from "../state/model.js";

export type Line = "well" | "connecting" | "waiting" | "unplugged" | "fetching";

/** What there is to say of a connection. */
export function lineOf({ session, connection }: Pick<State, "session" | "connection">): Line {
  if (session.phase !== "in") return "well";
  switch (connection.phase) {
    case "open":
      return connection.synced ? "well" : "fetching";
    case "waiting":
    case "unplugged":
      return connection.phase;
    default:
      return "connecting";
  }
}
