/** What to say about a message, first on its line, then below it; and about coming back to a channel. */

import type { Channel, Message, Operation, Resume } from "./document.ts";

export interface Telling {
  readonly lead: string | undefined;
  readonly rest: string | undefined;
}

/**
 * Everything that the document says of a message in its channel, each text once.
 *
 * The message describes the data, its operations describe what happens; either may be all there is.
 */
export function tell(message: Message, channel: Channel): Telling {
  const operations = [...channel.sends, ...channel.receives].filter(({ messages }) =>
    messages.some(({ key }) => key === message.key),
  );
  const texts = [
    message.summary,
    ...operations.flatMap(({ summary, description }) => [summary, description]),
    message.description,
  ];
  const paragraphs = new Set(texts.flatMap((text) => (text ?? "").split(/\n\s*\n/)).map((text) => text.trim()));
  paragraphs.delete("");
  const [lead, ...rest] = paragraphs;
  const title = message.title === message.name ? undefined : message.title;
  return { lead: lead ?? title, rest: rest.length > 0 ? rest.join("\n\n") : undefined };
}

const UNITS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
] as const;

/** What a client that was away gets, in a sentence or two. */
export function tellResume({ size, ttl }: Resume): string {
  const kept = size === undefined ? "messages of each group" : `the last ${counted(size, "message")} of each group`;
  const until = ttl === undefined ? "" : ` until ${duration(ttl)} after the newest`;
  const then = "A client that comes back gets what it has missed, or is told that some is lost.";
  return `The service keeps ${kept}${until}. ${then}`;
}

/** Which messages a client may send again when it does not know whether they were handled; nothing if none. */
export function tellRepeats(sends: readonly Operation[]): string | undefined {
  const repeatable = sends.filter(({ repeatableFor }) => repeatableFor !== undefined);
  const [first] = repeatable;
  if (first?.repeatableFor === undefined) return undefined;
  const names = [...new Set(repeatable.flatMap(({ messages }) => messages.map(({ name }) => name)))];
  const window = duration(Math.min(...repeatable.map(({ repeatableFor = 0 }) => repeatableFor)));
  return `After a lost connection these may be sent again for ${window}, and are handled once: ${names.join(", ")}.`;
}

function duration(seconds: number): string {
  const [length, unit] = UNITS.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, "second"];
  return counted(seconds / length, unit);
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
