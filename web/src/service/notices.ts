/** Who of the windows announces a new message: none where it is being looked at, else one alone. */

import type { Notice, View } from "../client/commands.js";
import { contactOf, type MessageFrame, type State } from "../state/model.js";
import { isReceptive } from "../state/selectors.js";

export interface Viewer {
  readonly view: View;
  /** When it was looked at last, by any rising count. */
  readonly lookedAt: number;
}

/** The notice of a message, and who is to show it; null where nobody is to. */
export function noticeOf<V extends Viewer>(
  message: MessageFrame,
  state: State,
  viewers: readonly V[],
): { readonly viewer: V; readonly notice: Notice } | null {
  if (state.session.phase !== "in" || message.sender === state.session.address || !isReceptive(state)) return null;
  const contact = contactOf(message, state.session.address);
  if (viewers.some(({ view }) => view.looked && view.chat === contact)) return null;
  const viewer = [...viewers].sort(
    (a, b) => Number(b.view.notifies) - Number(a.view.notifies) || b.lookedAt - a.lookedAt,
  )[0];
  if (!viewer) return null;
  const visual = !viewers.some(({ view }) => view.looked);
  const { sender, body, id } = message;
  return { viewer, notice: { contact, sender, body, id, visual } };
}
