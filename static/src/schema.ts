/** JSON Schema as a reader sees it: one level at a time, so that a recursive schema has no end only when opened. */

import { get, getList, getNumber, getObject, getText, isObject, type Json, type JsonObject } from "./json.ts";
import { pointerName, type References } from "./references.ts";

/** A schema with its references followed and its `allOf` folded into one set of keywords. */
export interface FlatSchema {
  readonly keywords: JsonObject;
  /** The component that the schema is, if it came by reference. */
  readonly pointer: string | undefined;
  /** `null` is allowed beside what the keywords say: how pydantic writes `X | None`. */
  readonly nullable: boolean;
}

export interface SchemaChild {
  readonly name: string;
  /** A name from the document is set as code, one of ours as prose. */
  readonly role: "property" | "pattern" | "values" | "item" | "variant" | "condition";
  readonly required: boolean;
  readonly schema: Json;
}

export interface SchemaView {
  /** `string`, `Comment or null`, `array of integer`. */
  readonly label: string;
  readonly pointer: string | undefined;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Constraints in words: `at least 1 character`. */
  readonly facts: readonly string[];
  /** Enumerated values as JSON text; empty when there is no enumeration. */
  readonly choices: readonly string[];
  readonly defaultValue: string | undefined;
  /** Examples as JSON text. */
  readonly examples: readonly string[];
  readonly deprecated: boolean;
  readonly children: readonly SchemaChild[];
}

/** Follow references and fold `allOf` and "X or null"; safe on circles. */
export function flatten(schema: Json | undefined, references: References): FlatSchema {
  return fold(schema, references, new Set());
}

function fold(schema: Json | undefined, references: References, met: ReadonlySet<string>): FlatSchema {
  const { value, pointer } = references.resolve(schema);
  if (pointer !== undefined && met.has(pointer)) return { keywords: {}, pointer, nullable: false };
  if (!isObject(value)) return { keywords: value === false ? { not: {} } : {}, pointer, nullable: false };
  const inside = pointer === undefined ? met : new Set([...met, pointer]);

  let flat: FlatSchema = { keywords: value, pointer, nullable: false };
  if (isObject(schema) && pointer !== undefined) {
    // Draft 2019-09 gives a meaning to the siblings of a $ref: a title or a default of this one use.
    const { $ref: _, ...siblings } = schema;
    if (Object.keys(siblings).length > 0) flat = { ...flat, keywords: merge(siblings, value) };
  }
  for (const part of getList(flat.keywords, "allOf")) {
    const { allOf: _, ...own } = flat.keywords;
    const base = fold(part, references, inside);
    flat = {
      keywords: merge(own, base.keywords),
      // An allOf around one reference is that component, with a description of its own.
      pointer: flat.pointer ?? base.pointer,
      nullable: flat.nullable || base.nullable,
    };
  }
  for (const key of ["anyOf", "oneOf"]) {
    const variants = getList(flat.keywords, key);
    const others = variants.filter((variant) => !isNull(variant));
    if (others.length === variants.length || others.length === 0) continue;
    const { [key]: _, ...own } = flat.keywords;
    if (others.length > 1) {
      flat = { ...flat, keywords: { ...own, [key]: others }, nullable: true };
    } else {
      const only = fold(others[0], references, inside);
      flat = { keywords: merge(own, only.keywords), pointer: flat.pointer ?? only.pointer, nullable: true };
    }
  }
  return flat;
}

function isNull(schema: Json): boolean {
  return isObject(schema) && getText(schema, "type") === "null";
}

/** Both hold; where both speak of the same thing, the outer one, written for this use, is shown. */
function merge(outer: JsonObject, inner: JsonObject): JsonObject {
  const merged: { [key: string]: Json } = { ...inner, ...outer };
  if (isObject(get(outer, "properties")) && isObject(get(inner, "properties"))) {
    merged["properties"] = { ...getObject(inner, "properties"), ...getObject(outer, "properties") };
  }
  const required = [...getList(inner, "required"), ...getList(outer, "required")];
  if (required.length > 0) merged["required"] = [...new Set(required)];
  return merged;
}

/** What there is to say about a schema, its children still unread. */
export function viewSchema(schema: Json | undefined, references: References): SchemaView {
  const flat = flatten(schema, references);
  const { keywords } = flat;
  const items = get(keywords, "items");
  // An array of objects opens into the object at once: one click less, and the label says "array of".
  const item = isObject(items) ? flatten(items, references) : undefined;
  const itemChildren = item === undefined ? [] : children(item.keywords, references);
  const constant = get(keywords, "const");
  const defaultValue = get(keywords, "default");
  return {
    label: label(flat, references, 0),
    pointer: itemChildren.length > 0 ? item?.pointer : flat.pointer,
    title: getText(keywords, "title"),
    description: getText(keywords, "description"),
    facts: [
      ...facts(keywords),
      ...(item !== undefined && itemChildren.length === 0 ? facts(item.keywords).map((fact) => `each ${fact}`) : []),
    ],
    choices: constant === undefined ? enumeration(keywords, item) : [],
    defaultValue: defaultValue === undefined ? undefined : JSON.stringify(defaultValue),
    examples: [...getList(keywords, "examples"), ...definite(get(keywords, "example"))].map((value) => JSON.stringify(value)),
    deprecated: get(keywords, "deprecated") === true || get(keywords, "x-deprecated") === true,
    children: itemChildren.length > 0 ? itemChildren : children(keywords, references),
  };
}

