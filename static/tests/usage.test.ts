import { expect, test } from "vitest";
import { readDocument } from "../src/read.ts";
import { Usage } from "../src/usage.ts";
import { chatDocument } from "./fixtures.ts";

const document = readDocument(chatDocument);
const usage = new Usage(document);
const schema = (wanted: string) => document.schemas.find(({ name }) => name === wanted)!;

test("messages that hold a schema, directly or further down", () => {
  expect(usage.messages(schema("NewChat")).map(({ message }) => message.name)).toEqual(["new_chat"]);
  expect(usage.messages(schema("Text")).map(({ channel, message }) => [channel.name, message.name])).toEqual([
    ["chat", "new_chat"],
    ["chat", "posted"],
  ]);
});

test("schemas that mention one, which may mention itself", () => {
  expect(usage.schemas(schema("Text")).map(({ name }) => name)).toEqual(["NewChat", "Posted"]);
  expect(usage.schemas(schema("NewChat"))).toEqual([]);
});
