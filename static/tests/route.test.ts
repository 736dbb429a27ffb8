import { expect, test } from "vitest";
import { channelHref, messageHref, OVERVIEW_HREF, parseRoute } from "../src/route.ts";

test("links lead back to what they were made from", () => {
  expect(parseRoute(channelHref("a/b ü%"))).toEqual({ channel: "a/b ü%", message: undefined });
  expect(parseRoute(messageHref("chat", "x/y"))).toEqual({ channel: "chat", message: "x/y" });
  expect(parseRoute(OVERVIEW_HREF).channel).toBeUndefined();
});

test("anything else is the overview", () => {
  for (const hash of ["", "#", "#/elsewhere/x", "#/channels"]) expect(parseRoute(hash).channel).toBeUndefined();
});

test("a broken escape is taken as written", () => {
  expect(parseRoute("#/channels/%E0%A4%A").channel).toBe("%E0%A4%A");
});
