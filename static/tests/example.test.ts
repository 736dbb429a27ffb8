import { describe, expect, test } from "vitest";
import { exampleFrame, exampleFromSchema } from "../src/example.ts";
import type { Json } from "../src/json.ts";
import { References } from "../src/references.ts";
import { chatDocument } from "./fixtures.ts";

const references = new References({
  ...chatDocument,
  Tree: {
    type: "object",
    required: ["value", "left", "branches"],
    properties: {
      value: { type: "integer" },
      left: { anyOf: [{ $ref: "#/Tree" }, { type: "null" }] },
      branches: { type: "array", items: { $ref: "#/Tree" } },
    },
  },
  Value: { oneOf: [{ type: "array", items: { $ref: "#/Value" } }, { $ref: "#/Value" }, { type: "string" }] },
  Endless: { type: "object", required: ["again"], properties: { again: { $ref: "#/Endless" } } },
});
const make = (schema: Json) => exampleFromSchema(schema, references);

test("the frame of a chat message: required parts, no null by default", () => {
  expect(make({ $ref: "#/components/schemas/NewChat" })).toEqual({ action: "new_chat", payload: { text: "text" } });
});

describe("what the schema says itself comes first", () => {
  test.each<[Json, Json]>([
    [{ const: null }, null],
    [{ const: false, examples: [true] }, false],
    [{ type: "string", examples: ["hello", "other"] }, "hello"],
    [{ type: "integer", default: 0 }, 0],
    [{ type: "string", default: "" }, ""],
    [{ enum: ["b", "a"] }, "b"],
    [{ type: "string", default: null }, "text"],
  ])("%j gives %j", (schema, expected) => expect(make(schema)).toEqual(expected));
});

describe("types", () => {
  test.each<[Json, Json]>([
    [{ type: "boolean" }, true],
    [{ type: "null" }, null],
    [{ type: ["null", "string"] }, "text"],
    [{}, null],
    [{ type: "string", minLength: 10 }, "text text "],
    [{ type: "string", maxLength: 2 }, "te"],
    [{ type: "string", format: "uuid" }, "123e4567-e89b-42d3-a456-426614174000"],
    [{ type: "string", format: "constructor" }, "text"],
    [{ type: "array", items: { type: "boolean" } }, [true]],
    [{ type: "array", items: { type: "boolean" }, maxItems: 0 }, []],
    [{ type: "array", items: [{ const: 1 }, { const: 2 }] }, [1, 2]],
    [{ type: "object", properties: { optional: { type: "boolean" } } }, { optional: true }],
    [{ anyOf: [{ type: "null" }, { type: "integer" }] }, 1],
  ])("%j gives %j", (schema, expected) => expect(make(schema)).toEqual(expected));
});

describe("numbers stay within their bounds", () => {
  test.each<[Json, number]>([
    [{ type: "integer" }, 1],
    [{ type: "integer", minimum: 5 }, 5],
    [{ type: "integer", exclusiveMinimum: 5 }, 6],
    [{ type: "integer", maximum: -3 }, -3],
    [{ type: "integer", exclusiveMaximum: 0 }, -1],
    [{ type: "integer", multipleOf: 7 }, 7],
    [{ type: "integer", minimum: 8, multipleOf: 7 }, 14],
    [{ type: "number", exclusiveMinimum: 0, maximum: 0.25 }, 0.125],
    [{ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 0.25 }, 0.125],
  ])("%j gives %j", (schema, expected) => expect(make(schema)).toBe(expected));
});

describe("recursion ends", () => {
  test("by null and by an empty list", () => {
    expect(make({ $ref: "#/Tree" })).toEqual({ value: 1, left: null, branches: [] });
  });

  test("by the variant that does not lead back", () => {
    expect(make({ $ref: "#/Value" })).toEqual([]);
  });

  test("by a cut, where no finite example exists", () => {
    expect(JSON.stringify(make({ $ref: "#/Endless" }))).toContain("null");
  });
});

describe("an example of a frame", () => {
  const schema = { type: "object", properties: { action: { const: "ask" }, id: { type: "string" } } };

  test("leaves the optional id of the envelope to the sender", () => {
    expect(exampleFrame(schema, references, "id")).toEqual({ action: "ask" });
  });

  test("keeps an id that the message requires", () => {
    expect(exampleFrame({ ...schema, required: ["id"] }, references, "id")).toEqual({ action: "ask", id: "text" });
  });

  test("keeps every key of a service without ids", () => {
    expect(exampleFrame(schema, references, undefined)).toEqual({ action: "ask", id: "text" });
  });
});
