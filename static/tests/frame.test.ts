import { describe, expect, test } from "vitest";
import { factsOf, withId } from "../src/frame.ts";
import { parseJson } from "../src/json.ts";

const envelope = { actionKey: "action", payloadKey: "payload", idKey: "id", replyToKey: "reply_to" };

const read = (text: string, keys: Parameters<typeof factsOf>[1]) => factsOf(parseJson(text), keys);

describe("reading", () => {
  test("name and correlation", () => {
    expect(read('{"action":"posted","reply_to":7,"id":"x"}', envelope)).toEqual({
      name: "posted",
      id: "x",
      replyTo: "7",
      isError: false,
    });
  });

  test("keys that the service renamed", () => {
    const camel = { actionKey: "kind", payloadKey: "data", idKey: "id", replyToKey: "replyTo" };
    expect(read('{"kind":"authentication","data":{"statusCode":403},"replyTo":"1"}', camel)).toEqual({
      name: "authentication",
      id: undefined,
      replyTo: "1",
      isError: true,
    });
  });

  test.each([
    ['{"action":"error","payload":[]}', true],
    ['{"action":"authentication","payload":{"status_code":401}}', true],
    ['{"action":"authentication","payload":{"status_code":200}}', false],
    ['{"action":"other","payload":{"status_code":500}}', false],
  ])("%s is an error: %s", (text, expected) => expect(read(text, envelope).isError).toBe(expected));

  test.each(["", "no json", "[]", "3", '{"action":1}'])("%s has no name", (text) => {
    expect(read(text, envelope).name).toBeUndefined();
  });
});

describe("an id of our own", () => {
  test("goes in front, and the rest stays as it was written", () => {
    expect(withId('{\n  "action": "ping", "n": 1.0 }', "id", "1")).toBe('{"id": "1", \n  "action": "ping", "n": 1.0 }');
    expect(withId("{}", "id", "1")).toBe('{"id": "1"}');
  });

  test.each(['{"id":"mine"}', "[1]", "no json", '"{}"'])("%s stays as it is", (text) => {
    expect(withId(text, "id", "1")).toBe(text);
  });
});
