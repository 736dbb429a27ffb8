/**
 * Checks at run time whether values are what their types say, and what types
 * cannot say: limits, lengths, patterns. No eval, so any Content Security
 * Policy allows it.
 */

// chanx:imports

/** One thing that is wrong with a value. */
export interface Problem {
  /** Keys and indices that lead to it. */
  readonly path: readonly (string | number)[];
  /** The keyword of JSON Schema that it does not fit. */
  readonly keyword: string;
}

type Schema = boolean | { readonly [keyword: string]: any };
type Path = readonly (string | number)[];

/** JSON Schemas by the names of their types, with references by name. */
const SCHEMAS: ReadonlyMap<string, string> = new Map([
  // What only people read of them is left out.
  // chanx:schemas
]);

const parsed = new Map<string, Schema>();
const expressions = new Map<string, RegExp>();

function schemaOf(type: string): Schema {
  let schema = parsed.get(type);
  if (schema === undefined) {
    const text = SCHEMAS.get(type);
    if (text === undefined) throw new Error(`No type is called "${type}"`);
    schema = JSON.parse(text) as Schema;
    parsed.set(type, schema);
  }
  return schema;
}

function matches(pattern: string, text: string): boolean {
  let expression = expressions.get(pattern);
  if (!expression) {
    expression = new RegExp(pattern, "u");
    expressions.set(pattern, expression);
  }
  return expression.test(text);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** Equal in JSON, whatever the order of keys. */
function same(one: any, other: any): boolean {
  if (one === other) return true;
  const type = typeOf(one);
  if (type !== typeOf(other) || (type !== "object" && type !== "array"))
    return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
  );
}

function isOfType(name: string, value: unknown): boolean {
  return name === "integer"
    ? Number.isInteger(value)
    : typeOf(value) === name &&
        (name !== "number" || Number.isFinite(value as number));
}

function fits(schema: Schema, value: unknown): boolean {
  return !check(schema, value, [], undefined);
}

/**
 * Whether something is wrong. With `found` everything is told that is; without
 * it, the first thing ends the search.
 */
function check(
  schema: Schema,
  value: any,
  path: Path,
  found: Problem[] | undefined,
): boolean {
  if (typeof schema === "boolean") {
    if (!schema) found?.push({ path, keyword: "false" });
    return !schema;
  }
  if (typeof schema["$ref"] === "string")
    return check(schemaOf(schema["$ref"]), value, path, found);
  const type = typeOf(value);
  let wrong = false;
  for (const keyword of Object.keys(schema)) {
    const before = found?.length;
    if (!violates(keyword, schema, value, type, path, found)) continue;
    wrong = true;
    // What is inside tells better what is wrong, where it has told.
    if (found?.length === before) found?.push({ path, keyword });
    if (!found) return true;
  }
  return wrong;
}

function violates(
  keyword: string,
  schema: { readonly [keyword: string]: any },
  value: any,
  type: string,
  path: Path,
  found: Problem[] | undefined,
): boolean {
  const wanted = schema[keyword];
  switch (keyword) {
    case "type":
      return ![wanted].flat().some((name: string) => isOfType(name, value));
    case "const":
      return !same(wanted, value);
    case "enum":
      return !wanted.some((each: unknown) => same(each, value));
    case "allOf":
      return some(wanted, (part: Schema) => check(part, value, path, found));
    case "anyOf":
      return !wanted.some((part: Schema) => fits(part, value));
    case "oneOf":
      return wanted.filter((part: Schema) => fits(part, value)).length !== 1;
    case "not":
      return fits(wanted, value);
    case "if": {
      const branch = schema[fits(wanted, value) ? "then" : "else"];
      return branch !== undefined && check(branch, value, path, found);
    }
  }
  switch (type) {
    case "number":
      return violatesNumber(keyword, wanted, value);
    case "string":
      return violatesText(keyword, wanted, value);
    case "array":
      return violatesArray(keyword, schema, value, path, found);
    case "object":
      return violatesObject(keyword, schema, value, path, found);
  }
  return false;
}

