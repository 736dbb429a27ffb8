import { describe, expect, test } from "vitest";
import { counter, Log, logAsText } from "../src/log.ts";

import { frame } from "./fixtures.ts";

describe("limits", () => {
  test("the oldest go and are counted; keys stay unique", () => {
    const log = new Log(10);
    for (let i = 0; i < 25; i++) log.append(frame(String(i)));
    expect(log.entries.length).toBeLessThanOrEqual(10);
    expect(log.entries.at(-1)?.text).toBe("24");
    expect(log.dropped + log.entries.length).toBe(25);
    expect(new Set(log.entries.map(({ key }) => key)).size).toBe(log.entries.length);
  });

  test("characters count too; the newest entry stays, however long", () => {
    const log = new Log(100, 50);
    for (let i = 0; i < 10; i++) log.append(frame("x".repeat(10)));
    expect(log.entries.length).toBeLessThanOrEqual(5);
    log.append(frame("y".repeat(1_000)));
    expect(log.entries.map(({ text }) => text[0])).toEqual(["y"]);
  });

  test("clearing forgets the count", () => {
    const log = new Log(1);
    log.append(frame("a"));
    log.append(frame("b"));
    log.clear();
    expect([log.entries, log.dropped]).toEqual([[], 0]);
  });
});

test("an entry is found by its key until it is let go, and what is known about it can change", () => {
  const log = new Log(10);
  const keys = Array.from({ length: 12 }, (_, index) => log.append(frame(String(index))));
  expect(log.find(keys[0]!)).toBeUndefined();
  expect(log.find(keys[11]!)?.text).toBe("11");
  const before = log.generation;
  log.amend(keys[0]!, { answer: { key: 1, delay: 2 } });
  expect(log.generation).toBe(before);
  log.amend(keys[11]!, { answer: { key: 1, delay: 2 } });
  expect(log.find(keys[11]!)).toMatchObject({ text: "11", answer: { key: 1, delay: 2 } });
  expect(log.generation).not.toBe(before);
});

test("logs that share a counter have one order", () => {
  const next = counter();
  const [left, right] = [new Log(9, 99, next), new Log(9, 99, next)];
  expect([left.append(frame("a")), right.append(frame("b")), left.append(frame("c"))]).toEqual([1, 2, 3]);
});

test("as text: a line for each entry", () => {
  const log = new Log();
  log.append(frame('{"a":\n1}', { at: Date.UTC(2030, 0, 2, 3, 4, 5, 6) }));
  log.append({ kind: "event", event: "closed", at: Date.UTC(2030, 0, 2), text: "Closed with 1000", code: 1000 });
  expect(logAsText(log.entries)).toBe(
    '2030-01-02T03:04:05.006Z\treceived\t{"a": 1}\n2030-01-02T00:00:00.000Z\tclosed\tClosed with 1000\n',
  );
});
