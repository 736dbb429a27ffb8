/** `$ref` inside one document. https://www.asyncapi.com/docs/reference/specification/v3.0.0#referenceObject */

import { get, getText, isObject, type Json, type JsonObject } from "./json.ts";

export interface Resolved {
  /** What stands at the end of the references; `undefined` when they lead nowhere or in a circle. */
  readonly value: Json | undefined;
  /** The last pointer followed, such as `#/components/schemas/Comment`; `undefined` when there was none. */
  readonly pointer: string | undefined;
}

/** Follows references, and remembers those that lead nowhere so that the page can say so. */
export class References {
  readonly #root: JsonObject;
  readonly #broken = new Set<string>();

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** The references that led nowhere so far, in the order in which they were met. */
  get broken(): readonly string[] {
    return [...this.#broken];
  }

  /** Follow `$ref` until a value that has none. Siblings of a `$ref` are for the caller to look at. */
  resolve(value: Json | undefined): Resolved {
    const followed = new Set<string>();
    let current = value;
    let pointer: string | undefined;
    for (;;) {
      const next: string | undefined = isObject(current) ? getText(current, "$ref") : undefined;
      if (next === undefined) return { value: current, pointer };
      if (followed.has(next)) {
        this.#broken.add(next);
        return { value: undefined, pointer: next };
      }
      followed.add(next);
      pointer = next;
      current = this.#at(next);
      if (current === undefined) {
        this.#broken.add(next);
        return { value: undefined, pointer };
      }
    }
  }

  /** As `resolve`, for places where only an object makes sense. */
  object(value: Json | undefined): JsonObject {
    const { value: found } = this.resolve(value);
    return isObject(found) ? found : {};
  }

  /** RFC 6901 inside a URI fragment; other documents are not fetched. */
  #at(pointer: string): Json | undefined {
    if (pointer === "#") return this.#root;
    if (!pointer.startsWith("#/")) return undefined;
    let current: Json | undefined = this.#root;
    for (const token of pointer.slice(2).split("/")) {
      const key = unescapeToken(token);
      if (Array.isArray(current)) current = current[Number(key)];
      else if (isObject(current)) current = get(current, key);
      else return undefined;
    }
    return current;
  }
}

/** The last part of a pointer: the name that a component was given. */
export function pointerName(pointer: string): string {
  return unescapeToken(pointer.slice(pointer.lastIndexOf("/") + 1));
}

/** The name of the schema that a pointer leads to, if it is one of the components. */
export function schemaNameOf(pointer: string): string | undefined {
  const [, name, ...deeper] = /^#\/components\/schemas\/([^/]+)(\/)?/.exec(pointer) ?? [];
  return name === undefined || deeper[0] !== undefined ? undefined : unescapeToken(name);
}

/** A name as a part of a pointer: RFC 6901, 3, inside a URI fragment. */
export function escapeToken(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function unescapeToken(token: string): string {
  let decoded = token;
  try {
    decoded = decodeURIComponent(token);
  } catch {
    // A stray % is no escape: the token is meant as written.
  }
  return decoded.replaceAll("~1", "/").replaceAll("~0", "~");
}
