/** What the parts of the service have in common: the state, and requests over the one connection. */

import type { Routes } from "../protocol/frames.js";
import type { Action } from "../state/actions.js";
import type { Address, Problem, State } from "../state/model.js";
import { selfOf } from "../state/selectors.js";
import { isPassing, problemIn } from "./problem.js";
import type { Fields } from "./socket.js";

export interface Link {
  readonly state: State;
  dispatch(action: Action): void;
  /** @throws Refused with the server's code, or `unreachable`. */
  request<A extends keyof Routes>(action: A, fields: Fields<A>): Promise<Routes[A]["reply"]>;
}

/** Tries of a request that failed for a passing reason, on one connection. */
const TRIES = 4;
/** Milliseconds before the second try; doubled before each further one, up to the longest. */
const PAUSE = 400;
const LONGEST_PAUSE = 30_000;

/**
 * The reply, or the problem where it was refused or kept failing.
 *
 * A request that failed for a passing reason is made again, while the connection and the session last; `still` tells
 * whether anybody wants the reply, and `most` how often it is tried.
 */
export async function ask<A extends keyof Routes>(
  link: Link,
  action: A,
  fields: Fields<A>,
  still: () => boolean = () => true,
  most: number = TRIES,
): Promise<{ reply: Routes[A]["reply"]; problem?: never } | { reply?: never; problem: Problem }> {
  const self = selfOf(link.state);
  const isWanted = () => selfOf(link.state) === self && still();
  for (let tries = 1; ; tries += 1) {
    let problem: Problem;
    try {
      return { reply: await link.request(action, fields) };
    } catch (error) {
      problem = problemIn(error);
      const hopeless = !isPassing(problem) || link.state.connection.phase !== "open";
      if (hopeless || tries === most || !isWanted()) return { problem };
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)));
    if (!isWanted()) return { problem }; // another user is logged in, or something else is asked
  }
}

/** Whether this user is still logged in: what was asked for another one is not to be shown. */
export function isSelf(link: Link, address: Address): boolean {
  return selfOf(link.state) === address;
}
