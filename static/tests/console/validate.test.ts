import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { formatProblem } from "../../src/console/formats.ts";
import { pathInWords } from "../../src/console/path.ts";
import { accepts, validate } from "../../src/console/validate.ts";
import type { Json, JsonObject } from "../../src/json.ts";
import { References } from "../../src/references.ts";

const none = new References({});

/** `path: message`, as a person reads it. */
function told(value: Json, schema: Json, root: JsonObject = {}): string[] {
  return validate(value, schema, new References(root)).map(({ path, message }) => `${pathInWords(path)}: ${message}`);
}

describe("what a person reads", () => {
  test.each<[Json, Json, string[]]>([
    ["x", { type: "integer" }, [": Must be a whole number"]],
    [1.5, { type: ["integer", "null"] }, [": Must be a whole number or null"]],
    [3, { const: "a" }, [': Must be "a"']],
    ["z", { enum: ["a", "b", null] }, [': Must be "a", "b" or null']],
    [0, { minimum: 1 }, [": Must be 1 or more"]],
    [5, { exclusiveMaximum: 5 }, [": Must be less than 5"]],
    [0.35, { multipleOf: 0.1 }, [": Must be a multiple of 0.1"]],
    ["", { minLength: 1 }, [": Needs at least 1 character"]],
    ["😀😀", { maxLength: 1 }, [": Takes at most 1 character, this has 2"]],
    ["b", { pattern: "^a" }, [": Must match ^a"]],
    ["tomorrow", { format: "date" }, [": Must be a date such as 2030-01-31"]],
    [{}, { required: ["text"] }, ["text: Is required"]],
    [{ a: 1 }, { properties: {}, additionalProperties: false }, ["a: Is not a key that is known here"]],
    [[1, 2, 1], { uniqueItems: true }, ["[2]: Stands here twice"]],
    [[1, "x"], { items: { type: "integer" } }, ["[1]: Must be a whole number"]],
    [[1, 2], { items: [{}], additionalItems: false }, ["[1]: Is one item too many"]],
    [[1, 2], { prefixItems: [{}], items: false }, ["[1]: Is one item too many"]],
    [1e300, { multipleOf: 0.5 }, []],
    [1, false, [": Nothing is allowed here"]],
  ])("%j against %j", (value, schema, problems) => {
    expect(told(value, schema)).toEqual(problems);
  });

  const shapes: Json = {
    discriminator: "kind",
    oneOf: [
      { properties: { kind: { const: "circle" }, radius: { type: "number" } }, required: ["kind", "radius"] },
      { properties: { kind: { const: "square" }, side: { type: "number" } }, required: ["kind", "side"] },
    ],
  };

  test("of a union, what is wrong with the variant that was meant", () => {
    expect(told({ kind: "square", side: "2" }, shapes)).toEqual(["side: Must be a number"]);
    expect(told({ kind: "oval" }, shapes)).toEqual(['kind: Must be "circle" or "square"']);
    expect(told({}, shapes)).toEqual(["kind: Is required"]);
    expect(told({ a: { text: 1 } }, { properties: { a: { anyOf: [{ type: "null" }, { properties: { text: { type: "string" } }, type: "object" }] } } })).toEqual([
      "a.text: Must be a text",
    ]);
    expect(told(true, { anyOf: [{ type: "string" }, { type: "integer" }] })).toEqual([": Must be string or integer"]);
  });

  test("no more than fifty", () => {
    expect(validate(Array<Json>(1_000).fill("x"), { items: { type: "integer" } }, none)).toHaveLength(50);
  });
});

describe("safe on", () => {
  test("schemas that refer to themselves", () => {
    const root = { a: { allOf: [{ $ref: "#/a" }] }, b: { $ref: "#/b" }, c: { items: { $ref: "#/c" }, type: "array" } };
    expect(told(1, { $ref: "#/a" }, root)).toEqual([]);
    expect(told(1, { $ref: "#/b" }, root)).toEqual([]);
    expect(told([[[]], [1]], { $ref: "#/c" }, root)).toEqual(["[1][0]: Must be a list"]);
  });

  test("names that every object has", () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2}') as Json;
    expect(told(value, { additionalProperties: false })).toHaveLength(2);
    expect(told({}, { required: ["constructor"] })).toEqual(["constructor: Is required"]);
  });

  test("patterns that this browser cannot read", () => {
    expect(told("x", { pattern: "(?P<name>a)" })).toEqual([]);
  });
});

