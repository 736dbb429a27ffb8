/** What to say about a message: first on its line, then below it. */

import type { Channel, Message } from "./document.ts";

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
