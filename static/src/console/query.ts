/** A query string, part by part: what the reader wrote beside the declared parameters stays as it is. */

import type { SecurityScheme } from "../document.ts";

function parts(query: string): readonly string[] {
  return query.trim().replace(/^\?/, "").split("&").filter((part) => part !== "");
}

function nameOf(part: string): string {
  return decode(part.split("=", 1)[0] ?? "");
}

/** The value of the first part of this name. */
export function queryValue(query: string, name: string): string | undefined {
  const part = parts(query).find((part) => nameOf(part) === name);
  if (part === undefined) return undefined;
  const at = part.indexOf("=");
  return at < 0 ? "" : decode(part.slice(at + 1));
}

/** The query with one value for the name; without it for `undefined`. */
export function withQueryValue(query: string, name: string, value: string | undefined): string {
  const written = value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`];
  const before = parts(query);
  const index = before.findIndex((part) => nameOf(part) === name);
  const others = before.filter((part) => nameOf(part) !== name);
  // In its place, so that nothing jumps while somebody types.
  const at = index < 0 ? others.length : before.slice(0, index).filter((part) => nameOf(part) !== name).length;
  return [...others.slice(0, at), ...written, ...others.slice(at)].join("&");
}

/** Parameters that are credentials: they are kept out of links, exports and what is copied. */
export function secretParameters(schemes: readonly SecurityScheme[]): ReadonlySet<string> {
  return new Set(schemes.flatMap(({ place, key }) => (place === "query" && key !== undefined ? [key] : [])));
}

/** The query without the named parameters. */
export function withoutParameters(query: string, names: ReadonlySet<string>): string {
  return parts(query).filter((part) => !names.has(nameOf(part))).join("&");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