function enumeration(keywords: JsonObject, item: FlatSchema | undefined): readonly string[] {
  const own = getList(keywords, "enum");
  const values = own.length > 0 || item === undefined ? own : getList(item.keywords, "enum");
  return values.map((value) => JSON.stringify(value));
}

/** Labels look this deep into arrays of arrays; deeper ones are told by their children. */
const LABEL_DEPTH = 3;

function label(flat: FlatSchema, references: References, depth: number): string {
  const bare = bareLabel(flat, references, depth);
  return flat.nullable && bare !== "null" ? `${bare} or null` : bare;
}

function bareLabel({ keywords, pointer }: FlatSchema, references: References, depth: number): string {
  const constant = get(keywords, "const");
  if (constant !== undefined) return JSON.stringify(constant);
  if (isObject(get(keywords, "not")) && Object.keys(getObject(keywords, "not")).length === 0) return "nothing";
  const variants = variantsOf(keywords);
  if (variants.length > 0) {
    const name = pointer === undefined ? undefined : shortName(pointerName(pointer));
    if (name !== undefined) return name;
    if (variants.length > 4 || depth >= LABEL_DEPTH) return `one of ${variants.length}`;
    const labels = variants.map((variant) => label(flatten(variant, references), references, depth + 1));
    return [...new Set(labels)].join(" or ");
  }
  const types = typesOf(keywords);
  if (types.length === 1 && types[0] === "array") {
    const items = get(keywords, "items");
    if (!isObject(items) || depth >= LABEL_DEPTH) return Array.isArray(items) ? "tuple" : "array";
    return `array of ${label(flatten(items, references), references, depth + 1)}`;
  }
  if (types.length === 1 && types[0] === "object") {
    if (pointer !== undefined) return shortName(pointerName(pointer));
    const values = get(keywords, "additionalProperties");
    const named = Object.keys(getObject(keywords, "properties")).length > 0;
    if (!named && isObject(values) && depth < LABEL_DEPTH) {
      return `map of ${label(flatten(values, references), references, depth + 1)}`;
    }
    return "object";
  }
  if (types.length > 0) return types.join(" or ");
  if (getList(keywords, "enum").length > 0) return "one of";
  return pointer === undefined ? "anything" : shortName(pointerName(pointer));
}

/** `PostPayload` for `chat.messages.PostPayload`: the module is told where there is room for it. */
export function shortName(name: string): string {
  return /^(?:[A-Za-z_]\w*\.)+([A-Za-z_].*)$/.exec(name)?.[1] ?? name;
}

function variantsOf(keywords: JsonObject): readonly Json[] {
  const oneOf = getList(keywords, "oneOf");
  return oneOf.length > 0 ? oneOf : getList(keywords, "anyOf");
}

/** The declared types, or the one that the keywords imply. */
export function typesOf(keywords: JsonObject): readonly string[] {
  const type = get(keywords, "type");
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.filter((name) => typeof name === "string");
  if (isObject(get(keywords, "properties")) || isObject(get(keywords, "additionalProperties"))) return ["object"];
  if (get(keywords, "items") !== undefined) return ["array"];
  return [];
}

function children(keywords: JsonObject, references: References): readonly SchemaChild[] {
  const required = new Set(getList(keywords, "required"));
  const found: SchemaChild[] = [];
  for (const [name, schema] of Object.entries(getObject(keywords, "properties"))) {
    found.push({ name, role: "property", required: required.has(name), schema });
  }
  for (const [pattern, schema] of Object.entries(getObject(keywords, "patternProperties"))) {
    found.push({ name: pattern, role: "pattern", required: false, schema });
  }
  const values = get(keywords, "additionalProperties");
  if (isObject(values)) found.push({ name: "any other key", role: "values", required: false, schema: values });
  const names = get(keywords, "propertyNames");
  if (isObject(names)) found.push({ name: "each key", role: "values", required: false, schema: names });
  found.push(...itemsOf(keywords));
  const variants = variantsOf(keywords);
  const variantNames = namesOfVariants(variants, keywords, references);
  variants.forEach((schema, index) => {
    found.push({ name: variantNames[index] ?? "", role: "variant", required: false, schema });
  });
  for (const [keyword, name] of CONDITIONS) {
    const schema = get(keywords, keyword);
    if (isObject(schema) && Object.keys(schema).length > 0) found.push({ name, role: "condition", required: false, schema });
  }
  return found;
}

