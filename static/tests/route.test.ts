import { expect, test } from "vitest";
import { channelHref, messageHref, operationHref, OVERVIEW_HREF, parseRoute, schemaHref, SCHEMAS_HREF, sectionHref } from "../src/route.ts";

test("links lead back to what they were made from", () => {
  expect(parseRoute(channelHref("a/b ü%?"))).toEqual({ page: "channel", channel: "a/b ü%?", message: undefined, query: "" });
  expect(parseRoute(messageHref("chat", "x/y"))).toEqual({ page: "channel", channel: "chat", message: "x/y", query: "" });
  expect(parseRoute(operationHref("a.b/c"))).toEqual({ page: "operation", operation: "a.b/c", query: "" });
  expect(parseRoute(schemaHref("m.Page[T]"))).toEqual({ page: "schema", schema: "m.Page[T]" });
  expect(parseRoute(SCHEMAS_HREF)).toEqual({ page: "schemas" });
  expect(parseRoute(sectionHref("close-codes"))).toEqual({ page: "overview", section: "close-codes" });
  expect(parseRoute(OVERVIEW_HREF)).toEqual({ page: "overview", section: undefined });
});

test("what stands behind a question mark is for the console", () => {
  expect(parseRoute("#/channels/chat?message=x&payload=%7B%7D?")).toMatchObject({ channel: "chat", query: "message=x&payload=%7B%7D?" });
});

test("anything else is the overview", () => {
  for (const hash of ["", "#", "#/elsewhere/x", "#/channels"]) expect(parseRoute(hash)).toEqual({ page: "overview", section: undefined });
});

test("a broken escape is taken as written", () => {
  expect(parseRoute("#/channels/%E0%A4%A")).toMatchObject({ channel: "%E0%A4%A" });
});
