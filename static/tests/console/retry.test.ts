import { describe, expect, test } from "vitest";
import { decideRetry, jitteredWait } from "../../src/console/retry.ts";

const code = (value: number, retry: string | undefined, daphne?: number) => ({ code: value, daphne, name: "", meaning: "", retry });
const codes = [code(1009, "no", 4009), code(1012, "backoff"), code(4401, "after_token_refresh"), code(4429, "after_retry_after")];
const decide = (value: number, attempt = 0, retryAfter?: number) => decideRetry(value, codes, attempt, 0.5, retryAfter);

test("full jitter: anything up to a limit that doubles, and has an end", () => {
  expect([0, 1, 2, 10, 50].map((attempt) => jitteredWait(attempt, 0.5))).toEqual([250, 500, 1_000, 15_000, 15_000]);
  expect(jitteredWait(3, 0)).toBe(0);
});

describe("the document decides", () => {
  test.each([1009, 4009, 4401])("%i: no", (value) => {
    expect(decide(value)).toMatchObject({ retry: false, reason: expect.stringContaining("document") as unknown });
  });

  test("backoff, or what the server asked for", () => {
    expect(decide(1012, 2)).toEqual({ retry: true, wait: 1_000 });
    expect(decide(4429, 0, 7)).toEqual({ retry: true, wait: 7_000 });
    expect(decide(4429)).toEqual({ retry: true, wait: 250 });
  });
});

test.each([
  [1000, false],
  [1008, false],
  [1001, true],
  [1006, true],
  [4999, true],
])("without a word in the document %i: %s", (value, retry) => {
  expect(decide(value).retry).toBe(retry);
});
