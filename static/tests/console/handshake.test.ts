import { describe, expect, test } from "vitest";
import { parameterProblem } from "../../src/console/handshakeCheck.ts";
import { formatPrefill, MAX_LINK_TEXT, parsePrefill } from "../../src/console/prefill.ts";
import { queryValue, secretParameters, withoutParameters, withQueryValue } from "../../src/console/query.ts";
import type { SecurityScheme } from "../../src/document.ts";
import type { Json } from "../../src/json.ts";
import { References } from "../../src/references.ts";

describe("a query is read and written part by part", () => {
  test.each([
    ["a=1&b=x%20y", "b", "x y"],
    ["a=1+2", "a", "1 2"],
    ["?flag", "flag", ""],
    ["a=%", "a", "%"],
    ["a=1", "b", undefined],
    ["a%20b=1", "a b", "1"],
  ])("%s has %s = %s", (query, name, value) => {
    expect(queryValue(query, name)).toBe(value);
  });

  test("one value changes in its place, the rest stays as it was written", () => {
    expect(withQueryValue("x=%7e&a=1&y", "a", "2 & 3")).toBe("x=%7e&a=2%20%26%203&y");
    expect(withQueryValue("x=1", "a", "2")).toBe("x=1&a=2");
    expect(withQueryValue("a=1&a=2&x=1", "a", undefined)).toBe("x=1");
  });

  test("what is a credential can be taken out", () => {
    expect(withoutParameters("a=1&key=secret&b=2", new Set(["key"]))).toBe("a=1&b=2");
  });
});

describe("a parameter is held against its schema", () => {
  const references = new References({ id: { type: "integer", minimum: 0 } });
  const problem = (schema: Json, text: string, choices: string[] = []) =>
    parameterProblem({ name: "p", description: undefined, choices, initial: "", type: undefined, schema }, text, references);

  test.each<[Json, string, string | undefined]>([
    [{ $ref: "#/id" }, "7", undefined],
    [{ $ref: "#/id" }, "-7", "Must be 0 or more"],
    [{ $ref: "#/id" }, "seven", "Must be a whole number"],
    [{ $ref: "#/id" }, "", undefined],
    [{ type: "string", format: "uuid" }, "7", "Must be a UUID such as 123e4567-e89b-42d3-a456-426614174000"],
    [{ type: "string" }, "7", undefined],
    [{ type: "boolean" }, "True", undefined],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "x", "Must be a whole number"],
    [{ type: "array", items: { type: "integer" } }, "3", undefined],
  ])("%j takes “%s”: %s", (schema, text, told) => {
    expect(problem(schema, text)).toBe(told);
  });

  test("choices", () => {
    expect(problem(true, "c", ["a", "b"])).toBe("Must be one of a, b");
  });
});

test("a parameter of the query may be a credential", () => {
  const scheme = (place: string, key: string): SecurityScheme => ({
    name: "s", type: "httpApiKey", description: undefined, carrier: "", place, key, asSubprotocol: false, prefix: undefined,
  });
  expect([...secretParameters([scheme("query", "t"), scheme("header", "h"), scheme("cookie", "c")])]).toEqual(["t"]);
});

describe("a link", () => {
  test("carries what it was given, whatever it is called", () => {
    const prefill = { parameters: new Map([["pk", "a b/ü+&"], ["empty", ""]]), query: "a=1&b=2", server: "main", message: "post", text: '{"a": "1 + 1"}\n' };
    const link = formatPrefill(prefill);
    expect(link).not.toContain("+");
    expect(parsePrefill(link.slice(1))).toEqual({ ...prefill, parameters: new Map([["pk", "a b/ü+&"]]) });
  });

  test("leaves out what would make it too long", () => {
    const text = "x".repeat(MAX_LINK_TEXT + 1);
    const link = formatPrefill({ parameters: new Map(), query: undefined, server: undefined, message: "m", text });
    expect(link).toBe("?message=m");
  });

  test("without anything is none", () => {
    expect(parsePrefill("")).toBeUndefined();
  });
});
