import { describe, expect, test } from "vitest";
import { partAt, printTree, rangeOf, readTree, SyntaxProblem, type Tree, treeOf, valueOf, withName, withoutPart, withPart } from "../../src/console/tree.ts";

function tree(text: string): Tree {
  const read = readTree(text);
  if (read instanceof SyntaxProblem) throw new Error(read.message);
  return read;
}

describe("reading", () => {
  test.each(['{"a": [1, {"b": null}], "c": "\\u0041\\n😀"}', "3", "-0.5e-3", '""', "[]", " { } ", "[[[]]]", '{"__proto__": 1}'])("%s is what JSON.parse says", (text) => {
    expect(valueOf(tree(text))).toEqual(JSON.parse(text));
  });

  test.each([
    ["", "A value is missing", 0],
    ["{", 'A key in double quotes is missing', 1],
    ['{"a" 1}', "A colon is missing after the key", 5],
    ['{"a": }', "A value is missing", 6],
    ['{"a": 1 "b": 2}', "A comma or } is missing", 8],
    ['{"a": 1,}', "No comma may stand before }", 8],
    ["[1, 2", "] is missing", 5],
    ["[1] 2", "Nothing may follow the value", 4],
    ["{'a': 1}", 'Texts stand in double quotes: "', 1],
    ['"open', "The text is not closed", 0],
    ['"\\x"', "The text has a character or an escape that JSON does not know", 0],
    ["hello", "hello is no JSON; texts stand in double quotes", 0],
    ["01", "01 is no JSON; texts stand in double quotes", 0],
    ["NaN", "NaN is no JSON; texts stand in double quotes", 0],
  ])("%s is refused", (text, message, from) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    const read = readTree(text);
    expect(read).toBeInstanceOf(SyntaxProblem);
    expect(read).toMatchObject({ message, from });
  });

  test("depth has an end", () => {
    expect(readTree("[".repeat(100_000))).toMatchObject({ message: "Nested too deep" });
    expect(readTree(`${"[".repeat(400)}${"]".repeat(400)}`)).not.toBeInstanceOf(SyntaxProblem);
  });
});

describe("changing", () => {
  const text = '{"id": 12345678901234567890, "a": {"x": 1.0, "x": 2}, "list": [1, 2, 3]}';

  test("what is not touched stays as it was written: large numbers, 1.0, keys that stand twice", () => {
    expect(printTree(withPart(tree(text), ["list", 1], treeOf("new")))).toBe(
      '{\n  "id": 12345678901234567890,\n  "a": {\n    "x": 1.0,\n    "x": 2\n  },\n  "list": [\n    1,\n    "new",\n    3\n  ]\n}',
    );
  });

  test.each<[string, (given: Tree) => Tree, string]>([
    ["the last of two equal keys is the one that counts", (t) => withPart(t, ["a", "x"], treeOf(9)), '{"id":12345678901234567890,"a":{"x":1.0,"x":9},"list":[1,2,3]}'],
    ["a new key comes last", (t) => withPart(t, ["b"], treeOf({ c: [] })), '{"id":12345678901234567890,"a":{"x":1.0,"x":2},"list":[1,2,3],"b":{"c":[]}}'],
    ["a new item comes last", (t) => withPart(t, ["list", 3], treeOf(4)), '{"id":12345678901234567890,"a":{"x":1.0,"x":2},"list":[1,2,3,4]}'],
    ["without a parent nothing is added", (t) => withPart(t, ["no", "where"], treeOf(4)), '{"id":12345678901234567890,"a":{"x":1.0,"x":2},"list":[1,2,3]}'],
    ["an item goes", (t) => withoutPart(t, ["list", 0]), '{"id":12345678901234567890,"a":{"x":1.0,"x":2},"list":[2,3]}'],
    ["a key goes", (t) => withoutPart(t, ["a"]), '{"id":12345678901234567890,"list":[1,2,3]}'],
    ["a key is called otherwise", (t) => withName(t, ["list"], "l"), '{"id":12345678901234567890,"a":{"x":1.0,"x":2},"l":[1,2,3]}'],
    ["the whole is exchanged", (t) => withPart(t, [], treeOf(null)), "null"],
  ])("%s", (_, change, after) => {
    expect(printTree(change(tree(text))).replace(/\s/g, "")).toBe(after);
  });

  test("printing and reading lead back", () => {
    const printed = printTree(tree(text));
    expect(printTree(tree(printed))).toBe(printed);
  });
});

test("a problem is shown at the value, or at the object that lacks it", () => {
  const text = '{"a": {"b": "x"}}';
  const at = (path: (string | number)[]) => {
    const { from, to } = rangeOf(tree(text), path);
    return text.slice(from, to);
  };
  expect([at(["a", "b"]), at(["a", "missing"]), at([]), at(["none"])]).toEqual(['"x"', '{"b": "x"}', text, text]);
  expect(partAt(tree(text), ["a", 0])).toBeUndefined();
});
