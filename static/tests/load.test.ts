import { describe, expect, test, vi } from "vitest";
import { loadDocument, LoadError } from "../src/load.ts";
import { chatDocument } from "./fixtures.ts";

const answer = (body: string, init?: ResponseInit) => vi.fn<typeof fetch>().mockResolvedValue(new Response(body, init));

async function failure(fetcher: typeof fetch): Promise<LoadError> {
  const error: unknown = await loadDocument("/doc", fetcher).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LoadError);
  return error as LoadError;
}

test("asks for JSON with the reader's cookies", async () => {
  const fetcher = answer(JSON.stringify(chatDocument));
  expect((await loadDocument("/doc", fetcher)).title).toBe("Demo");
  expect(fetcher).toHaveBeenCalledWith("/doc", { credentials: "include", headers: { Accept: "application/json" } });
});

describe("failures say what and what to do", () => {
  test("no answer", async () => {
    const { message, advice } = await failure(vi.fn<typeof fetch>().mockRejectedValue(new TypeError("Failed to fetch")));
    expect(message).toBe("The document could not be fetched from /doc: Failed to fetch.");
    expect(advice).toBe("Is the server running?");
  });

  test.each([
    [401, "sign in"],
    [403, "sign in"],
    [404, "chanx_asyncapi.urls"],
    [500, "log"],
  ])("status %i", async (status, advice) => {
    const error = await failure(answer("", { status }));
    expect(error.message).toContain(`/doc answered ${status}`);
    expect(error.advice).toContain(advice);
  });

  test("a page instead of JSON, perhaps after a redirect", async () => {
    expect((await failure(answer("<!doctype html>"))).message).toContain("not JSON");
    const redirected = new Response("<!doctype html>");
    Object.defineProperty(redirected, "redirected", { value: true });
    expect((await failure(vi.fn<typeof fetch>().mockResolvedValue(redirected))).advice).toContain("sign in");
  });

  test("JSON that is no document", async () => {
    const error = await failure(answer('{"openapi": "3.1.0"}'));
    expect([error.message, error.advice]).toEqual([
      "The document has no key “asyncapi”.",
      "Check that its URL serves the AsyncAPI document.",
    ]);
  });
});
