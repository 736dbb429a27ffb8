/** JSON values, and reading them without trusting their shape. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object's own value: a document may name a thing `constructor` or `__proto__`. */
export function get(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function getText(object: JsonObject, key: string): string | undefined {
  const value = get(object, key);
  return typeof value === "string" ? value : undefined;
}

export function getNumber(object: JsonObject, key: string): number | undefined {
  const value = get(object, key);
  return typeof value === "number" ? value : undefined;
}

export function getObject(object: JsonObject, key: string): JsonObject {
  const value = get(object, key);
  return isObject(value) ? value : {};
}

export function getList(object: JsonObject, key: string): readonly Json[] {
  const value = get(object, key);
  return Array.isArray(value) ? value : [];
}

/** The text, or `undefined` when it is not JSON; `null` is a JSON value, so it cannot say that. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
