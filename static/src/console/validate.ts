/**
 * A JSON value against a JSON Schema of the document: draft 07, and the keywords of 2019-09 and 2020-12 that generators
 * write beside it. It interprets: the page's policy has no `unsafe-eval`, so no schema becomes code.
 */

import { get, getList, getNumber, getObject, getText, isObject, type Json, type JsonObject } from "../json.ts";
import type { References } from "../references.ts";
import { viewSchema } from "../schema.ts";
import { formatProblem } from "./formats.ts";
import type { Path } from "./path.ts";

/** One thing that is wrong with a value, in words for the person who wrote it. */
export interface Problem {
  readonly path: Path;
  /** Of the schema, the one that is not satisfied. */
  readonly keyword: string;
  readonly message: string;
}

/** So many are told; whoever has more than that looks at the schema. */
const MAX_PROBLEMS = 50;
/** References that lead nowhere new end here, as does a value that is nested deeper than anybody reads. */
const MAX_DEPTH = 200;

/** Everything that is wrong with the value, at most 50 things; empty when the schema accepts it. */
export function validate(value: Json, schema: Json | undefined, references: References): readonly Problem[] {
  const check = new Check(references);
  check.value(value, schema, [], 0);
  return check.problems;
}

/** Whether the schema accepts the value. */
export function accepts(value: Json, schema: Json | undefined, references: References): boolean {
  return validate(value, schema, references).length === 0;
}

class Check {
  readonly problems: Problem[] = [];
  readonly #references: References;

  constructor(references: References) {
    this.#references = references;
  }

  value(value: Json, given: Json | undefined, path: Path, depth: number): void {
    if (depth > MAX_DEPTH || this.problems.length >= MAX_PROBLEMS) return;
    const { value: schema, pointer } = this.#references.resolve(given);
    if (schema === false) return this.#problem(path, "false", "Nothing is allowed here");
    if (!isObject(schema)) return;
    // Draft 07 ignores what stands beside a $ref; 2019-09 and pydantic mean it.
    if (pointer !== undefined && isObject(given) && Object.keys(given).length > 1) {
      const { $ref: _, ...siblings } = given;
      this.value(value, siblings, path, depth + 1);
    }
    if (!this.#type(value, schema, path)) return;
    this.#fixed(value, schema, path);
    if (typeof value === "number") this.#number(value, schema, path);
    else if (typeof value === "string") this.#text(value, schema, path);
    else if (Array.isArray(value)) this.#array(value, schema, path, depth);
    else if (isObject(value)) this.#object(value, schema, path, depth);
    this.#combined(value, schema, path, depth);
  }

  #problem(path: Path, keyword: string, message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ path, keyword, message });
  }

