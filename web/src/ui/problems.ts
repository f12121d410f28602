/** What to say about a problem with the session. */

import type { Problem } from "../state/model.js";
import { text } from "../texts/index.js";

/** A sentence in the user's language for the codes that have one, else the server's own. */
export function sentenceOf(problem: Problem): string {
  const { code, message = "", details } = problem;
  if (code === "sign_on_refused") return text.account.signOn.reason(String(details?.reason ?? code), message);
  const { otherwise, ...known } = text.account.problems;
  if (Object.hasOwn(known, code)) return known[code as keyof typeof known];
  return message || otherwise(code);
}

/** Seconds that the server asks to wait before the next attempt; 0 where it does not. */
export function waitOf(problem: Problem | undefined): number {
  const wait = Number(problem?.code === "too_many_attempts" ? (problem.details?.retry_after ?? 30) : 0);
  return Number.isFinite(wait) ? Math.max(0, Math.ceil(wait)) : 0;
}
