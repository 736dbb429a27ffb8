/**
 * What the page keeps in the browser between two visits: frames that were sent or saved, never a credential.
 *
 * A browser may have no storage, refuse it, or be out of room; then the page remembers for as long as it is open. What
 * is found there may be anything, also from another version of the page: it is read like any foreign JSON.
 */

import { parseJson, type Json } from "../json.ts";

/** The part of `Storage` that is used. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** More than that in one key is not kept: the browser's room is the whole site's. */
const MAX_CHARACTERS = 200_000;

/** JSON values by name, for one document. */
export class Keeper {
  readonly #storage: TextStorage | undefined;
  readonly #prefix: string;
  readonly #memory = new Map<string, Json>();

  constructor(storage: TextStorage | undefined, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  read(name: string): Json | undefined {
    const remembered = this.#memory.get(name);
    if (remembered !== undefined) return remembered;
    try {
      return parseJson(this.#storage?.getItem(this.#prefix + name) ?? "");
    } catch {
      return undefined;
    }
  }

  write(name: string, value: Json): void {
    this.#memory.set(name, value);
    const text = JSON.stringify(value);
    if (text.length > MAX_CHARACTERS) return;
    try {
      this.#storage?.setItem(this.#prefix + name, text);
    } catch {
      // Full or forbidden: the memory has it.
    }
  }
}

/** The browser's own storage; even looking at it may throw where a site's data is blocked. */
export function browserStorage(window: { readonly localStorage: TextStorage }): TextStorage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
