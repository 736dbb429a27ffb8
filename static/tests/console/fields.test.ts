import { describe, expect, test } from "vitest";
import { fieldOf } from "../../src/console/fields.ts";
import type { Json } from "../../src/json.ts";
import { References } from "../../src/references.ts";

const references = new References({
  node: { title: "Node", type: "object", properties: { next: { anyOf: [{ $ref: "#/node" }, { type: "null" }] } } },
});
const field = (schema: Json, value?: Json) => fieldOf(schema, value, references);

test.each<[Json, object]>([
  [{ const: "a" }, { control: "constant", value: "a" }],
  [{ enum: ["only"] }, { control: "constant", value: "only" }],
  [{ enum: ["a", 1, null] }, { control: "choice", choices: ["a", 1, null] }],
  [{ type: "boolean" }, { control: "boolean" }],
  [{ type: "integer" }, { control: "number", whole: true }],
  [{ type: "number" }, { control: "number", whole: false }],
  [{ type: "string", maxLength: 20 }, { control: "text", long: false }],
  [{ type: "string", maxLength: 2000 }, { control: "text", long: true }],
  [{ type: "string", format: "uuid", maxLength: 2000 }, { control: "text", long: false, format: "uuid" }],
  [{ type: "null" }, { control: "constant", value: null }],
  [{ type: "array", items: { type: "string" }, maxItems: 3 }, { control: "array", first: [], rest: { type: "string" }, most: 3 }],
  [{ type: "array", items: [{}], additionalItems: false }, { control: "array", first: [{}], rest: false }],
  [{ type: "object", additionalProperties: { type: "integer" } }, { control: "object", properties: [], others: { type: "integer" } }],
  [{ type: "object" }, { control: "object", others: true }],
  [{ type: "object", properties: { a: {} } }, { control: "object", others: undefined }],
  [{}, { control: "json" }],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, { control: "text", nullable: true }],
  [{ type: ["string", "null"] }, { control: "text", nullable: true }],
])("%j", (schema, expected) => {
  expect(field(schema)).toMatchObject(expected);
});

describe("a union", () => {
  const pet: Json = {
    discriminator: "kind",
    oneOf: [
      { type: "object", title: "A cat", properties: { kind: { const: "cat" }, lives: { type: "integer" } }, required: ["kind"] },
      { type: "object", properties: { kind: { const: "dog" } }, required: ["kind"] },
    ],
  };

  test("is called after what tells its variants apart", () => {
    expect(field(pet)).toMatchObject({ control: "union", chosen: 0, variants: [{ label: "cat" }, { label: "dog" }] });
  });

  test("shows the variant that the value is, or was meant to be", () => {
    expect(field(pet, { kind: "dog" })).toMatchObject({ chosen: 1 });
    expect(field(pet, { kind: "cat", lives: "nine" })).toMatchObject({ chosen: 0 });
    expect(field({ anyOf: [{ type: "string", minLength: 5 }, { type: "integer", minimum: 5 }] }, 1)).toMatchObject({ chosen: 1 });
  });

  test("of types is one of a variant for each", () => {
    expect(field({ type: ["string", "integer"] }, 3)).toMatchObject({
      control: "union",
      chosen: 1,
      variants: [{ label: "string" }, { label: "integer" }],
    });
  });
});

test("a recursive schema is one level at a time", () => {
  expect(field({ $ref: "#/node" })).toMatchObject({
    control: "object",
    title: "Node",
    properties: [{ name: "next", required: false }],
  });
});
