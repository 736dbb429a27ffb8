/** Fetch the document, and say what to do when that fails. */

import { type ApiDocument, DocumentError } from "./document.ts";
import { parseJson } from "./json.ts";
import { readDocument } from "./read.ts";

/** The page has nothing to show: `message` says what failed, `advice` what to do. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

const ADVICE: Readonly<Record<number, string>> = {
  401: "The document is for signed-in users: sign in to this site in another tab, then try again.",
  403: "Your account may not read the document: sign in as one that may, then try again.",
  404: "Check that the project's URLs include chanx_asyncapi.urls, and where.",
};

/** Raises `LoadError`, and nothing else. */
export async function loadDocument(url: string, fetcher: typeof fetch): Promise<ApiDocument> {
  let response: Response;
  let text: string;
  try {
    response = await fetcher(url, { credentials: "include", headers: { Accept: "application/json" } });
    text = await response.text();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new LoadError(`The document could not be fetched from ${url}: ${detail}.`, "Is the server running?");
  }
  if (!response.ok) {
    const advice = ADVICE[response.status] ?? "The server's log says why.";
    throw new LoadError(`${url} answered ${response.status} ${response.statusText}`.trim() + ".", advice);
  }
  const json = parseJson(text);
  if (json === undefined) {
    throw new LoadError(
      `${response.url || url} answered with something that is not JSON.`,
      response.redirected
        ? "The request was redirected, perhaps to a sign-in page: sign in, then try again."
        : "Check that this URL serves the AsyncAPI document as JSON.",
    );
  }
  try {
    return readDocument(json);
  } catch (error) {
    if (error instanceof DocumentError) throw new LoadError(error.message, error.advice);
    throw error;
  }
}

/** Rejects where the URL has nothing for this reader, and where there is no URL. */
export async function loadText(url: string | undefined): Promise<string> {
  if (url === undefined) throw new Error("There is no URL.");
  const response = await fetch(url, { credentials: "include" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return response.text();
}
