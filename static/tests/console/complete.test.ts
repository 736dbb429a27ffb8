import { describe, expect, test } from "vitest";
import { propose } from "../../src/console/complete.ts";
import { placeOf } from "../../src/console/cursor.ts";
import { readDocument } from "../../src/read.ts";
import { References } from "../../src/references.ts";
import { chatDocument } from "../fixtures.ts";

/** Where the bar stands. */
function place(text: string) {
  const at = text.indexOf("|");
  return placeOf(text.replace("|", ""), at);
}

describe("where the cursor is", () => {
  test.each<[string, string, (string | number)[]]>([
    ["{|}", "key", []],
    ['{"a": 1, |}', "key", []],
    ['{"te|', "key", []],
    ['{"a": |}', "value", ["a"]],
    ['{"a": "x|"}', "value", ["a"]],
    ['{"a": {"b": |, "c": 1}}', "value", ["a", "b"]],
    ['{"a": [1, |]}', "value", ["a", 1]],
    ['{"a": [|, 2, 3]}', "value", ["a", 0]],
    ['{"a": [{"b": 1}, {|', "key", ["a", 1]],
    ['{"a": tr|', "value", ["a"]],
  ])("%s: a %s", (text, wants, path) => {
    expect(place(text)?.cursor).toMatchObject({ wants, path });
  });

  test.each(['{"a"| : 1}', '{"a": 1| }x', '{"a": "x"|}', "{} |", "|"])("%s: nowhere", (text) => {
    if (text === '{"a": 1| }x') expect(place(text)).toMatchObject({ from: 6, to: 7 });
    else expect(place(text)).toBeUndefined();
  });

  test("the keys before and behind it, but not the one that is being written", () => {
    expect(place('{"a": 1, "b|": 2, "c": {"d": 3}}')).toMatchObject({ cursor: { present: ["a", "c"] }, from: 9, to: 12, hasColon: true });
  });
});

describe("what is proposed", () => {
  const api = readDocument(chatDocument);
  const [message] = api.channels[0]!.sends[0]!.messages;
  const labels = (text: string) => {
    const found = place(text);
    return found === undefined ? [] : propose(message!.payload, found.cursor, api.references).map(({ label }) => label);
  };

  test("keys that are not there yet, required ones first", () => {
    expect(labels("{|}")).toEqual(["action", "payload"]);
    expect(labels('{"action": "new_chat", |}')).toEqual(["payload"]);
    expect(labels('{"payload": {|}}')).toEqual(["text", "parent"]);
    expect(labels('{"payload": {"parent": {"parent": {|')).toEqual(["text", "parent"]);
  });

  test("values: the constant, null where it is allowed", () => {
    expect(labels('{"action": |}')).toEqual(['"new_chat"']);
    expect(labels('{"payload": {"parent": |}}')).toContain("null");
  });

  test("a key comes with a first value", () => {
    const found = propose(message!.payload, place("{|}")!.cursor, api.references);
    expect(found[1]).toMatchObject({ text: '"payload"', value: '{"text":"text"}' });
  });

  test("of a union, the keys of the variant that stands there", () => {
    const schema = {
      oneOf: [
        { properties: { kind: { const: "cat" }, lives: { type: "integer" } } },
        { properties: { kind: { const: "dog" }, barks: { type: "boolean" } } },
      ],
    };
    const keys = (text: string) => propose(schema, place(text)!.cursor, new References({})).map(({ label }) => label);
    expect(keys('{"kind": "dog", |}')).toEqual(["barks"]);
    expect(keys("{|}")).toEqual(["kind", "lives", "barks"]);
    expect(keys('{"kind": |}')).toEqual(['"cat"', '"dog"']);
    expect(keys('{"barks": |}')).toEqual(["true", "false"]);
  });
});
