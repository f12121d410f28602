/** The service's state. Actions go out in groups, so that a page of news makes one rendering in a window. */

import type { Action } from "../state/actions.js";
import { NOTHING, type State } from "../state/model.js";
import { reduce } from "../state/reducer.js";

export class Store {
  private now: State = NOTHING;
  private group: Action[] = [];

  /** `publish` is called with the actions of one turn of the event loop. */
  constructor(private readonly publish: (actions: readonly Action[]) => void) {}

  get state(): State {
    return this.now;
  }

  dispatch(action: Action): void {
    this.now = reduce(this.now, action);
    this.group.push(action);
    if (this.group.length === 1) queueMicrotask(() => this.flush());
  }

  /** Publish at once: whoever gets the whole state next must not be given actions that it holds already. */
  flush(): void {
    const group = this.group;
    this.group = [];
    if (group.length) this.publish(group);
  }
}
