import { describe, expect, test } from "vitest";
import { DocumentError } from "../src/document.ts";
import { readDocument } from "../src/read.ts";
import { changed, chatDocument } from "./fixtures.ts";

const read = readDocument(chatDocument);
const chat = read.channels[0]!;

describe("the whole", () => {
  test("info, servers and schemes", () => {
    expect([read.title, read.version, read.description, read.asyncapi]).toEqual(["Demo", "1.2.3", "A demo.", "3.1.0"]);
    expect(read.servers.map(({ host, pathname }) => host + pathname)).toEqual(["example.com/live", "other.example.com"]);
    expect(read.securitySchemes).toEqual([
      {
        name: "token",
        type: "http",
        description: undefined,
        carrier: "http bearer",
        asSubprotocol: true,
        prefix: "Bearer",
        place: "header",
        key: "Authorization",
      },
    ]);
    expect(read.references.broken).toEqual([]);
  });

  test("close codes and envelope", () => {
    expect(read.closeCodes[0]).toEqual({
      code: 1001,
      daphne: 4001,
      name: "going away",
      meaning: "The server stops.",
      retry: "yes",
    });
    expect(read.envelope).toEqual({ actionKey: "action", payloadKey: "payload", idKey: "id", replyToKey: "reply_to" });
  });

  test("a service that renamed its action key", () => {
    const document = readDocument({
      ...changed("x-envelope", { actionKey: "kind" }),
      channels: { c: { address: "/c", messages: { m: { payload: { properties: { kind: { const: "hello" } } } } } } },
      operations: { o: { action: "receive", channel: { $ref: "#/channels/c" } } },
    });
    expect(document.channels[0]?.sends[0]?.messages[0]?.name).toBe("hello");
    expect(document.envelope.idKey).toBeUndefined();
  });
});

describe("a channel", () => {
  test("what the server receives is what the reader sends", () => {
    expect(chat.sends.map(({ name }) => name)).toEqual(["post"]);
    expect(chat.sends[0]?.messages.map(({ key, name, summary }) => [key, name, summary])).toEqual([
      ["new_chat", "new_chat", "A new text."],
    ]);
    expect(chat.receives.map(({ name }) => name)).toEqual(["broadcast"]);
  });

  test("replies stand with their operation, and once among what is received", () => {
    expect(chat.sends[0]?.replies.map(({ name }) => name)).toEqual(["posted", "error"]);
    expect(chat.incoming.map(({ key }) => key)).toEqual(["posted", "error"]);
  });

  test("an operation without a list of messages uses all of its channel", () => {
    expect(read.channels[1]?.receives[0]?.messages.map(({ name }) => name)).toEqual(["item"]);
  });

  test("parameters with their types, choices and first values", () => {
    expect(chat.parameters).toEqual([
      { name: "room", description: "Which room.", choices: [], initial: "7", type: "integer", schema: { type: "integer" } },
      { name: "side", description: undefined, choices: ["left", "right"], initial: "right", type: undefined, schema: undefined },
    ]);
    expect(chat.query.map(({ name, type, initial, required }) => [name, type, initial, required])).toEqual([
      ["since", "date-time", "", false],
      ["kind", "string", "b & c", true],
    ]);
  });

  test("permissions as names or as objects; security of its own servers only", () => {
    expect(chat.permissions).toEqual([
      { name: "IsAuthenticated", description: undefined },
      { name: "IsMember", description: "Only members." },
    ]);
    expect(chat.servers.map(({ name }) => name)).toEqual(["main"]);
    expect(chat.security.map(({ name }) => name)).toEqual(["token"]);
    expect(read.channels[1]?.servers).toHaveLength(2);
  });
});

describe("what is no document", () => {
  test.each([
    [null, "not a JSON object"],
    [[], "not a JSON object"],
    [{}, "no key “asyncapi”"],
    [{ asyncapi: "2.6.0" }, "AsyncAPI 2.6.0"],
  ])("%j", (json, text) => {
    expect(() => readDocument(json)).toThrow(DocumentError);
    expect(() => readDocument(json)).toThrow(text);
  });

  test("wrong types are left out, never thrown", () => {
    const json = { asyncapi: "3.1.0", info: 1, servers: [], channels: { a: null, b: { messages: 3 } }, operations: { o: [] } };
    const document = readDocument(json);
    expect(document.title).toBe("WebSocket API");
    expect(document.channels.map(({ name, address, sends }) => [name, address, sends])).toEqual([
      ["a", undefined, []],
      ["b", undefined, []],
    ]);
  });

  test("a reference that leads nowhere is reported, and the rest is read", () => {
    const document = readDocument(
      changed("operations", {
        post: { action: "receive", channel: { $ref: "#/channels/chat" }, messages: [{ $ref: "#/channels/chat/messages/gone" }] },
      }),
    );
    expect(document.channels[0]?.sends[0]?.messages[0]?.name).toBe("gone");
    expect(document.references.broken).toEqual(["#/channels/chat/messages/gone"]);
  });
});
