import { expect, test } from "vitest";
import { explainClose, retryInWords } from "../src/closeCodes.ts";
import { readDocument } from "../src/read.ts";
import { chatDocument } from "./fixtures.ts";

const { closeCodes } = readDocument(chatDocument);

test("the document's words, by either twin", () => {
  expect(explainClose(4401, closeCodes)).toEqual({ name: "not authenticated", meaning: "Who are you?", retry: "no" });
  expect(explainClose(4001, closeCodes)).toEqual(explainClose(1001, closeCodes));
  expect(explainClose(1001, closeCodes)?.meaning).toBe("The server stops.");
});

test("what chanx says of retrying, in words; what others say, as it is", () => {
  expect(retryInWords("after_token_refresh")).toBe("after a new token");
  expect(retryInWords("constructor")).toBe("constructor");
  expect(retryInWords(undefined)).toBeUndefined();
});

test("the protocol's words for what the document leaves out", () => {
  expect(explainClose(1006, closeCodes)?.meaning).toContain("origin");
  expect(explainClose(3999, closeCodes)).toBeUndefined();
});
