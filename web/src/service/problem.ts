/** What a request came to that was not granted. */

import type { Problem } from "../state/model.js";

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** Codes of what may well work at another time, with the same request. `unreachable`: no answer came. */
const PASSING = new Set(["unreachable", "busy", "internal", "not_connected"]);

export function isPassing(problem: Problem): boolean {
  return PASSING.has(problem.code);
}

/** The problem in anything thrown; what is not a refusal is a mistake of ours and goes on. */
export function problemIn(error: unknown): Problem {
  if (error instanceof Refused) return error.problem;
  throw error;
}

/** The problem in an error body of the server, whatever it holds. */
export function problemFrom(body: unknown, otherwise: string): Problem {
  const error = (body as { error?: { code?: unknown; message?: unknown; details?: unknown } } | null)?.error;
  if (typeof error?.code !== "string") return { code: otherwise };
  const { code, message, details } = error;
  return {
    code,
    ...(typeof message === "string" ? { message } : {}),
    ...(details && typeof details === "object" ? { details: details as Record<string, unknown> } : {}),
  };
}
