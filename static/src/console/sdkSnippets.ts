/**
 * What the server's generator of clients writes for each operation, in each language that it knows. The page puts the
 * payload in that its reader has written.
 */

import { getList, getObject, getText, isObject, type Json, parseJson } from "../json.ts";
import { Observable } from "../observable.ts";
import { pythonLiteral, type Snippet } from "./snippets.ts";
import { memberOf, printTree, type Tree } from "./tree.ts";

/** As the server has it: code up to a payload, the payload of an example, and the code behind it. */
export interface SdkSnippet {
  /** The key of the channel. */
  readonly channel: string;
  readonly action: string;
  readonly language: string;
  readonly title: string;
  readonly before: string;
  /** Empty where the message has none. */
  readonly payload: string;
  readonly after: string;
}

export function readSdkSnippets(text: string): readonly SdkSnippet[] {
  const json = parseJson(text);
  return isObject(json) ? getList(json, "snippets").flatMap(readSnippet) : [];
}

function readSnippet(value: Json): readonly SdkSnippet[] {
  const given = getObject({ value }, "value");
  const one = (key: string): string => getText(given, key) ?? "";
  const found = {
    channel: one("channel"),
    action: one("action"),
    language: one("language"),
    title: one("title"),
    before: one("before"),
    payload: one("payload"),
    after: one("after"),
  };
  return found.before + found.after === "" ? [] : [found];
}

/** How a language writes a value of JSON, which stands one level deep; a language that is not here keeps the example. */
const WRITERS: Readonly<Record<string, (payload: Tree) => string>> = {
  typescript: (payload) => printTree(payload, "  "),
  // A model takes a dictionary for another model, and validates it.
  python: (payload) => pythonLiteral(payload, "    "),
};

/** `payload`: what was written instead of the example's; `undefined` when nothing was. */
export function asCode({ title, language, before, payload, after }: SdkSnippet, written: Tree | undefined): Snippet {
  const writer = Object.hasOwn(WRITERS, language) ? WRITERS[language] : undefined;
  const here = payload === "" || written === undefined || writer === undefined ? payload : writer(written);
  return { label: `${title} SDK`, code: before + here + after };
}

/** The payload of a frame. */
export function payloadOf(frame: Tree | undefined, key: string): Tree | undefined {
  return frame?.kind === "object" ? memberOf(frame, key)?.value : undefined;
}

/** Fetched once, when somebody wants to see code. Without them the page has its own. */
export class SdkSnippets extends Observable {
  readonly #load: () => Promise<string>;
  #found: readonly SdkSnippet[] | undefined;

  constructor(load: () => Promise<string>) {
    super();
    this.#load = load;
  }

  of(channel: string, action: string): readonly SdkSnippet[] {
    return (this.#found ?? []).filter((snippet) => snippet.channel === channel && snippet.action === action);
  }

  async request(): Promise<void> {
    if (this.#found !== undefined) return;
    this.#found = [];
    try {
      this.#found = readSdkSnippets(await this.#load());
    } catch {
      // A page of the project's own may have no such URL, or its reader may not see it.
    }
    this.changed();
  }
}
