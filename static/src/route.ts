/** Where the reader is, in the fragment of the URL: links can be shared, and the server needs no route. */

export interface Route {
  /** `undefined`: the overview. */
  readonly channel: string | undefined;
  /** The key of a message to show. */
  readonly message: string | undefined;
}

export function parseRoute(hash: string): Route {
  const [section, channel, message] = hash.replace(/^#\/?/, "").split("/").map(decode);
  if (section !== "channels" || channel === undefined) return { channel: undefined, message: undefined };
  return { channel, message };
}

export function channelHref(channel: string): string {
  return `#/channels/${encodeURIComponent(channel)}`;
}

export function messageHref(channel: string, message: string): string {
  return `${channelHref(channel)}/${encodeURIComponent(message)}`;
}

export const OVERVIEW_HREF = "#/";

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
