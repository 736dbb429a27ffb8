import { expect, test } from "vitest";
import { pointerName, References } from "../src/references.ts";

const references = new References({
  a: { $ref: "#/b" },
  b: { value: 1 },
  list: [{ first: true }],
  "sl/ash": { "til~de": "found" },
  loop: { $ref: "#/pool" },
  pool: { $ref: "#/loop" },
});

test("follows a chain and tells the last pointer", () => {
  expect(references.resolve({ $ref: "#/a" })).toEqual({ value: { value: 1 }, pointer: "#/b" });
});

test("a value without a reference is itself", () => {
  expect(references.resolve("text")).toEqual({ value: "text", pointer: undefined });
});

test("reads escapes, percent signs and array positions", () => {
  expect(references.resolve({ $ref: "#/sl~1ash/til~0de" }).value).toBe("found");
  expect(references.resolve({ $ref: "#/sl%7E1ash/til~0de" }).value).toBe("found");
  expect(references.resolve({ $ref: "#/list/0" }).value).toEqual({ first: true });
  expect(pointerName("#/components/schemas/a~1b")).toBe("a/b");
});

test("a circle, a missing target, another document and an inherited name lead nowhere and are remembered", () => {
  const own = new References({ loop: { $ref: "#/loop" } });
  for (const pointer of ["#/loop", "#/missing/deep", "other.json#/a", "#/constructor"]) {
    expect(own.resolve({ $ref: pointer }).value).toBeUndefined();
  }
  expect(own.broken).toEqual(["#/loop", "#/missing/deep", "other.json#/a", "#/constructor"]);
});

test("a longer circle ends", () => {
  expect(references.resolve({ $ref: "#/loop" }).value).toBeUndefined();
});
