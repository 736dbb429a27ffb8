/** Where the reader is, in the fragment of the URL: links can be shared, and the server needs no route. */

export type Route =
  | { readonly page: "overview"; readonly section: string | undefined }
  /** `message`: the key of a message to show. `query`: what stands behind a question mark, for the console. */
  | { readonly page: "channel"; readonly channel: string; readonly message: string | undefined; readonly query: string }
  | { readonly page: "operation"; readonly operation: string; readonly query: string }
  | { readonly page: "schemas" }
  | { readonly page: "schema"; readonly schema: string };

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = split(hash.replace(/^#\/?/, ""), "?");
  const [section, name, message] = path.split("/").map(decode);
  if (section === "channels" && name !== undefined) return { page: "channel", channel: name, message, query };
  if (section === "operations" && name !== undefined) return { page: "operation", operation: name, query };
  if (section === "schemas") return name === undefined ? { page: "schemas" } : { page: "schema", schema: name };
  return { page: "overview", section: section === "overview" ? name : undefined };
}

export const OVERVIEW_HREF = "#/";
export const SCHEMAS_HREF = "#/schemas";

export function sectionHref(section: string): string {
  return `#/overview/${encodeURIComponent(section)}`;
}

export function channelHref(channel: string): string {
  return `#/channels/${encodeURIComponent(channel)}`;
}

export function messageHref(channel: string, message: string): string {
  return `${channelHref(channel)}/${encodeURIComponent(message)}`;
}

export function operationHref(operation: string): string {
  return `#/operations/${encodeURIComponent(operation)}`;
}

export function schemaHref(schema: string): string {
  return `${SCHEMAS_HREF}/${encodeURIComponent(schema)}`;
}

function split(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
