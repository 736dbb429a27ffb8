/** Which entries of logs are shown: those of several connections in one order, and of these those that are asked for. */

import type { Log, LogEntry } from "../log.ts";

/** `name:x` shows the frames called x. */
export type Kind = "all" | "sent" | "received" | "problems" | "events" | `name:${string}`;

export interface Wanted {
  /** Words that the text must contain, whatever their case; empty: any text. */
  readonly words: string;
  readonly kind: Kind;
}

export interface Sifted {
  readonly entries: readonly LogEntry[];
  /** How many there were to choose from. */
  readonly total: number;
  readonly dropped: number;
}

/** Frames that do not fit the document, refusals, and closes other than the good one. */
export function isProblem(entry: LogEntry): boolean {
  if (entry.kind === "frame") return entry.isError || entry.verdict.state === "invalid" || entry.verdict.state === "undescribed";
  return entry.event === "failed" || (entry.event === "closed" && entry.code !== 1000 && entry.code !== 1005);
}

export function matches(entry: LogEntry, { kind, words }: Wanted): boolean {
  return isOfKind(entry, kind) && (words === "" || entry.text.toLowerCase().includes(words));
}

function isOfKind(entry: LogEntry, kind: Kind): boolean {
  switch (kind) {
    case "all":
      return true;
    case "sent":
    case "received":
      return entry.kind === "frame" && entry.direction === kind;
    case "events":
      return entry.kind === "event";
    case "problems":
      return isProblem(entry);
    default:
      return entry.kind === "frame" && entry.name === kind.slice("name:".length);
  }
}

/** Looks only at what is new since the last time, as long as the same is asked of the same logs. */
export class Sieve {
  #logs: readonly Log[] = [];
  #wanted = "";
  #generation = "";
  #seen: number[] = [];
  #entries: LogEntry[] = [];

  sift(logs: readonly Log[], wanted: Wanted): Sifted {
    const plain: Wanted = { kind: wanted.kind, words: wanted.words.trim().toLowerCase() };
    const asked = JSON.stringify(plain);
    const generation = logs.map((log) => log.generation).join();
    const same = logs.length === this.#logs.length && logs.every((log, index) => log === this.#logs[index]);
    if (!same || asked !== this.#wanted || generation !== this.#generation) {
      this.#seen = logs.map(() => 0);
      this.#entries = [];
    }
    [this.#logs, this.#wanted, this.#generation] = [logs, asked, generation];
    const fresh = logs.flatMap((log, index) => {
      const from = this.#seen[index] ?? 0;
      this.#seen[index] = log.entries.length;
      return log.entries.slice(from).filter((entry) => matches(entry, plain));
    });
    // Keys grow through all logs of the page; of one log they are in order already.
    if (logs.length > 1) fresh.sort((left, right) => left.key - right.key);
    if (fresh.length > 0) this.#entries = [...this.#entries, ...fresh];
    return {
      entries: this.#entries,
      total: logs.reduce((sum, log) => sum + log.entries.length, 0),
      dropped: logs.reduce((sum, log) => sum + log.dropped, 0),
    };
  }
}

/** The names of the frames in the logs, in alphabetical order. */
export function frameNames(entries: readonly LogEntry[]): readonly string[] {
  const names = new Set<string>();
  for (const entry of entries) if (entry.kind === "frame" && entry.name !== undefined) names.add(entry.name);
  return [...names].sort();
}