test.each([
  ["2030-02-29", "date", false],
  ["2028-02-29", "date", true],
  ["2030-01-31T24:00:00Z", "date-time", false],
  ["2030-01-31 12:00:00.123456", "date-time", true],
  ["P1Y2M", "duration", true],
  ["P", "duration", false],
  ["123e4567e89b42d3a456426614174000", "uuid", true],
  ["256.1.1.1", "ipv4", false],
  ["no", "email", false],
  ["anything", "of the service's own", true],
])("%s as %s: %s", (text, format, good) => {
  expect(formatProblem(text, format) === undefined).toBe(good);
});

describe("the same verdict as Ajv", () => {
  const ajv = new Ajv({ strict: false, logger: false });
  formats["default"](ajv);
  const POOL: readonly Json[] = [
    null, true, false, 0, 1, -1, 1.5, 2, 10, "", "a", "ab", "abc", "1", "😀", [], [1], [1, 2], [1, 1], ["a"], [[1]], [null, "a", 2],
    {}, { a: 1 }, { a: "x" }, { b: 1 }, { a: 1, b: 2 }, { a: { a: 1 } }, { a: [] }, { a: null, b: null, c: null }, { ab: 1, x_1: 2 },
  ];
  const SCHEMAS: readonly Json[] = [
    true, false, {}, { type: "integer" }, { type: ["string", "null"] }, { enum: [1, "a", [1], { a: 1 }, null] }, { const: { a: 1 } }, { const: [1, 1] },
    { minimum: 1 }, { maximum: 1 }, { exclusiveMinimum: 1 }, { exclusiveMaximum: 1 }, { multipleOf: 0.5 }, { multipleOf: 3 },
    { minLength: 2 }, { maxLength: 1 }, { pattern: "^a" }, { minItems: 2 }, { maxItems: 1 }, { uniqueItems: true },
    { items: { type: "integer" } }, { items: [{ type: "integer" }] }, { items: [{ type: "integer" }], additionalItems: false },
    { items: [{}, { type: "string" }], additionalItems: { type: "integer" } }, { contains: { const: 1 } },
    { properties: { a: { type: "integer" } } }, { properties: { a: {} }, additionalProperties: false }, { required: ["a", "b"] },
    { patternProperties: { "^a": { type: "integer" } }, additionalProperties: false }, { additionalProperties: { type: "integer" } },
    { propertyNames: { maxLength: 1 } }, { minProperties: 1 }, { maxProperties: 1 }, { dependencies: { a: ["b"] } },
    { dependencies: { a: { required: ["b"] } } }, { allOf: [{ type: "object" }, { required: ["a"] }] },
    { anyOf: [{ type: "string" }, { minimum: 1 }] }, { oneOf: [{ type: "integer" }, { minimum: 2 }] }, { not: { type: "object" } },
    { if: { type: "object" }, then: { required: ["a"] }, else: { type: "array" } },
    { type: "object", properties: { a: { anyOf: [{ type: "integer" }, { type: "null" }] } }, required: ["a"] },
  ];
  test.each(SCHEMAS.map((schema) => [JSON.stringify(schema), schema]))("%s", (_, schema) => {
    const verdict = ajv.compile(schema as object);
    for (const value of POOL) expect([value, accepts(value, schema, none)]).toEqual([value, verdict(value)]);
  });

  const document = JSON.parse(readFileSync(new URL("../../../tests/golden/asyncapi.json", import.meta.url), "utf8")) as {
    components: { messages: Record<string, { payload: JsonObject; examples?: { payload: Json }[] }> };
  };
  const references = new References(document as unknown as JsonObject);
  test.each(Object.keys(document.components.messages))("on examples of the demo and what becomes of them: %s", (key) => {
    const { payload, examples = [] } = document.components.messages[key]!;
    const verdict = ajv.compile({ ...payload, components: document.components });
    expect(examples.length).toBeGreaterThan(0);
    for (const value of examples.flatMap((example) => [example.payload, ...spoiled(example.payload)])) {
      expect([value, accepts(value, payload, references)]).toEqual([value, verdict(value)]);
    }
  });
});

/** The value with each of its parts exchanged for others, or left out. */
function spoiled(value: Json): Json[] {
  const others: Json[] = [null, "x", -1, 0.5, true, [], {}];
  if (Array.isArray(value)) return [...others, ...value.flatMap((item: Json, at) => spoiled(item).map((bad): Json => value.map((other: Json, index) => (index === at ? bad : other))))];
  if (typeof value !== "object" || value === null) return others;
  return [
    ...others,
    { ...value, another: 1 },
    ...Object.entries(value).flatMap(([name, inner]) => {
      const { [name]: _, ...rest } = value as JsonObject;
      return [rest, ...spoiled(inner).map((bad) => ({ ...value, [name]: bad }))];
    }),
  ];
}
