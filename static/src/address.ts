/** From a channel's address to the URL that a socket opens. */

import type { Channel, Server } from "./document.ts";

export interface Target {
  readonly protocol: "ws:" | "wss:";
  readonly host: string;
  readonly pathname: string;
}

/** The page's own host and port, where the session cookie is sent; the path prefix is the document's. */
export function targetOfPage(location: { protocol: string; host: string }, server: Server | undefined): Target {
  return {
    protocol: location.protocol === "https:" ? "wss:" : "ws:",
    host: location.host,
    pathname: server?.pathname ?? "",
  };
}

/** The server that the document names, for a socket that lives on another host than the page. */
export function targetOfServer(server: Server): Target {
  return { protocol: server.protocol === "wss" ? "wss:" : "ws:", host: server.host, pathname: server.pathname };
}

/** The names in braces, in the order in which they stand. */
export function addressParameters(address: string): readonly string[] {
  return [...address.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
}

/** The parameters that still need a value. */
export function missingParameters(channel: Channel, values: ReadonlyMap<string, string>): readonly string[] {
  return addressParameters(channel.address ?? "").filter((name) => (values.get(name) ?? "") === "");
}

/** The query to start from: what nobody is let in without, with the first values that the document has. */
export function requiredQuery(channel: Channel): string {
  const required = channel.query.filter(({ required }) => required);
  return required.map(({ name, initial }) => `${encodeURIComponent(name)}=${encodeURIComponent(initial)}`).join("&");
}

/** The URL with every value percent-encoded; a parameter without a value keeps its braces. */
export function socketUrl(
  target: Target,
  address: string,
  values: ReadonlyMap<string, string>,
  query: string,
): string {
  const filled = address.replace(/\{([^{}]*)\}/g, (braces, name: string) => {
    const value = values.get(name) ?? "";
    return value === "" ? braces : encodeURIComponent(value);
  });
  const path = [target.pathname, filled].map((part) => part.replace(/^\/+/, "")).filter((part) => part !== "");
  const prefix = path.length === 2 && !path[0]?.endsWith("/") ? `${path[0]}/${path[1]}` : path.join("");
  const search = query.trim().replace(/^\?/, "");
  return `${target.protocol}//${target.host}/${prefix}${search === "" ? "" : `?${search}`}`;
}
