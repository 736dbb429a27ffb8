/** Whether a frame is one that the document describes. */

import type { Channel, Message } from "../document.ts";
import type { Json } from "../json.ts";
import type { References } from "../references.ts";
import { type Problem, validate } from "./validate.ts";

export type Verdict =
  | { readonly state: "valid"; readonly message: Message }
  | { readonly state: "invalid"; readonly message: Message; readonly problems: readonly Problem[] }
  /** The document has no message of this name for this channel and direction. */
  | { readonly state: "undescribed" }
  /** No JSON, a frame of bytes, or too large to be checked unasked. */
  | { readonly state: "unchecked" };

export const UNCHECKED: Verdict = { state: "unchecked" };

export type Direction = "sent" | "received";

/** Knows the messages of a channel by direction and name. */
export class FrameCheck {
  readonly #references: References;
  readonly #messages: Readonly<Record<Direction, ReadonlyMap<string, readonly Message[]>>>;

  constructor(channel: Channel, references: References) {
    this.#references = references;
    this.#messages = {
      sent: byName(channel.sends.flatMap(({ messages }) => messages)),
      received: byName(channel.incoming),
    };
  }

  /** `name` is what the frame's action key says. */
  judge(direction: Direction, name: string | undefined, frame: Json): Verdict {
    const candidates = name === undefined ? [] : (this.#messages[direction].get(name) ?? []);
    let verdict: Verdict = { state: "undescribed" };
    for (const message of candidates) {
      const problems = validate(frame, message.payload, this.#references);
      if (problems.length === 0) return { state: "valid", message };
      if (verdict.state === "undescribed") verdict = { state: "invalid", message, problems };
    }
    return verdict;
  }
}

function byName(messages: readonly Message[]): ReadonlyMap<string, readonly Message[]> {
  const found = new Map<string, Message[]>();
  for (const message of messages) {
    const same = found.get(message.name);
    if (same === undefined) found.set(message.name, [message]);
    else if (!same.some(({ key }) => key === message.key)) same.push(message);
  }
  return found;
}
