/** What the envelope of one text frame says. */

import type { Envelope } from "./document.ts";
import { get, getNumber, getObject, getText, isObject, type Json, parseJson } from "./json.ts";

export interface FrameFacts {
  /** The value of the action key; `undefined` when the frame is no JSON object or has none. */
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly replyTo: string | undefined;
  readonly isError: boolean;
}

const NOTHING: FrameFacts = { name: undefined, id: undefined, replyTo: undefined, isError: false };

/** `frame`: the parsed text; `undefined` when it is no JSON. */
export function factsOf(frame: Json | undefined, envelope: Envelope): FrameFacts {
  if (!isObject(frame)) return NOTHING;
  const name = getText(frame, envelope.actionKey);
  const payload = getObject(frame, envelope.payloadKey);
  // CAMELIZE spells the key of the authentication frame's status the other way.
  const status = getNumber(payload, "status_code") ?? getNumber(payload, "statusCode") ?? 200;
  return {
    name,
    id: envelope.idKey === undefined ? undefined : correlation(get(frame, envelope.idKey)),
    replyTo: envelope.replyToKey === undefined ? undefined : correlation(get(frame, envelope.replyToKey)),
    isError: name === "error" || (name === "authentication" && status >= 400),
  };
}

function correlation(value: Json | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** The text with an id put in front, so that replies name it; unchanged where that cannot be or one is there. */
export function withId(text: string, idKey: string, id: string): string {
  const frame = parseJson(text);
  if (!isObject(frame) || Object.hasOwn(frame, idKey)) return text;
  const separator = Object.keys(frame).length > 0 ? ", " : "";
  return text.replace("{", () => `{${JSON.stringify(idKey)}: ${JSON.stringify(id)}${separator}`);
}
