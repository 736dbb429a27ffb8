/** Frames that the reader saved under a name, and those that were sent last, for each channel. */

import { getNumber, getText, isObject, type Json } from "../json.ts";
import { Observable } from "../observable.ts";
import type { Keeper } from "./storage.ts";

export interface KeptFrame {
  /** The name it was saved under; of a frame in the history, the action. */
  readonly name: string;
  /** The key of the message in its channel, where it is one that the document has. */
  readonly message: string | undefined;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const MAX_HISTORY = 50;
const MAX_SAVED = 100;
/** A longer frame is sent, and not kept. */
const MAX_TEXT = 4_000;

type Shelf = "history" | "saved";

export class Library extends Observable {
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    super();
    this.#keeper = keeper;
  }

  /** Newest first, each text once. */
  history(channel: string): readonly KeptFrame[] {
    return this.#read("history", channel);
  }

  /** By name. */
  saved(channel: string): readonly KeptFrame[] {
    return [...this.#read("saved", channel)].sort((left, right) => left.name.localeCompare(right.name));
  }

  remember(channel: string, frame: KeptFrame): void {
    if (frame.text.length > MAX_TEXT) return;
    const others = this.history(channel).filter(({ text }) => text !== frame.text);
    this.#write("history", channel, [frame, ...others].slice(0, MAX_HISTORY));
  }

  /** A name is used once: saving under it again replaces what was there. Returns whether it could be kept. */
  save(channel: string, frame: KeptFrame): boolean {
    if (frame.text.length > MAX_TEXT) return false;
    const others = this.#read("saved", channel).filter(({ name }) => name !== frame.name);
    if (others.length >= MAX_SAVED) return false;
    this.#write("saved", channel, [...others, frame]);
    return true;
  }

  forget(channel: string, name: string): void {
    this.#write("saved", channel, this.#read("saved", channel).filter((frame) => frame.name !== name));
  }

  forgetHistory(channel: string): void {
    this.#write("history", channel, []);
  }

  #read(shelf: Shelf, channel: string): readonly KeptFrame[] {
    const kept = this.#keeper.read(`${shelf}:${channel}`);
    return Array.isArray(kept) ? kept.flatMap(readFrame) : [];
  }

  #write(shelf: Shelf, channel: string, frames: readonly KeptFrame[]): void {
    // An absent message is left out: JSON has no undefined.
    this.#keeper.write(
      `${shelf}:${channel}`,
      frames.map(({ message, ...rest }) => (message === undefined ? rest : { ...rest, message })),
    );
    this.changed();
  }
}

function readFrame(value: Json): readonly KeptFrame[] {
  if (!isObject(value)) return [];
  const [name, text] = [getText(value, "name"), getText(value, "text")];
  if (name === undefined || text === undefined) return [];
  return [{ name, text, message: getText(value, "message"), at: getNumber(value, "at") ?? 0 }];
}
