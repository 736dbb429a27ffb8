/** Finding things in the document by a few letters of what the reader remembers. */

import type { ApiDocument, Channel, Message, Operation } from "./document.ts";
import { channelHref, messageHref, operationHref, schemaHref } from "./route.ts";
import { shortName } from "./schema.ts";

export type FoundKind = "channel" | "sent" | "received" | "operation" | "schema";

export interface Found {
  readonly kind: FoundKind;
  readonly title: string;
  /** Where it is: the address of its channel, or the whole name of a schema. */
  readonly place: string;
  readonly href: string;
  readonly deprecated: boolean;
}

interface Entry {
  readonly found: Found;
  readonly title: string;
  readonly place: string;
  readonly text: string;
}

/** What a kind counts for among things that match equally well: channels lead, and schemas are mostly looked up. */
const KIND: Readonly<Record<FoundKind, number>> = { channel: 4, sent: 3, received: 3, operation: 2, schema: 0 };

export class SearchIndex {
  readonly #entries: readonly Entry[];

  constructor(document: ApiDocument) {
    this.#entries = [...document.channels.flatMap(ofChannel), ...ofSchemas(document)];
  }

  /** The best matches for all the words, best first; none for no words. */
  search(words: string, limit = 30): readonly Found[] {
    const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
    if (wanted.length === 0) return [];
    const scored: { readonly found: Found; readonly score: number }[] = [];
    for (const entry of this.#entries) {
      const score = scoreOf(entry, wanted);
      if (score > 0) scored.push({ found: entry.found, score });
    }
    // Equal scores stay in the order of the document.
    return scored
      .sort((one, other) => other.score - one.score)
      .slice(0, limit)
      .map(({ found }) => found);
  }
}

function ofChannel(channel: Channel): readonly Entry[] {
  const address = channel.address ?? channel.name;
  const sent = unique(channel.sends.flatMap(({ messages }) => messages));
  const operations = [...channel.sends, ...channel.receives];
  return [
    entry(
      { kind: "channel", title: address, place: channel.title ?? channel.name, href: channelHref(channel.name), deprecated: channel.deprecated },
      [channel.summary, channel.description, ...channel.tags],
    ),
    ...sent.map((message) => ofMessage(message, channel, address, "sent")),
    ...channel.incoming.filter((message) => !sent.includes(message)).map((message) => ofMessage(message, channel, address, "received")),
    ...operations.map((operation) => ofOperation(operation, address)),
  ];
}

function ofMessage(message: Message, channel: Channel, address: string, kind: "sent" | "received"): Entry {
  const found = {
    kind,
    title: message.name,
    place: address,
    href: messageHref(channel.name, message.key),
    deprecated: message.deprecated,
  };
  return entry(found, [message.title, message.summary, message.description, ...message.tags]);
}

function ofOperation(operation: Operation, address: string): Entry {
  const { name, title, deprecated, summary, description, tags } = operation;
  const found: Found = { kind: "operation", title: title ?? name, place: address, href: operationHref(name), deprecated };
  return entry(found, [name, summary, description, ...tags]);
}

function ofSchemas(document: ApiDocument): readonly Entry[] {
  return document.schemas.map(({ name }) =>
    entry({ kind: "schema", title: shortName(name), place: name, href: schemaHref(name), deprecated: false }, []),
  );
}

function entry(found: Found, texts: readonly (string | undefined)[]): Entry {
  const text = texts.filter((each) => each !== undefined).join("\n");
  return { found, title: found.title.toLowerCase(), place: found.place.toLowerCase(), text: text.toLowerCase() };
}

/** Every word counts once, where it fits best; 0 when one fits nowhere. */
function scoreOf({ found, title, place, text }: Entry, words: readonly string[]): number {
  let total = KIND[found.kind];
  for (const word of words) {
    const score = scoreOfWord(word, title, place, text);
    if (score === 0) return 0;
    total += score;
  }
  // Of two titles with the same words in them the shorter one is nearer to what was written.
  return total + 10 / (1 + title.length);
}

function scoreOfWord(word: string, title: string, place: string, text: string): number {
  if (title === word) return 120;
  const at = title.indexOf(word);
  if (at === 0) return 100;
  if (at > 0) return isWordStart(title, at) ? 80 : 60;
  if (place.includes(word)) return 40;
  if (text.includes(word)) return 25;
  return isScattered(word, title) ? 10 : 0;
}

/** `mess` begins a word in `post_message`, in `/ws/messages/` and in `chat.messages.Post`. */
function isWordStart(title: string, at: number): boolean {
  return /[^a-z0-9]/.test(title.charAt(at - 1));
}

/** The letters come in this order, from the first letter of a word on: `pm` in `post_message`. */
function isScattered(word: string, title: string): boolean {
  let at = title.indexOf(word.charAt(0));
  if (at > 0 && !isWordStart(title, at)) return false;
  for (const letter of word) {
    at = title.indexOf(letter, at);
    if (at < 0) return false;
    at += 1;
  }
  return true;
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