  #fits(value: Json, schema: Json, depth: number): boolean {
    return this.#problemsOf(value, schema, [], depth).length === 0;
  }

  #problemsOf(value: Json, schema: Json, path: Path, depth: number): readonly Problem[] {
    const inner = new Check(this.#references);
    inner.value(value, schema, path, depth + 1);
    return inner.problems;
  }

  #type(value: Json, schema: JsonObject, path: Path): boolean {
    const declared = get(schema, "type");
    const types = typeof declared === "string" ? [declared] : Array.isArray(declared) ? declared : [];
    if (types.length === 0 || types.some((type: Json) => isOfType(value, type))) return true;
    const words = types.map((type: Json) => TYPE_WORDS[String(type)] ?? String(type));
    this.#problem(path, "type", `Must be ${words.join(" or ")}`);
    return false;
  }

  #fixed(value: Json, schema: JsonObject, path: Path): void {
    const constant = get(schema, "const");
    if (constant !== undefined && !equal(constant, value)) this.#problem(path, "const", `Must be ${JSON.stringify(constant)}`);
    const choices = get(schema, "enum");
    if (Array.isArray(choices) && !choices.some((choice: Json) => equal(choice, value))) {
      this.#problem(path, "enum", `Must be ${listed(choices.map((choice: Json) => JSON.stringify(choice)))}`);
    }
  }

  #number(value: number, schema: JsonObject, path: Path): void {
    const [minimum, maximum] = [getNumber(schema, "minimum"), getNumber(schema, "maximum")];
    const [above, below] = [getNumber(schema, "exclusiveMinimum"), getNumber(schema, "exclusiveMaximum")];
    if (minimum !== undefined && value < minimum) this.#problem(path, "minimum", `Must be ${minimum} or more`);
    if (maximum !== undefined && value > maximum) this.#problem(path, "maximum", `Must be ${maximum} or less`);
    if (above !== undefined && value <= above) this.#problem(path, "exclusiveMinimum", `Must be more than ${above}`);
    if (below !== undefined && value >= below) this.#problem(path, "exclusiveMaximum", `Must be less than ${below}`);
    const step = getNumber(schema, "multipleOf");
    if (step !== undefined && step > 0 && !isMultiple(value, step)) {
      this.#problem(path, "multipleOf", `Must be a multiple of ${step}`);
    }
  }

  #text(value: string, schema: JsonObject, path: Path): void {
    const [least, most] = [getNumber(schema, "minLength"), getNumber(schema, "maxLength")];
    if (least !== undefined || most !== undefined) {
      // Characters are code points, not UTF-16 units.
      const length = [...value].length;
      if (least !== undefined && length < least) {
        this.#problem(path, "minLength", `Needs at least ${count(least, "character")}`);
      }
      if (most !== undefined && length > most) {
        this.#problem(path, "maxLength", `Takes at most ${count(most, "character")}, this has ${length}`);
      }
    }
    const pattern = getText(schema, "pattern");
    const expression = pattern === undefined ? undefined : expressionOf(pattern);
    if (expression !== undefined && !expression.test(value)) {
      this.#problem(path, "pattern", `Must match ${pattern}`);
    }
    const format = getText(schema, "format");
    const wanted = format === undefined ? undefined : formatProblem(value, format);
    if (wanted !== undefined) this.#problem(path, "format", `Must be ${wanted}`);
  }

  #array(value: readonly Json[], schema: JsonObject, path: Path, depth: number): void {
    const [least, most] = [getNumber(schema, "minItems"), getNumber(schema, "maxItems")];
    if (least !== undefined && value.length < least) {
      this.#problem(path, "minItems", `Needs at least ${count(least, "item")}`);
    }
    if (most !== undefined && value.length > most) {
      this.#problem(path, "maxItems", `Takes at most ${count(most, "item")}, this has ${value.length}`);
    }
    if (get(schema, "uniqueItems") === true) {
      const twice = firstRepeated(value);
      if (twice !== undefined) this.#problem([...path, twice], "uniqueItems", "Stands here twice");
    }
    // Draft 07 writes a tuple as a list of items and its tail as additionalItems; 2020-12 as prefixItems and items.
    const { first, rest } = itemSchemas(schema);
    for (const [index, item] of value.entries()) {
      if (this.problems.length >= MAX_PROBLEMS) return;
      const itemSchema = index < first.length ? first[index] : rest;
      if (itemSchema === false) this.#problem([...path, index], "items", "Is one item too many");
      else if (itemSchema !== undefined) this.value(item, itemSchema, [...path, index], depth + 1);
    }
    const wanted = get(schema, "contains");
    if (wanted !== undefined && !value.some((item) => this.#fits(item, wanted, depth))) {
      this.#problem(path, "contains", "No item is of the kind that must be among them");
    }
  }

  #object(value: JsonObject, schema: JsonObject, path: Path, depth: number): void {
    for (const name of getList(schema, "required")) {
      if (typeof name === "string" && !Object.hasOwn(value, name)) {
        this.#problem([...path, name], "required", "Is required");
      }
    }
    const names = Object.keys(value);
    const [least, most] = [getNumber(schema, "minProperties"), getNumber(schema, "maxProperties")];
    if (least !== undefined && names.length < least) {
      this.#problem(path, "minProperties", `Needs at least ${count(least, "key")}`);
    }
    if (most !== undefined && names.length > most) {
      this.#problem(path, "maxProperties", `Takes at most ${count(most, "key")}`);
    }
    const properties = getObject(schema, "properties");
    const patterns = Object.entries(getObject(schema, "patternProperties")).map(
      ([pattern, inner]) => [expressionOf(pattern), inner] as const,
    );
    const others = get(schema, "additionalProperties");
    const namesSchema = get(schema, "propertyNames");
    for (const name of names) {
      if (this.problems.length >= MAX_PROBLEMS) return;
      const member = get(value, name) ?? null;
      const at = [...path, name];
      const own = get(properties, name);
      const matching = patterns.filter(([expression]) => expression?.test(name) === true);
      if (own !== undefined) this.value(member, own, at, depth + 1);
      for (const [, inner] of matching) this.value(member, inner, at, depth + 1);
      if (own === undefined && matching.length === 0 && others !== undefined) {
        if (others === false) this.#problem(at, "additionalProperties", "Is not a key that is known here");
        else this.value(member, others, at, depth + 1);
      }
      if (namesSchema !== undefined && !this.#fits(name, namesSchema, depth)) {
        this.#problem(at, "propertyNames", "Has a name that is not allowed here");
      }
    }
    this.#dependencies(value, schema, path, depth);
  }

  #dependencies(value: JsonObject, schema: JsonObject, path: Path, depth: number): void {
    for (const keyword of ["dependencies", "dependentRequired", "dependentSchemas"]) {
      for (const [name, wanted] of Object.entries(getObject(schema, keyword))) {
        if (!Object.hasOwn(value, name)) continue;
        if (!Array.isArray(wanted)) {
          this.value(value, wanted, path, depth + 1);
          continue;
        }
        for (const other of wanted as readonly Json[]) {
          if (typeof other === "string" && !Object.hasOwn(value, other)) {
            this.#problem([...path, other], keyword, `Is required beside ${name}`);
          }
        }
      }
    }
  }

  #combined(value: Json, schema: JsonObject, path: Path, depth: number): void {
    for (const part of getList(schema, "allOf")) this.value(value, part, path, depth + 1);
    const any = get(schema, "anyOf");
    if (Array.isArray(any)) this.#oneAtLeast(value, any, schema, path, depth);
    const one = get(schema, "oneOf");
    if (Array.isArray(one)) {
      const fitting = one.filter((variant: Json) => this.#fits(value, variant, depth)).length;
      if (fitting === 0) this.#oneAtLeast(value, one, schema, path, depth);
      else if (fitting > 1) this.#problem(path, "oneOf", `Fits ${fitting} of the alternatives, and must fit only one`);
    }
    const not = get(schema, "not");
    if (not !== undefined && this.#fits(value, not, depth)) this.#problem(path, "not", "Is what is not allowed here");
    const condition = get(schema, "if");
    if (condition !== undefined) {
      const branch = get(schema, this.#fits(value, condition, depth) ? "then" : "else");
      if (branch !== undefined) this.value(value, branch, path, depth + 1);
    }
  }

  /** Of several alternatives none fits: the problems of the one that was meant, when that can be told. */
  #oneAtLeast(value: Json, variants: readonly Json[], schema: JsonObject, path: Path, depth: number): void {
    const found = variants.map((variant) => this.#problemsOf(value, variant, path, depth));
    if (found.some((problems) => problems.length === 0)) return;
    const key = getText(schema, "discriminator");
    const meant = found.filter((problems) => !problems.some((problem) => decides(problem, path, key)));
    // Of "X or null", what is no null was meant to be X.
    const [first, ...others] = found.filter((_, index) => !this.#isNull(variants[index]));
    if (first !== undefined && others.length === 0) meant.splice(0, meant.length, first);
    if (meant.length === 1) {
      for (const { path: at, keyword, message } of meant[0] ?? []) this.#problem(at, keyword, message);
      return;
    }
    if (key !== undefined && meant.length === 0 && isObject(value)) {
      const names = variants.flatMap((variant) => this.#constantsOf(variant, key));
      if (Object.hasOwn(value, key)) this.#problem([...path, key], "enum", `Must be ${listed(names)}`);
      else this.#problem([...path, key], "required", "Is required");
      return;
    }
    const labels = variants.map((variant) => viewSchema(variant, this.#references).label);
    this.#problem(path, "anyOf", `Must be ${listed([...new Set(labels)])}`);
  }

  #isNull(variant: Json | undefined): boolean {
    return get(this.#references.object(variant), "type") === "null";
  }

  #constantsOf(variant: Json, key: string): readonly string[] {
    const schema = this.#references.object(variant);
    const property = this.#references.object(get(getObject(schema, "properties"), key));
    const constant = get(property, "const");
    const values = constant === undefined ? getList(property, "enum") : [constant];
    return values.map((choice) => JSON.stringify(choice));
  }
}

/** A problem that rules an alternative out: another type of value, or another constant in it. */
function decides({ path, keyword }: Problem, outer: Path, discriminator: string | undefined): boolean {
  if (path.length === outer.length) return keyword === "type" || keyword === "const" || keyword === "enum";
  if (path.length > outer.length + 1) return false;
  return discriminator === undefined ? keyword === "const" : path.at(-1) === discriminator;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

function isOfType(value: Json, type: Json): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** The schemas of the first items, and that of all others. */
export function itemSchemas(schema: JsonObject): { readonly first: readonly Json[]; readonly rest: Json | undefined } {
  const prefix = get(schema, "prefixItems");
  if (Array.isArray(prefix)) return { first: prefix, rest: get(schema, "items") };
  const items = get(schema, "items");
  if (Array.isArray(items)) return { first: items, rest: get(schema, "additionalItems") };
  return { first: [], rest: items };
}

/** Deep equality as JSON has it: keys in any order. */
export function equal(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item: Json, index) => equal(item, right[index] as Json));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && equal(left[name] as Json, right[name] as Json));
}

/** The index of the first item that stands before already. */
function firstRepeated(items: readonly Json[]): number | undefined {
  const scalars = new Set<Json>();
  const others: Json[] = [];
  for (const [index, item] of items.entries()) {
    if (typeof item !== "object" || item === null) {
      if (scalars.has(item)) return index;
      scalars.add(item);
    } else {
      if (others.some((other) => equal(other, item))) return index;
      others.push(item);
    }
  }
  return undefined;
}

/** With a tolerance: 0.3 is a multiple of 0.1, whatever binary fractions say. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  if (!Number.isFinite(quotient)) return Number.isInteger(value) && Number.isInteger(1 / step);
  return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
}

const expressions = new Map<string, RegExp | undefined>();

/** `undefined` for a pattern that this browser cannot read: then nothing is held against it. */
function expressionOf(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) {
    let expression: RegExp | undefined;
    for (const flags of ["u", ""]) {
      try {
        expression ??= new RegExp(pattern, flags);
      } catch {
        // Python's syntax knows more; the server will judge.
      }
    }
    expressions.set(pattern, expression);
  }
  return expressions.get(pattern);
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? "" : "s"}`;
}

/** Longer lists are cut: a message stands beside a field. */
const LISTED = 12;

function listed(texts: readonly string[]): string {
  if (texts.length > LISTED) return `one of ${texts.slice(0, LISTED).join(", ")} and ${texts.length - LISTED} more`;
  if (texts.length <= 1) return texts.join("");
  return `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}
