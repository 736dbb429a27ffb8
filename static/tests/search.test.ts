import { expect, test } from "vitest";
import { readDocument } from "../src/read.ts";
import { SearchIndex } from "../src/search.ts";
import { chatDocument } from "./fixtures.ts";

const index = new SearchIndex(readDocument(chatDocument));
const found = (words: string): string[] => index.search(words).map(({ kind, title }) => `${kind} ${title}`);

test("channels, messages, operations and schemas, each with its link", () => {
  expect(index.search("news").map(({ kind, href }) => [kind, href])).toContainEqual(["channel", "#/channels/news"]);
  expect(index.search("new_chat").map(({ kind, href }) => [kind, href])).toContainEqual(["sent", "#/channels/chat/new_chat"]);
  expect(index.search("broadcast").map(({ kind, href }) => [kind, href])).toContainEqual(["operation", "#/operations/broadcast"]);
  expect(index.search("Text").map(({ kind, href }) => [kind, href])).toContainEqual(["schema", "#/schemas/Text"]);
});

test("what is named so comes before what only mentions it", () => {
  expect(found("posted")[0]).toBe("received posted");
  expect(found("post")[0]).toBe("operation post");
  expect(found("chat").slice(0, 2)).toEqual(["channel /ws/chat/{room}/{side}", "sent new_chat"]);
});

test("every word counts, in any order, whatever its case", () => {
  expect(found("NEW chat")[0]).toBe("sent new_chat");
  expect(found("chat new")[0]).toBe("sent new_chat");
  expect(found("chat nowhere")).toEqual([]);
});

test("first letters and letters in between are enough", () => {
  expect(found("nwcht")[0]).toBe("sent new_chat");
  expect(found("ewcht")).toEqual([]);
});

test("descriptions count for what nothing is named after", () => {
  expect(found("something")[0]).toBe("operation post");
});

test("no words find nothing, and many finds are cut", () => {
  expect(found("  ")).toEqual([]);
  expect(index.search("e", 2)).toHaveLength(2);
});
