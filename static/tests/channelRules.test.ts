import { expect, test } from "vitest";
import { channelRules } from "../src/channelRules.ts";
import { readDocument } from "../src/read.ts";
import type { Json } from "../src/json.ts";
import { changed, chatDocument } from "./fixtures.ts";

function rulesOf(document: Json) {
  const api = readDocument(document);
  return channelRules(api, api.channels[0]!);
}

test("a channel that tells nothing of these is one without", () => {
  expect(rulesOf(chatDocument)).toMatchObject({ keys: ["action", "payload"], authenticates: false, pings: false, resumes: false });
});

test("close codes come with what they are under daphne; a word that nobody knows leaves it to the runtime", () => {
  const codes = [
    { code: 1009, daphne: 4009, retry: "no" },
    { code: 4429, daphne: 4429, retry: "after_retry_after" },
    { code: 4401, retry: "after_token_refresh" },
    { code: 1012, retry: "backoff" },
    { code: 4500, retry: "constructor" },
    { code: 4501 },
  ];
  expect(rulesOf(changed("x-close-codes", codes)).closeCodes).toEqual({
    1009: "no",
    4009: "no",
    4429: "wait",
    4401: "refresh",
    1012: "backoff",
  });
});

test("what the channel says decides whether it authenticates, pings and resumes", () => {
  const message = (action: string): Json => ({ payload: { type: "object", properties: { action: { const: action } } } });
  const reference = { $ref: "#/channels/c" };
  const document = {
    asyncapi: "3.1.0",
    channels: {
      c: {
        address: "/c",
        "x-resume": { supported: true },
        messages: { Ping: message("ping"), Authentication: message("authentication") },
      },
    },
    operations: {
      ask: { action: "receive", channel: reference, messages: [{ $ref: "#/channels/c/messages/Ping" }] },
      tell: { action: "send", channel: reference, messages: [{ $ref: "#/channels/c/messages/Authentication" }] },
    },
  };
  expect(rulesOf(document)).toMatchObject({ authenticates: true, pings: true, resumes: true });
});
