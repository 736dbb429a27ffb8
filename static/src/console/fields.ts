/** Which control of a form a schema asks for, one level at a time: a recursive schema is as deep as its value. */

import { get, getList, getNumber, getObject, getText, isObject, type Json, type JsonObject } from "../json.ts";
import { pointerName, type References } from "../references.ts";
import { flatten, typesOf, viewSchema } from "../schema.ts";
import { accepts, itemSchemas } from "./validate.ts";

export type Field = Control & {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** `null` is allowed beside what the control offers. */
  readonly nullable: boolean;
};

export type Control =
  | { readonly control: "constant"; readonly value: Json }
  | { readonly control: "choice"; readonly choices: readonly Json[] }
  | { readonly control: "boolean" }
  | { readonly control: "number"; readonly whole: boolean }
  | { readonly control: "text"; readonly long: boolean; readonly format: string | undefined }
  | { readonly control: "object"; readonly properties: readonly Property[]; readonly others: Json | undefined }
  | { readonly control: "array"; readonly first: readonly Json[]; readonly rest: Json | undefined; readonly most: number }
  | { readonly control: "union"; readonly variants: readonly Variant[]; readonly chosen: number }
  /** Anything: the value is written as JSON. */
  | { readonly control: "json" };

export interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Json;
}

export interface Variant {
  readonly label: string;
  readonly schema: Json;
}

/** From this many characters on, people write paragraphs. */
const LONG_TEXT = 120;

/** The control for the schema. `value` decides among alternatives, and may be absent. */
export function fieldOf(schema: Json | undefined, value: Json | undefined, references: References): Field {
  const { keywords, nullable } = flatten(schema, references);
  const types = typesOf(keywords);
  const orNull = nullable || (types.length > 1 && types.includes("null"));
  return {
    title: getText(keywords, "title"),
    description: getText(keywords, "description"),
    nullable: orNull,
    ...controlOf(keywords, types.length > 1 ? types.filter((type) => type !== "null") : types, value, references),
  };
}

function controlOf(keywords: JsonObject, types: readonly string[], value: Json | undefined, references: References): Control {
  const constant = get(keywords, "const");
  if (constant !== undefined) return { control: "constant", value: constant };
  const choices = getList(keywords, "enum");
  if (choices.length > 0) return choices.length === 1 ? { control: "constant", value: choices[0] ?? null } : { control: "choice", choices };
  const variants = alternatives(keywords, types);
  if (variants.length > 0) return unionOf(variants, value, getText(keywords, "discriminator"), references);
  switch (types[0]) {
    case "null":
      return { control: "constant", value: null };
    case "boolean":
      return { control: "boolean" };
    case "integer":
    case "number":
      return { control: "number", whole: types[0] === "integer" };
    case "string": {
      const [format, most] = [getText(keywords, "format"), getNumber(keywords, "maxLength")];
      const long = (most !== undefined && most > LONG_TEXT) || (typeof value === "string" && value.length > LONG_TEXT);
      return { control: "text", long: long && format === undefined, format };
    }
    case "object":
      return { control: "object", ...objectParts(keywords) };
    case "array":
      return { control: "array", ...itemSchemas(keywords), most: getNumber(keywords, "maxItems") ?? Infinity };
    default:
      return { control: "json" };
  }
}

function objectParts(keywords: JsonObject): { readonly properties: readonly Property[]; readonly others: Json | undefined } {
  const required = getList(keywords, "required");
  const properties = Object.entries(getObject(keywords, "properties")).map(([name, schema]) => ({
    name,
    required: required.includes(name),
    schema,
  }));
  const [pattern] = Object.values(getObject(keywords, "patternProperties"));
  const others = get(keywords, "additionalProperties");
  // An object with named keys takes others silently unless it says so; only where they are meant does the form offer them.
  const open = isObject(others) || others === true || (others === undefined && properties.length === 0);
  return { properties, others: pattern ?? (open ? (others ?? true) : undefined) };
}

/** What the schema lets choose between: its variants, or its types. */
function alternatives(keywords: JsonObject, types: readonly string[]): readonly Json[] {
  for (const key of ["oneOf", "anyOf"]) {
    const variants = getList(keywords, key);
    if (variants.length > 0) return variants;
  }
  return types.length > 1 ? types.map((type) => ({ ...keywords, type })) : [];
}

function unionOf(schemas: readonly Json[], value: Json | undefined, key: string | undefined, references: References): Control {
  const variants = schemas.map((schema) => ({ label: variantLabel(schema, key, references), schema }));
  return { control: "union", variants, chosen: chooseVariant(schemas, value, key, references) };
}

function variantLabel(schema: Json, key: string | undefined, references: References): string {
  const constant = key === undefined ? undefined : constantOf(schema, key, references);
  if (typeof constant === "string") return constant;
  const { title, label, pointer } = viewSchema(schema, references);
  return title ?? (pointer === undefined ? label : (pointerName(pointer).split(".").at(-1) ?? label));
}

function constantOf(schema: Json, key: string, references: References): Json | undefined {
  const property = get(getObject(flatten(schema, references).keywords, "properties"), key);
  const { keywords } = flatten(property, references);
  return get(keywords, "const") ?? getList(keywords, "enum")[0];
}

/** The variant that the value is, or was meant to be. */
function chooseVariant(
  variants: readonly Json[],
  value: Json | undefined,
  key: string | undefined,
  references: References,
): number {
  if (value === undefined) return 0;
  const fitting = variants.findIndex((variant) => accepts(value, variant, references));
  if (fitting >= 0) return fitting;
  if (key !== undefined && isObject(value)) {
    const named = variants.findIndex((variant) => constantOf(variant, key, references) === get(value, key));
    if (named >= 0) return named;
  }
  const alike = variants.findIndex((variant) => typesOf(flatten(variant, references).keywords).some((type) => isLike(value, type)));
  return Math.max(alike, 0);
}

function isLike(value: Json, type: string): boolean {
  if (value === null) return type === "null";
  if (Array.isArray(value)) return type === "array";
  if (typeof value === "number") return type === "number" || type === "integer";
  return type === typeof value;
}
