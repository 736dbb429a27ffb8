/** A first payload to edit: the declared example, or one made from the schema. */

import { get, getList, getNumber, getObject, getText, isObject, type Json, type JsonObject } from "./json.ts";
import type { References } from "./references.ts";
import { flatten, typesOf } from "./schema.ts";

/** A value that the schema most likely accepts; a pattern or a sum of constraints may ask for more. */
export function exampleFromSchema(schema: Json | undefined, references: References): Json {
  return example(schema, references, []);
}

/** A frame to start from: without the envelope's optional id, which the sender chooses when the replies matter. */
export function exampleFrame(payload: Json | undefined, references: References, idKey: string | undefined): Json {
  const frame = exampleFromSchema(payload, references);
  const { keywords } = flatten(payload, references);
  if (idKey === undefined || !isObject(frame) || getList(keywords, "required").includes(idKey)) return frame;
  const { [idKey]: _id, ...rest } = frame;
  return rest;
}

/** Optional parts are left out below this depth: an example is read by a person. */
const OPTIONAL_DEPTH = 3;
/** Required recursion without an end has no finite example: it is cut here. */
const MAX_DEPTH = 12;

function example(schema: Json | undefined, references: References, path: readonly string[]): Json {
  const { keywords, pointer, nullable } = flatten(schema, references);
  const declared = declaredExample(keywords);
  if (declared !== undefined) return declared;
  const circular = pointer !== undefined && path.includes(pointer);
  if ((circular && nullable) || path.length > MAX_DEPTH) return null;
  const inside = [...path, pointer ?? ""];
  const variants = [...getList(keywords, "oneOf"), ...getList(keywords, "anyOf")];
  // A variant that leads back here is no way to an end, when there is another.
  const variant = variants.find((candidate) => !leadsBack(candidate, references, inside)) ?? variants[0];
  if (variant !== undefined) return example(variant, references, inside);
  switch (typesOf(keywords).find((type) => type !== "null")) {
    case "object":
      return exampleObject(keywords, references, inside);
    case "array":
      return exampleArray(keywords, references, inside);
    case "string":
      return exampleString(keywords);
    case "integer":
      return exampleNumber(keywords, 1);
    case "number":
      return exampleNumber(keywords, 0.5);
    case "boolean":
      return true;
    default:
      return null;
  }
}

/** `const`, the first example, a default that says something, the first of an enumeration: in this order. */
function declaredExample(keywords: JsonObject): Json | undefined {
  const constant = get(keywords, "const");
  if (constant !== undefined) return constant;
  const [first] = getList(keywords, "examples");
  if (first !== undefined) return first;
  const fallback = get(keywords, "default");
  if (fallback !== undefined && fallback !== null) return fallback;
  return getList(keywords, "enum")[0];
}

function leadsBack(schema: Json, references: References, path: readonly string[]): boolean {
  const { pointer } = flatten(schema, references);
  return pointer !== undefined && path.includes(pointer);
}

function exampleObject(keywords: JsonObject, references: References, path: readonly string[]): Json {
  const required = new Set(getList(keywords, "required"));
  const entries: [string, Json][] = [];
  for (const [name, schema] of Object.entries(getObject(keywords, "properties"))) {
    if (required.has(name) || isWorthShowing(schema, references, path)) {
      entries.push([name, example(schema, references, path)]);
    }
  }
  return Object.fromEntries(entries);
}

/** An optional part is shown unless it is a null by default, deep down, or the way back into the same schema. */
function isWorthShowing(schema: Json, references: References, path: readonly string[]): boolean {
  const { keywords } = flatten(schema, references);
  return get(keywords, "default") !== null && path.length < OPTIONAL_DEPTH && !leadsBack(schema, references, path);
}

function exampleArray(keywords: JsonObject, references: References, path: readonly string[]): Json {
  const items = get(keywords, "items");
  if (Array.isArray(items)) return items.map((item) => example(item, references, path));
  if (items === undefined || items === false) return [];
  const least = getNumber(keywords, "minItems") ?? 0;
  // One item shows the shape, but none ends a recursion.
  const wanted = leadsBack(items, references, path) ? least : Math.max(least, 1);
  const count = Math.min(wanted, getNumber(keywords, "maxItems") ?? wanted, 10);
  return Array.from({ length: count }, () => example(items, references, path));
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2030-01-31T12:00:00Z",
  date: "2030-01-31",
  time: "12:00:00Z",
  duration: "PT1H",
  email: "ada@example.com",
  uri: "https://example.com/",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
};

function exampleString(keywords: JsonObject): string {
  const format = getText(keywords, "format");
  if (format !== undefined && Object.hasOwn(FORMATS, format)) return FORMATS[format] ?? "";
  const text = "text";
  const least = Math.min(getNumber(keywords, "minLength") ?? 0, 1_000);
  return text.padEnd(least, " text").slice(0, getNumber(keywords, "maxLength") ?? undefined);
}

/** The first of a few natural candidates that lies within the bounds. */
function exampleNumber(keywords: JsonObject, start: number): number {
  const step = getNumber(keywords, "multipleOf") ?? (Number.isInteger(start) ? 1 : 0.5);
  const minimum = getNumber(keywords, "minimum") ?? -Infinity;
  const maximum = getNumber(keywords, "maximum") ?? Infinity;
  const above = getNumber(keywords, "exclusiveMinimum") ?? -Infinity;
  const below = getNumber(keywords, "exclusiveMaximum") ?? Infinity;
  const lower = Math.max(minimum, above);
  const upper = Math.min(maximum, below);
  const [first, last] = [Math.ceil(lower / step) * step, Math.floor(upper / step) * step];
  const candidates = [Math.ceil(start / step) * step, first, first + step, last, last - step, (lower + upper) / 2];
  const fits = (value: number): boolean => value >= minimum && value <= maximum && value > above && value < below;
  return candidates.find(fits) ?? start;
}

/** What the editor shows: two spaces, as people write JSON. */
export function exampleText(value: Json): string {
  return JSON.stringify(value, undefined, 2);
}
