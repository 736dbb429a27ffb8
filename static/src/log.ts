/** What happened on one connection, in order, in bounded memory. */

import type { Direction, Verdict } from "./console/check.ts";
import type { FrameFacts } from "./frame.ts";

export interface FrameEntry extends FrameFacts {
  readonly kind: "frame";
  /** Unlike that of any other entry of the page, and greater than that of every earlier one. */
  readonly key: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly direction: Direction;
  /** The text that travelled; of a binary frame a description. */
  readonly text: string;
  readonly isBinary: boolean;
  readonly verdict: Verdict;
  /** Of a reply: the sent frame that it answers. */
  readonly request: Link | undefined;
  /** Of a sent frame: the first frame that answered it. */
  readonly answer: Link | undefined;
}

export interface Link {
  readonly key: number;
  /** Milliseconds between the two. */
  readonly delay: number;
}

export type EventName = "connecting" | "open" | "closed" | "failed" | "retry" | "note";

export interface EventEntry {
  readonly kind: "event";
  readonly key: number;
  readonly at: number;
  readonly event: EventName;
  readonly text: string;
  /** The close code, of the event `closed`. */
  readonly code: number | undefined;
}

export type LogEntry = FrameEntry | EventEntry;

export type Draft<T> = T extends LogEntry ? Omit<T, "key"> : never;

/** Gives each entry its key. Shared by the logs of a page, it gives all their entries one order. */
export type Counter = () => number;

export function counter(): Counter {
  let last = 0;
  return () => (last += 1);
}

/** Newest entries win: over the limits the oldest go, and are counted. */
export class Log {
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  readonly #nextKey: Counter;
  #entries: LogEntry[] = [];
  #characters = 0;
  #dropped = 0;
  #generation = 0;

  constructor(maxEntries = 10_000, maxCharacters = 20_000_000, nextKey: Counter = counter()) {
    this.#maxEntries = maxEntries;
    this.#maxCharacters = maxCharacters;
    this.#nextKey = nextKey;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** How many entries gave way to newer ones since the log was last cleared. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Changes when something else has happened than new entries at the end. */
  get generation(): number {
    return this.#generation;
  }

  /** Returns the key that the entry got. */
  append(draft: Draft<LogEntry>): number {
    const key = this.#nextKey();
    this.#entries.push({ ...draft, key });
    this.#characters += draft.text.length;
    if (this.#entries.length > this.#maxEntries || this.#characters > this.#maxCharacters) this.#makeRoom();
    return key;
  }

  /** `undefined` for an entry that has been let go. */
  find(key: number): LogEntry | undefined {
    return this.#entries[this.#indexOf(key)];
  }

  /** Exchange what is known about a frame; nothing happens when its entry has been let go. */
  amend(key: number, changes: Partial<Pick<FrameEntry, "answer" | "verdict">>): void {
    const index = this.#indexOf(key);
    const entry = this.#entries[index];
    if (entry?.kind !== "frame") return;
    this.#entries[index] = { ...entry, ...changes };
    this.#generation += 1;
  }

  clear(): void {
    this.#entries = [];
    this.#characters = 0;
    this.#dropped = 0;
    this.#generation += 1;
  }

  /** Keys only grow, so the place is found by halves; -1 when it is not there. */
  #indexOf(key: number): number {
    let [low, high] = [0, this.#entries.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#entries[middle]?.key ?? 0;
      if (found === key) return middle;
      if (found < key) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
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
    this.#generation += 1;
  }
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
