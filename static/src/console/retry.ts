/** Whether and when a connection that has ended is opened again. */

import type { CloseCode } from "../document.ts";

export type RetryDecision =
  /** Milliseconds to wait. */
  | { readonly retry: true; readonly wait: number }
  | { readonly retry: false; readonly reason: string };

/** What the reader is told, and who decided it. */
const NEVER: Readonly<Record<string, string>> = {
  no: "the document says that a client must not come back after this code",
  after_token_refresh: "the document asks for a fresh token first",
};

/** RFC 6455, 7.4.1: codes of a connection that has done its work, or of a client that misbehaves. */
const FINAL = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010]);

const FIRST_LIMIT = 500;
const LAST_LIMIT = 30_000;

/**
 * `attempt` counts from 0 since the connection was last open. `random` is from 0 to 1, without 1. `retryAfter` is what
 * the server asked for, in seconds.
 */
export function decideRetry(
  code: number,
  closeCodes: readonly CloseCode[],
  attempt: number,
  random: number,
  retryAfter: number | undefined,
): RetryDecision {
  const declared = closeCodes.find((entry) => entry.code === code || entry.daphne === code);
  const reason = declared?.retry === undefined ? undefined : NEVER[declared.retry];
  if (reason !== undefined) return { retry: false, reason };
  if (declared === undefined && FINAL.has(code)) return { retry: false, reason: `code ${code} ends a connection for good` };
  return { retry: true, wait: Math.max(jitteredWait(attempt, random), (retryAfter ?? 0) * 1_000) };
}

/** Full jitter: anything up to a limit that doubles, so that a thousand clients do not come back together. */
export function jitteredWait(attempt: number, random: number): number {
  return Math.round(random * Math.min(FIRST_LIMIT * 2 ** attempt, LAST_LIMIT));
}
