import { expect, test } from "vitest";
import { isForeign, safeHref } from "../src/links.ts";

test.each(["https://a.example/x?y#z", "http://a.example", "mailto:a@b.example", "/docs/", "#/schemas", "page.html", "//a.example/x"])(
  "%s may be followed",
  (href) => expect(safeHref(href)).toBe(href),
);

test.each([
  "javascript:alert(1)",
  "JAVASCRIPT:alert(1)",
  " \u0001javascript:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:https://a.example/1",
  "http://",
])("%j may not", (href) => expect(safeHref(href)).toBeUndefined());

test("another site is told apart from this one", () => {
  expect(["https://a.example", "//a.example", "mailto:x@y.example"].map(isForeign)).toEqual([true, true, true]);
  expect(["/docs/", "#/x", "page.html", "?a=b:c"].map(isForeign)).toEqual([false, false, false, false]);
});
