/** What the runtime of generated clients has to know of a channel, as the generator reads it from the document. */

import type { ChannelSpec, Retry } from "../../chanx_asyncapi/codegen/typescript/runtime/runtime.ts";
import type { ApiDocument, Channel, CloseCode } from "./document.ts";

/** All but where it is, which the reader decides. */
export type ChannelRules = Omit<ChannelSpec, "address" | "host">;

/** The values that chanx writes; for a code with another one the runtime decides as for a code that nobody declares. */
const RETRY: Readonly<Record<string, Retry>> = {
  no: "no",
  backoff: "backoff",
  after_token_refresh: "refresh",
  after_retry_after: "wait",
};

/** The subprotocols that carry the value of an Authorization header, which a browser cannot send. */
const SUBPROTOCOLS = ["chanx.v1", "chanx.auth."] as const;

export function channelRules({ closeCodes, envelope }: ApiDocument, channel: Channel): ChannelRules {
  return {
    // The keys for ids are left out: which frame has one, and which one, is for the reader to say.
    keys: [envelope.actionKey, envelope.payloadKey],
    closeCodes: Object.fromEntries(closeCodes.flatMap(retries)),
    schemes: [{ name: "Authorization", subprotocols: SUBPROTOCOLS }],
    authenticates: channel.incoming.some(({ name }) => name === "authentication"),
    pings: channel.sends.some(({ messages }) => messages.some(({ name }) => name === "ping")),
    resumes: channel.resume !== undefined,
  };
}

function retries({ code, daphne, retry = "" }: CloseCode): readonly (readonly [number, Retry])[] {
  const rule = Object.hasOwn(RETRY, retry) ? RETRY[retry] : undefined;
  if (rule === undefined) return [];
  return daphne === undefined ? [[code, rule]] : [[code, rule], [daphne, rule]];
}
