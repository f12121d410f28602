/** The HTTP API: a password or a webmail's JWT for a token, and the token for a ticket. */

import type { SessionReply, TicketReply } from "../protocol/frames.js";
import { problemFrom, Refused } from "./problem.js";

/** Milliseconds after which no answer is coming. */
const PATIENCE = 15_000;

export type Credentials = { readonly address: string; readonly password: string } | { readonly jwt: string };

/** @throws Refused with the server's code, or `unreachable`. */
export function logIn(api: string, credentials: Credentials): Promise<SessionReply> {
  return post(`${api}/session`, { "content-type": "application/json" }, JSON.stringify(credentials));
}

/** @throws Refused with the server's code, or `unreachable`. */
export function getTicket(api: string, token: string): Promise<TicketReply> {
  return post(`${api}/session/ticket`, { authorization: `Bearer ${token}` }, null);
}

async function post<T>(url: string, headers: Record<string, string>, body: string | null): Promise<T> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, {
      method: "POST",
      headers,
      body,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE),
    });
    answer = await response.json().catch(() => null);
  } catch {
    throw new Refused({ code: "unreachable" });
  }
  if (!response.ok)
    throw new Refused(problemFrom(answer, response.status === 429 || response.status >= 500 ? "busy" : "internal"));
  // A proxy or a network's log-in page may answer in the server's place.
  if (!answer || typeof answer !== "object") throw new Refused({ code: "unreachable" });
  return answer as T;
}
