/** What a screen reader is told of messages that came into a chat that is looked at. */

import type { Address, MessageFrame } from "../state/model.js";
import { text } from "../texts/index.js";

/** So many messages that come at once are read out. */
const MOST = 3;
/** Characters of a message that are read out. */
const LENGTH = 300;

export function spokenOf(came: readonly MessageFrame[], nameOf: (address: Address) => string): string {
  const words = text.chat.list;
  if (came.length > MOST) return words.fresh(came.length);
  return came.map(({ sender, body }) => words.came(nameOf(sender), body.slice(0, LENGTH))).join(" ");
}
