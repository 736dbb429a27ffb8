/** What a close code means: the document's own words first, then those of RFC 6455. */

import type { CloseCode } from "./document.ts";

export interface CloseExplanation {
  readonly name: string;
  readonly meaning: string;
  /** Whether a client may try again, in the document's words. */
  readonly retry: string | undefined;
}

/** RFC 6455, 7.4.1, as a browser meets them; the service's own codes are in its document. */
const STANDARD: Readonly<Record<number, CloseExplanation>> = {
  1000: { name: "normal", meaning: "The connection has done what it was for.", retry: undefined },
  1001: { name: "going away", meaning: "The other side is leaving: a server stops, a page is closed.", retry: undefined },
  1002: { name: "protocol error", meaning: "A frame broke the WebSocket protocol.", retry: undefined },
  1003: { name: "unsupported data", meaning: "A kind of data came that the other side does not take.", retry: undefined },
  1005: { name: "no code", meaning: "The connection was closed without a code.", retry: undefined },
  1006: {
    name: "no handshake or lost",
    meaning:
      "The browser tells no more. Before the connection was open: is the server running, is there a route at this " +
      "address, does it allow this page's origin, did it accept the subprotocol? The server's log knows. " +
      "Afterwards: the network or the server went away.",
    retry: undefined,
  },
  1007: { name: "invalid data", meaning: "A text frame was not UTF-8.", retry: undefined },
  1008: { name: "policy violation", meaning: "A frame was against the rules of the server.", retry: undefined },
  1009: { name: "too big", meaning: "A frame was larger than the server takes.", retry: undefined },
  1011: { name: "server failure", meaning: "The server met an error.", retry: undefined },
  1012: { name: "restart", meaning: "The server restarts.", retry: undefined },
  1013: { name: "try again later", meaning: "The server is overloaded.", retry: undefined },
};

/** The values that chanx writes; others are shown as they are. */
const RETRY_WORDS: Readonly<Record<string, string>> = {
  no: "no",
  backoff: "yes, with backoff",
  after_token_refresh: "after a new token",
  after_retry_after: "after the time that the server told",
};

export function retryInWords(retry: string | undefined): string | undefined {
  return retry !== undefined && Object.hasOwn(RETRY_WORDS, retry) ? RETRY_WORDS[retry] : retry;
}

/** `undefined` for a code that neither the document nor the protocol's RFC explains. */
export function explainClose(code: number, declared: readonly CloseCode[]): CloseExplanation | undefined {
  const own = declared.find((entry) => entry.code === code || entry.daphne === code);
  if (own !== undefined) return { name: own.name, meaning: own.meaning, retry: retryInWords(own.retry) };
  return STANDARD[code];
}
