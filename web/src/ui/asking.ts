/** When to ask for a list or for details: once for each thing, and again when the connection is back. */

import type { State } from "../state/model.js";
import { selfOf } from "../state/selectors.js";

/** Kept by a component that asks; it says whether to ask now. */
export class Asking {
  private asked = "";
  private connected = false;

  /**
   * Whether to ask now for what `key` names: nobody did for it yet, or the connection came back after a refusal.
   *
   * Nothing is asked before somebody is logged in.
   */
  due(key: string, state: State, refused: boolean): boolean {
    const self = selfOf(state);
    const connected = state.connection.phase === "open";
    const back = connected && !this.connected;
    this.connected = connected;
    const wanted = self && `${self} ${key}`;
    const fresh = wanted !== this.asked;
    this.asked = wanted;
    return wanted !== "" && (fresh || (back && refused));
  }
}
