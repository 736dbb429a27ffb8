import { describe, expect, test } from "vitest";
import { layOut } from "../src/pretty.ts";

const text = (json: string) => layOut(json)?.map((token) => token.text).join("");

describe("layout", () => {
  test("what fits stays on one line", () => {
    expect(text('{"action":"go","payload":{"list":[1,2],"empty":{},"no":[]}}')).toBe(
      '{ "action": "go", "payload": { "list": [1, 2], "empty": {}, "no": [] } }',
    );
    expect(text('{"a":1}')).toBe('{ "a": 1 }');
    expect(text("[]")).toBe("[]");
    expect(text("{}")).toBe("{}");
    expect(text('  "x" ')).toBe('"x"');
  });

  test("what does not fit is indented, its parts that fit are not", () => {
    const long = "x".repeat(70);
    expect(text(`{"a":{"b":1},"long":"${long}"}`)).toBe(`{\n  "a": { "b": 1 },\n  "long": "${long}"\n}`);
  });

  test("long arrays are broken too", () => {
    const laidOut = text(JSON.stringify(Array.from({ length: 60 }, (_, i) => i)));
    expect(laidOut?.split("\n")).toHaveLength(62);
  });
});

describe("the text that travelled stays what it was", () => {
  test.each([
    "12345678901234567890",
    "1.0",
    "1e400",
    '{ "a": 1, "a": 2 }',
    '{ "2": 0, "1": 0 }',
    '"\\u0041\\"\\\\"',
    '"{[,:]} and \\" quotes"',
    "[true, false, null, -1.5e-3]",
  ])("%s", (json) => expect(text(json)).toBe(json));

  test("laid out, it is the same value", () => {
    const value = { list: Array.from({ length: 30 }, (_, i) => ({ index: i, text: `"${i}": {}` })) };
    expect(JSON.parse(text(JSON.stringify(value)) ?? "")).toEqual(value);
  });
});

test("kinds of tokens", () => {
  const kinds = layOut('{"a":["b",1,true]}')
    ?.filter(({ kind }) => kind !== "punctuation")
    .map(({ kind, text: part }) => [kind, part]);
  expect(kinds).toEqual([
    ["key", '"a"'],
    ["string", '"b"'],
    ["number", "1"],
    ["literal", "true"],
  ]);
});

test("what is not JSON, or nested beyond reading, is not laid out", () => {
  expect(layOut("{")).toBeUndefined();
  expect(layOut("")).toBeUndefined();
  expect(layOut("[".repeat(20_000) + "]".repeat(20_000))).toBeUndefined();
});
