/** Who uses a schema: found once for the whole document, when it is first asked for. */

import type { ApiDocument, Channel, Message, NamedSchema } from "./document.ts";
import { isObject, type Json } from "./json.ts";
import { schemaNameOf } from "./references.ts";

export interface MessageUse {
  readonly channel: Channel;
  readonly message: Message;
}

export class Usage {
  readonly #document: ApiDocument;
  /** By name: the schemas that refer to it directly. */
  readonly #parents = new Map<string, NamedSchema[]>();
  readonly #messages = new Map<string, MessageUse[]>();

  constructor(document: ApiDocument) {
    this.#document = document;
    for (const named of document.schemas) {
      for (const name of schemasIn(named.schema)) push(this.#parents, name, named);
    }
    for (const channel of document.channels) {
      const messages = [...channel.sends.flatMap((operation) => operation.messages), ...channel.incoming];
      for (const message of new Set(messages)) {
        for (const name of schemasIn(message.payload)) push(this.#messages, name, { channel, message });
      }
    }
  }

  /** The schemas that mention this one, without itself. */
  schemas({ name }: NamedSchema): readonly NamedSchema[] {
    return (this.#parents.get(name) ?? []).filter((other) => other.name !== name);
  }

  /** The messages that hold it, at whatever depth. */
  messages({ name }: NamedSchema): readonly MessageUse[] {
    const reached = new Set([name]);
    for (const each of reached) for (const parent of this.#parents.get(each) ?? []) reached.add(parent.name);
    const found = new Set([...reached].flatMap((each) => this.#messages.get(each) ?? []));
    const order = new Map(this.#document.channels.map((channel, index) => [channel.name, index]));
    return [...found].sort((one, other) => (order.get(one.channel.name) ?? 0) - (order.get(other.channel.name) ?? 0));
  }
}

/** The named schemas that a value refers to; a value of any depth is walked without recursion. */
function schemasIn(value: Json | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: (Json | undefined)[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (Array.isArray(next)) {
      for (const each of next) waiting.push(each);
    } else if (isObject(next)) {
      for (const [key, each] of Object.entries(next)) {
        const name = key === "$ref" && typeof each === "string" ? schemaNameOf(each) : undefined;
        if (name === undefined) waiting.push(each);
        else found.add(name);
      }
    }
  }
  return found;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
