import { expect, test } from "vitest";
import { applyTheme, type Memory, nextTheme, rememberedTheme, rememberTheme } from "../src/theme.ts";

function memory(start?: string): () => Memory {
  const values = new Map(start === undefined ? [] : [["chanx.theme", start]]);
  return () => ({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  });
}

const blocked = (): Memory => {
  throw new Error("SecurityError");
};

test("the reader's choice counts before that of the project", () => {
  expect(rememberedTheme(memory("dark"), "light")).toBe("dark");
  expect(rememberedTheme(memory(), "light")).toBe("light");
  expect(rememberedTheme(memory(), undefined)).toBe("system");
  expect(rememberedTheme(memory("nonsense"), "nonsense")).toBe("system");
});

test("a choice is remembered", () => {
  const place = memory();
  rememberTheme(place, "dark");
  expect(rememberedTheme(place, undefined)).toBe("dark");
});

test("a browser that remembers nothing shows the page all the same", () => {
  expect(() => rememberTheme(blocked, "dark")).not.toThrow();
  expect(rememberedTheme(blocked, "light")).toBe("light");
});

test("from one to the next, and round", () => {
  expect([nextTheme("system"), nextTheme("light"), nextTheme("dark")]).toEqual(["light", "dark", "system"]);
});

test("it stands where the stylesheet looks", () => {
  const root = { dataset: {} as DOMStringMap };
  applyTheme(root, "dark");
  expect(root.dataset["theme"]).toBe("dark");
});
