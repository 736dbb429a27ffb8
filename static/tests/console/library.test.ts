import { describe, expect, test } from "vitest";
import { Library } from "../../src/console/library.ts";
import { browserStorage, Keeper } from "../../src/console/storage.ts";
import { FakeStorage } from "../fixtures.ts";

const kept = (name: string, text = name, at = 0) => ({ name, text, message: undefined, at });
const names = (frames: readonly { name: string }[]) => frames.map(({ name }) => name);

describe("what was sent and saved", () => {
  test("is there again when the page is loaded again, for its channel", () => {
    const storage = new FakeStorage();
    const before = new Library(new Keeper(storage, "p:"));
    before.remember("chat", { ...kept("say", "{}"), message: "say" });
    before.save("chat", kept("mine"));
    const after = new Library(new Keeper(storage, "p:"));
    expect(after.history("chat")).toEqual([{ name: "say", text: "{}", message: "say", at: 0 }]);
    expect(names(after.saved("chat"))).toEqual(["mine"]);
    expect(after.history("other")).toEqual([]);
    expect(new Library(new Keeper(storage, "q:")).history("chat")).toEqual([]);
  });

  test("is bounded, newest first, each text once", () => {
    const library = new Library(new Keeper(new FakeStorage(), ""));
    for (let index = 0; index < 60; index += 1) library.remember("chat", kept(String(index)));
    library.remember("chat", kept("30"));
    expect(library.history("chat")).toHaveLength(50);
    expect(names(library.history("chat")).slice(0, 3)).toEqual(["30", "59", "58"]);
    library.remember("chat", kept("long", "x".repeat(5_000)));
    expect(names(library.history("chat"))).not.toContain("long");
    expect(library.save("chat", kept("long", "x".repeat(5_000)))).toBe(false);
  });

  test("a name is used once, and can be forgotten", () => {
    const library = new Library(new Keeper(new FakeStorage(), ""));
    for (const text of ["1", "2"]) expect(library.save("chat", kept("b", text))).toBe(true);
    library.save("chat", kept("a"));
    expect(library.saved("chat").map(({ name, text }) => [name, text])).toEqual([["a", "a"], ["b", "2"]]);
    library.forget("chat", "b");
    library.forgetHistory("chat");
    expect([names(library.saved("chat")), library.history("chat")]).toEqual([["a"], []]);
  });
});

describe("a browser that keeps nothing", () => {
  test("has a page that remembers while it is open", () => {
    const storage = new FakeStorage();
    storage.refuses = true;
    for (const given of [storage, undefined]) {
      const library = new Library(new Keeper(given, ""));
      library.remember("chat", kept("say"));
      expect(names(library.history("chat"))).toEqual(["say"]);
    }
  });

  test("may throw when it is only looked at", () => {
    const window = {
      get localStorage(): never {
        throw new DOMException("no", "SecurityError");
      },
    };
    expect(browserStorage(window)).toBeUndefined();
  });

  test.each(["no json", "null", "3", '[null, 3, {"name": 1}, {"name": "a"}]', '{"a": 1}'])("rubbish is nothing: %s", (text) => {
    const storage = new FakeStorage();
    storage.texts.set("history:chat", text);
    expect(new Library(new Keeper(storage, "")).history("chat")).toEqual([]);
  });
});
