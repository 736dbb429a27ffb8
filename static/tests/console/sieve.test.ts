import { describe, expect, test } from "vitest";
import { frameNames, isProblem, Sieve } from "../../src/console/sieve.ts";
import { counter, Log, type LogEntry } from "../../src/log.ts";
import { frame } from "../fixtures.ts";

const texts = (entries: readonly LogEntry[]) => entries.map(({ text }) => text);

describe("one log", () => {
  const log = new Log();
  log.append({ kind: "event", event: "open", at: 0, text: "Connected", code: undefined });
  log.append(frame("Hello", { direction: "sent", name: "say" }));
  log.append(frame("bad", { name: "said", verdict: { state: "undescribed" } }));
  log.append(frame("refused", { name: "error", isError: true }));
  log.append({ kind: "event", event: "closed", at: 0, text: "Closed with 4401", code: 4401 });
  log.append({ kind: "event", event: "closed", at: 0, text: "Closed with 1000", code: 1000 });

  test.each([
    ["all", "", 6],
    ["all", " hELLo ", 1],
    ["sent", "", 1],
    ["received", "", 2],
    ["events", "", 3],
    ["problems", "", 3],
    ["name:said", "", 1],
    ["name:said", "hello", 0],
  ] as const)("%s with “%s”: %i", (kind, words, count) => {
    const { entries, total } = new Sieve().sift([log], { kind, words });
    expect([entries.length, total]).toEqual([count, 6]);
  });

  test("names and problems", () => {
    expect(frameNames(log.entries)).toEqual(["error", "said", "say"]);
    expect(texts(log.entries.filter(isProblem))).toEqual(["bad", "refused", "Closed with 4401"]);
  });
});

test("several logs are one in the order in which it happened", () => {
  const next = counter();
  const [left, right] = [new Log(99, 999, next), new Log(99, 999, next)];
  const sieve = new Sieve();
  const both = () => texts(sieve.sift([left, right], { kind: "all", words: "" }).entries);
  left.append(frame("1"));
  right.append(frame("2"));
  left.append(frame("3"));
  expect(both()).toEqual(["1", "2", "3"]);
  right.append(frame("4"));
  left.append(frame("5"));
  expect(both()).toEqual(["1", "2", "3", "4", "5"]);
});

test("only what is new is looked at, until something else has changed", () => {
  const log = new Log(5);
  const sieve = new Sieve();
  const sift = (words = "") => sieve.sift([log], { kind: "all", words });
  log.append(frame("a"));
  const first = sift().entries;
  expect(sift().entries).toBe(first);
  log.append(frame("b"));
  expect(texts(sift().entries)).toEqual(["a", "b"]);
  expect(texts(sift("b").entries)).toEqual(["b"]);
  log.amend(first[0]!.key, { verdict: { state: "undescribed" } });
  expect(sift().entries[0]).toMatchObject({ verdict: { state: "undescribed" } });
  for (const text of ["c", "d", "e", "f", "g"]) log.append(frame(text));
  const { entries, dropped } = sift();
  expect(texts(entries)).toEqual(texts(log.entries));
  expect(dropped + entries.length).toBe(7);
  log.clear();
  expect(sift().entries).toEqual([]);
});
