/** What the schema proposes at a place in a frame: keys of an object, values of a key. */

import { exampleFromSchema } from "../example.ts";
import { get, getList, getObject, isObject, type Json, type JsonObject } from "../json.ts";
import type { References } from "../references.ts";
import { flatten, typesOf, viewSchema } from "../schema.ts";
import { itemSchemas } from "./validate.ts";
import type { Path } from "./path.ts";

/** Where the cursor is: of the containers around it, the keys and indexes that lead to it. */
export interface Cursor {
  readonly path: Path;
  readonly wants: "key" | "value";
  /** The keys that the object has already. */
  readonly present: readonly string[];
  /** The scalars that stand beside: they tell which alternative is meant. */
  readonly siblings: ReadonlyMap<string, Json>;
}

export interface Proposal {
  readonly label: string;
  /** The JSON text that is put in. */
  readonly text: string;
  /** Of a key: the JSON text of a first value. */
  readonly value: string | undefined;
  /** The type, in a word or two. */
  readonly detail: string;
  readonly info: string | undefined;
}

export function propose(schema: Json | undefined, cursor: Cursor, references: References): readonly Proposal[] {
  const here = schemasAt(schema, cursor.path, references);
  const proposals = here.flatMap((found) =>
    cursor.wants === "key" ? keysOf(found, cursor, references) : valuesOf(found, references),
  );
  return proposals.filter(({ label }, index) => proposals.findIndex((other) => other.label === label) === index);
}

/** Every schema that may hold at the path, alternatives opened. */
function schemasAt(schema: Json | undefined, path: Path, references: References): readonly JsonObject[] {
  let found = opened(schema, references, 0);
  for (const step of path) {
    found = found.flatMap((keywords) => {
      const inner = typeof step === "number" ? itemAt(keywords, step) : propertyAt(keywords, step);
      return inner === undefined ? [] : opened(inner, references, 0);
    });
  }
  return found;
}

/** Alternatives within alternatives, as far as anybody writes them. */
const MAX_NESTING = 5;

function opened(schema: Json | undefined, references: References, nesting: number): readonly JsonObject[] {
  const { keywords, nullable } = flatten(schema, references);
  const variants = [...getList(keywords, "oneOf"), ...getList(keywords, "anyOf")];
  const own = nullable ? [keywords, { const: null }] : [keywords];
  if (variants.length === 0 || nesting >= MAX_NESTING) return own;
  return [...own, ...variants.flatMap((variant) => opened(variant, references, nesting + 1))];
}

function propertyAt(keywords: JsonObject, name: string): Json | undefined {
  const own = get(getObject(keywords, "properties"), name);
  if (own !== undefined) return own;
  const others = get(keywords, "additionalProperties");
  return isObject(others) ? others : undefined;
}

function itemAt(keywords: JsonObject, index: number): Json | undefined {
  const { first, rest } = itemSchemas(keywords);
  return index < first.length ? first[index] : rest;
}

function keysOf(keywords: JsonObject, { present, siblings }: Cursor, references: References): readonly Proposal[] {
  const properties = Object.entries(getObject(keywords, "properties"));
  const contradicted = properties.some(([name, schema]) => {
    const beside = siblings.get(name);
    const constant = get(flatten(schema, references).keywords, "const");
    return beside !== undefined && constant !== undefined && constant !== beside;
  });
  if (contradicted) return [];
  const required = getList(keywords, "required");
  return properties
    .filter(([name]) => !present.includes(name))
    .sort(([left], [right]) => Number(required.includes(right)) - Number(required.includes(left)))
    .map(([name, schema]) => {
      const { label, description } = viewSchema(schema, references);
      const value = JSON.stringify(exampleFromSchema(schema, references));
      const detail = required.includes(name) ? label : `${label}, optional`;
      return { label: name, text: JSON.stringify(name), value, detail, info: description };
    });
}

function valuesOf(keywords: JsonObject, references: References): readonly Proposal[] {
  const constant = get(keywords, "const");
  const fixed = constant === undefined ? getList(keywords, "enum") : [constant];
  const values: Json[] = fixed.length > 0 ? [...fixed] : [...getList(keywords, "examples")];
  const fallback = get(keywords, "default");
  if (fallback !== undefined) values.push(fallback);
  const types = typesOf(keywords);
  if (fixed.length === 0 && types.includes("boolean")) values.push(true, false);
  if (types.includes("null")) values.push(null);
  if (values.length === 0 && types.length > 0) values.push(exampleFromSchema(keywords, references));
  const { label } = viewSchema(keywords, references);
  return values.map((value) => {
    const text = JSON.stringify(value);
    return { label: text, text, value: undefined, detail: text === label ? "" : label, info: undefined };
  });
}