const CONDITIONS: readonly (readonly [string, string])[] = [
  ["if", "if it is"],
  ["then", "then also"],
  ["else", "otherwise also"],
  ["not", "but not"],
];

function itemsOf(keywords: JsonObject): readonly SchemaChild[] {
  const found: SchemaChild[] = [];
  const add = (name: string, schema: Json | undefined): void => {
    if (isObject(schema)) found.push({ name, role: "item", required: false, schema });
  };
  const items = get(keywords, "items");
  // Draft 07 writes a tuple as a list of schemas and its tail as additionalItems, 2020-12 as prefixItems and items.
  const tuple = Array.isArray(items) ? items : getList(keywords, "prefixItems");
  tuple.forEach((schema, index) => add(`item ${index + 1}`, schema));
  if (tuple.length > 0) add("every further item", Array.isArray(items) ? get(keywords, "additionalItems") : items);
  else if (isObject(items) && !isPlain(items)) add("each item", items);
  add("at least one item", get(keywords, "contains"));
  return found;
}

/** What tells the variants of a union apart: the value of the key that each of them fixes, else their names. */
function namesOfVariants(variants: readonly Json[], keywords: JsonObject, references: References): readonly string[] {
  if (variants.length === 0) return [];
  const flat = variants.map((variant) => flatten(variant, references));
  const key = discriminatorOf(keywords, flat, references);
  return flat.map((variant) => {
    const value = key === undefined ? undefined : fixedValue(variant.keywords, key, references);
    if (value !== undefined) return `${key} ${value}`;
    if (variant.pointer !== undefined) return shortName(pointerName(variant.pointer));
    return getText(variant.keywords, "title") ?? label(variant, references, 0);
  });
}

function discriminatorOf(
  keywords: JsonObject,
  variants: readonly FlatSchema[],
  references: References,
): string | undefined {
  // A text in AsyncAPI, an object in OpenAPI, from which schemas are taken over.
  const declared = getText(keywords, "discriminator") ?? getText(getObject(keywords, "discriminator"), "propertyName");
  if (declared !== undefined) return declared;
  const candidates = Object.keys(getObject(variants[0]?.keywords ?? {}, "properties"));
  return candidates.find((name) => {
    const values = variants.map(({ keywords: own }) => fixedValue(own, name, references));
    return !values.includes(undefined) && new Set(values).size === values.length;
  });
}

function fixedValue(keywords: JsonObject, name: string, references: References): string | undefined {
  const property = get(getObject(keywords, "properties"), name);
  if (property === undefined) return undefined;
  const { keywords: own } = flatten(property, references);
  const values = getList(own, "enum");
  const fixed = get(own, "const") ?? (values.length === 1 ? values[0] : undefined);
  return fixed === undefined ? undefined : JSON.stringify(fixed);
}

/** Nothing to open: a type and perhaps constraints, which the parent's line tells already. */
function isPlain(schema: Json): boolean {
  const openers = ["$ref", "allOf", "anyOf", "oneOf", "properties", "patternProperties", "items", "description"];
  return isObject(schema) && !openers.some((key) => get(schema, key) !== undefined);
}

type Fact = (value: number) => string;

function count(noun: string): (word: string) => Fact {
  return (word) => (value) => `${word} ${value} ${noun}${value === 1 ? "" : "s"}`;
}

const [character, element, key] = [count("character"), count("item"), count("key")];

const NUMERIC_FACTS: readonly (readonly [string, Fact])[] = [
  ["minLength", character("at least")],
  ["maxLength", character("at most")],
  ["minimum", (value) => `≥ ${value}`],
  ["exclusiveMinimum", (value) => `> ${value}`],
  ["maximum", (value) => `≤ ${value}`],
  ["exclusiveMaximum", (value) => `< ${value}`],
  ["multipleOf", (value) => `multiple of ${value}`],
  ["minItems", element("at least")],
  ["maxItems", element("at most")],
  ["minProperties", key("at least")],
  ["maxProperties", key("at most")],
];

function facts(keywords: JsonObject): readonly string[] {
  const found: string[] = [];
  const format = getText(keywords, "format");
  if (format !== undefined) found.push(format);
  for (const [keyword, fact] of NUMERIC_FACTS) {
    const value = getNumber(keywords, keyword);
    if (value !== undefined) found.push(fact(value));
  }
  const pattern = getText(keywords, "pattern");
  if (pattern !== undefined) found.push(`matches ${pattern}`);
  if (get(keywords, "uniqueItems") === true) found.push("no item twice");
  if (get(keywords, "additionalProperties") === false) found.push("no other keys");
  for (const keyword of ["contentEncoding", "contentMediaType"]) {
    const value = getText(keywords, keyword);
    if (value !== undefined) found.push(value);
  }
  if (get(keywords, "readOnly") === true) found.push("read only");
  if (get(keywords, "writeOnly") === true) found.push("write only");
  return found;
}

function definite<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
