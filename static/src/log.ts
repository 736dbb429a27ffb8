/** What happened on one connection, in order, in bounded memory. */

import type { FrameFacts } from "./frame.ts";

export interface FrameEntry extends FrameFacts {
  readonly kind: "frame";
  readonly key: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly direction: "sent" | "received";
  readonly text: string;
  /** Milliseconds since the frame that this one replies to was sent. */
  readonly delay: number | undefined;
}

export interface EventEntry {
  readonly kind: "event";
  readonly key: number;
  readonly at: number;
  readonly event: "connecting" | "open" | "closed" | "failed";
  readonly text: string;
  /** The close code, of the event `closed`. */
  readonly code: number | undefined;
}

export type LogEntry = FrameEntry | EventEntry;

type Draft<T> = T extends LogEntry ? Omit<T, "key"> : never;

/** Newest entries win: over the limits the oldest go, and are counted. */
export class Log {
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  #entries: LogEntry[] = [];
  #characters = 0;
  #dropped = 0;
  #nextKey = 1;

  constructor(maxEntries = 10_000, maxCharacters = 20_000_000) {
    this.#maxEntries = maxEntries;
    this.#maxCharacters = maxCharacters;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** How many entries gave way to newer ones since the log was last cleared. */
  get dropped(): number {
    return this.#dropped;
  }

  append(draft: Draft<LogEntry>): void {
    this.#entries.push({ ...draft, key: this.#nextKey++ });
    this.#characters += draft.text.length;
    if (this.#entries.length > this.#maxEntries || this.#characters > this.#maxCharacters) this.#makeRoom();
  }

  clear(): void {
    this.#entries = [];
    this.#characters = 0;
    this.#dropped = 0;
  }

  /** A tenth at once, so that a full log does not move all its entries for every frame. */
  #makeRoom(): void {
    const [entries, characters] = [this.#maxEntries * 0.9, this.#maxCharacters * 0.9];
    let gone = 0;
    // The newest entry stays, however large.
    while (gone < this.#entries.length - 1) {
      if (this.#entries.length - gone <= entries && this.#characters <= characters) break;
      this.#characters -= this.#entries[gone]?.text.length ?? 0;
      gone += 1;
    }
    this.#entries.splice(0, gone);
    this.#dropped += gone;
  }
}

/** The entries that contain the words, whatever their case; all of them for no words. */
export function filterEntries(entries: readonly LogEntry[], words: string): readonly LogEntry[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return entries;
  return entries.filter((entry) => entry.text.toLowerCase().includes(wanted));
}

/** One line an entry: time, direction or event, text as it travelled. */
export function logAsText(entries: readonly LogEntry[]): string {
  return entries
    .map((entry) => {
      const what = entry.kind === "frame" ? entry.direction : entry.event;
      return `${new Date(entry.at).toISOString()}\t${what}\t${entry.text.replaceAll("\n", " ")}\n`;
    })
    .join("");
}