function violatesNumber(keyword: string, limit: any, value: number): boolean {
  switch (keyword) {
    case "minimum":
      return value < limit;
    case "maximum":
      return value > limit;
    case "exclusiveMinimum":
      return value <= limit;
    case "exclusiveMaximum":
      return value >= limit;
    case "multipleOf": {
      const quotient = value / limit;
      return Math.abs(quotient - Math.round(quotient)) > 1e-9;
    }
  }
  return false;
}

function violatesText(keyword: string, limit: any, value: string): boolean {
  switch (keyword) {
    case "minLength":
      return [...value].length < limit;
    case "maxLength":
      // In code points, of which none is longer than two units.
      return value.length > limit && [...value].length > limit;
    case "pattern":
      return !matches(limit, value);
  }
  return false;
}

function violatesArray(
  keyword: string,
  schema: { readonly [keyword: string]: any },
  value: readonly unknown[],
  path: Path,
  found: Problem[] | undefined,
): boolean {
  const wanted = schema[keyword];
  const { prefixItems, items } = schema;
  const first = prefixItems ?? (Array.isArray(items) ? items : []);
  switch (keyword) {
    case "prefixItems":
    case "items":
    case "additionalItems": {
      const named = Array.isArray(wanted);
      if (keyword === "additionalItems" && !Array.isArray(items)) return false;
      const from = named ? 0 : first.length;
      const to = named ? first.length : value.length;
      return some(value.slice(from, to), (item, index) =>
        check(
          named ? wanted[index] : wanted,
          item,
          [...path, from + index],
          found,
        ),
      );
    }
    case "minItems":
      return value.length < wanted;
    case "maxItems":
      return value.length > wanted;
    case "uniqueItems":
      return (
        wanted &&
        value.some((one, index) =>
          value.slice(0, index).some((other) => same(one, other)),
        )
      );
    case "contains":
      return !value.some((item) => fits(wanted, item));
  }
  return false;
}

function violatesObject(
  keyword: string,
  schema: { readonly [keyword: string]: any },
  value: { readonly [key: string]: unknown },
  path: Path,
  found: Problem[] | undefined,
): boolean {
  const wanted = schema[keyword];
  const keys = Object.keys(value);
  const inside = (part: Schema, key: string): boolean =>
    check(part, value[key], [...path, key], found);
  switch (keyword) {
    case "required":
      return some(wanted as string[], (key) => {
        const missing = !Object.hasOwn(value, key);
        if (missing) found?.push({ path: [...path, key], keyword });
        return missing;
      });
    case "properties":
      return some(
        keys,
        (key) => Object.hasOwn(wanted, key) && inside(wanted[key], key),
      );
    case "patternProperties":
      return some(Object.keys(wanted), (pattern) =>
        some(
          keys,
          (key) => matches(pattern, key) && inside(wanted[pattern], key),
        ),
      );
    case "additionalProperties": {
      const { properties = {}, patternProperties = {} } = schema;
      const others = keys.filter(
        (key) =>
          !Object.hasOwn(properties, key) &&
          !Object.keys(patternProperties).some((each) => matches(each, key)),
      );
      return some(others, (key) => inside(wanted, key));
    }
    case "propertyNames":
      return keys.some((key) => !fits(wanted, key));
    case "minProperties":
      return keys.length < wanted;
    case "maxProperties":
      return keys.length > wanted;
    case "dependencies":
      return some(
        Object.keys(wanted).filter((key) => Object.hasOwn(value, key)),
        (key) =>
          Array.isArray(wanted[key])
            ? wanted[key].some((other: string) => !Object.hasOwn(value, other))
            : check(wanted[key], value, path, found),
      );
  }
  return false;
}

/** As `some()` of an array, but for all of them, so that all is told. */
function some<T>(
  items: readonly T[],
  test: (item: T, index: number) => boolean,
): boolean {
  let result = false;
  items.forEach((item, index) => {
    if (test(item, index)) result = true;
  });
  return result;
}

function is(type: string, value: unknown): boolean {
  return fits(schemaOf(type), value);
}

/** What is wrong with a value of a type, by the type's name; empty if nothing. */
export function problems(type: string, value: unknown): Problem[] {
  const found: Problem[] = [];
  check(schemaOf(type), value, [], found);
  return found;
}
// chanx:validators
