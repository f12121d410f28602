/** What the components have in common: the window's client and the state, given by the element above. */

import { LitElement, type PropertyDeclarations } from "lit";
import type { Client } from "../client/client.js";
import { NOTHING, type State } from "../state/model.js";

/** A component that shows some of the state and asks by commands. It renders again whenever the state changes. */
export abstract class Part extends LitElement {
  static override properties: PropertyDeclarations = { client: { attribute: false }, state: { attribute: false } };

  declare client: Client;
  declare state: State;

  constructor() {
    super();
    this.state = NOTHING;
  }
}

/** What a component shows is another list now, to be read from its top. */
export function toTop(part: Part): void {
  part.renderRoot.querySelector(".scroller")?.scrollTo(0, 0);
}
