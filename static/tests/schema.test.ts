import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../src/json.ts";
import { References } from "../src/references.ts";
import { shortName, viewSchema } from "../src/schema.ts";

const references = new References({
  components: {
    schemas: {
      Node: {
        type: "object",
        title: "Node",
        description: "A node.",
        required: ["value"],
        properties: {
          value: { type: "integer" },
          next: { $ref: "#/components/schemas/Node" },
          children: { type: "array", items: { $ref: "#/components/schemas/Node" } },
        },
      },
      Shape: { oneOf: [{ $ref: "#/components/schemas/Node" }, { type: "string" }] },
      Self: { allOf: [{ $ref: "#/components/schemas/Self" }] },
    },
  },
});
const view = (schema: Json) => viewSchema(schema, references);
const node = { $ref: "#/components/schemas/Node" };

describe("labels", () => {
  test.each<[Json, string]>([
    [{ type: "string" }, "string"],
    [{ type: ["string", "null"] }, "string or null"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string or null"],
    [{ anyOf: [{ type: "integer" }, { type: "string" }, { type: "null" }] }, "integer or string or null"],
    [{ const: "new_chat", type: "string" }, '"new_chat"'],
    [{ const: null }, "null"],
    [{ enum: [1, 2] }, "one of"],
    [node, "Node"],
    [{ allOf: [node], description: "This one." }, "Node"],
    [{ type: "array", items: node }, "array of Node"],
    [{ type: "array", items: { type: "array", items: { type: "number" } } }, "array of array of number"],
    [{ type: "object", additionalProperties: { type: "integer" } }, "map of integer"],
    [{ type: "array", items: [{ type: "string" }], additionalItems: false }, "tuple"],
    [{ $ref: "#/components/schemas/Shape" }, "Shape"],
    [{ oneOf: [node, { type: "string" }] }, "Node or string"],
    [{ oneOf: [1, 2, 3, 4, 5].map((value) => ({ const: value })) }, "one of 5"],
    [true, "anything"],
    [{}, "anything"],
    [false, "nothing"],
  ])("%j is %s", (schema, expected) => expect(view(schema).label).toBe(expected));
});

describe("facts", () => {
  test.each<[Json, readonly string[]]>([
    [{ type: "string", minLength: 1, maxLength: 200 }, ["at least 1 character", "at most 200 characters"]],
    [{ type: "string", format: "uuid", pattern: "^a" }, ["uuid", "matches ^a"]],
    [{ type: "integer", minimum: 0, exclusiveMaximum: 10, multipleOf: 5 }, ["≥ 0", "< 10", "multiple of 5"]],
    [{ type: "array", items: { type: "string", maxLength: 3 }, minItems: 1 }, ["at least 1 item", "each at most 3 characters"]],
    [{ type: "object", properties: {}, additionalProperties: false }, ["no other keys"]],
  ])("%j", (schema, expected) => expect(view(schema).facts).toEqual(expected));

  test("a default that is false, zero or null is a default, an absent one is none", () => {
    expect(view({ type: "boolean", default: false }).defaultValue).toBe("false");
    expect(view({ type: "integer", default: 0 }).defaultValue).toBe("0");
    expect(view({ default: null }).defaultValue).toBe("null");
    expect(view({ type: "integer" }).defaultValue).toBeUndefined();
  });

  test("enumerated values, also of the items of an array", () => {
    expect(view({ enum: ["a", 1, null] }).choices).toEqual(['"a"', "1", "null"]);
    expect(view({ type: "array", items: { enum: ["a"] } }).choices).toEqual(['"a"']);
  });
});

describe("children", () => {
  const names = (schema: Json) => view(schema).children.map(({ name, required }) => [name, required]);

  test("properties, with what is required", () => {
    expect(names(node)).toEqual([
      ["value", true],
      ["next", false],
      ["children", false],
    ]);
  });

  test("an array of objects opens into the object and is known as it", () => {
    expect(names({ type: "array", items: node })).toEqual(names(node));
    expect(view({ type: "array", items: node }).pointer).toBe("#/components/schemas/Node");
  });

  test("allOf is one object; what is said outside wins", () => {
    const merged = view({
      allOf: [node, { type: "object", required: ["extra"], properties: { extra: { type: "string" } } }],
      description: "Outer.",
    });
    expect(merged.children.map(({ name, required }) => [name, required])).toContainEqual(["extra", true]);
    expect(merged.children.map(({ name, required }) => [name, required])).toContainEqual(["value", true]);
    expect(merged.description).toBe("Outer.");
  });

  test("siblings of a reference count", () => {
    expect(view({ ...node, description: "Here." }).description).toBe("Here.");
    expect(view(node).description).toBe("A node.");
  });

  test("variants, maps, patterns and tuples", () => {
    expect(names({ oneOf: [node, { type: "string" }] })).toEqual([
      ["Node", false],
      ["string", false],
    ]);
    expect(names({ type: "object", additionalProperties: node })).toEqual([["any other key", false]]);
    expect(names({ patternProperties: { "^x-": {} } })).toEqual([["^x-", false]]);
    expect(names({ items: [{}, {}], additionalItems: { type: "string" } })).toEqual([
      ["item 1", false],
      ["item 2", false],
      ["every further item", false],
    ]);
  });

  test("a scalar or an array of scalars has nothing to open", () => {
    expect(names({ type: "string" })).toEqual([]);
    expect(names({ type: "array", items: { type: "string" } })).toEqual([]);
  });

  test("a property named like a method of objects is a property", () => {
    const schema = JSON.parse('{"properties": {"__proto__": {"type": "string"}, "constructor": {"type": "integer"}}}') as Json;
    expect(view(schema).children.map(({ name, schema: own }) => [name, view(own).label])).toEqual([
      ["__proto__", "string"],
      ["constructor", "integer"],
    ]);
  });
});

test("a schema that is only itself ends", () => {
  expect(view({ $ref: "#/components/schemas/Self" }).label).toBe("Self");
});

/** The names of the children. */
function childNames(schema: Json): readonly string[] {
  return view(schema).children.map(({ name }) => name);
}

describe("variants have the names of what tells them apart", () => {
  const kind = (value: string, extra: JsonObject = {}): JsonObject => ({
    type: "object",
    properties: { kind: { const: value }, same: { const: 1 }, ...extra },
  });

  test("a key that each of them fixes to another value", () => {
    expect(childNames({ oneOf: [kind("a"), kind("b")] })).toEqual(['kind "a"', 'kind "b"']);
    expect(childNames({ oneOf: [kind("a"), kind("a")] })).toEqual(["object", "object"]);
  });

  test("the declared discriminator, in AsyncAPI's form and in OpenAPI's", () => {
    const variants = [kind("a", { other: { enum: ["x"] } }), kind("b", { other: { enum: ["y"] } })];
    expect(childNames({ discriminator: "other", oneOf: variants })).toEqual(['other "x"', 'other "y"']);
    expect(childNames({ discriminator: { propertyName: "other" }, oneOf: variants })[0]).toBe('other "x"');
  });

  test("else their titles or their types", () => {
    expect(childNames({ anyOf: [{ title: "Short" }, { type: "integer" }] })).toEqual(["Short", "integer"]);
  });
});

test("conditions, exclusions and what an array contains", () => {
  const schema = { if: { required: ["a"] }, then: { required: ["b"] }, not: { const: 1 }, contains: { type: "string" }, propertyNames: { pattern: "^x" } };
  expect(childNames(schema)).toEqual(["each key", "at least one item", "if it is", "then also", "but not"]);
});

test("tuples of 2020-12", () => {
  expect(childNames({ prefixItems: [{}, {}], items: { type: "string" } })).toEqual(["item 1", "item 2", "every further item"]);
});

test("examples as JSON text", () => {
  expect(view({ type: "string", examples: ["a", null] }).examples).toEqual(['"a"', "null"]);
  expect(view({ type: "integer", example: 0 }).examples).toEqual(["0"]);
});

test.each([
  ["chat.messages.PostPayload", "PostPayload"],
  ["m.ReadPayload-sent", "ReadPayload-sent"],
  ["a.Page[b.Item]", "Page[b.Item]"],
  ["Plain", "Plain"],
  ["v1.2", "v1.2"],
  ["__proto__", "__proto__"],
])("the short name of %s is %s", (name, short) => expect(shortName(name)).toBe(short));
