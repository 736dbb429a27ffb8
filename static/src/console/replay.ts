/** Send recorded frames again, in their order and at their pace. */

import { Observable } from "../observable.ts";

export interface Recorded {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** Call after so many milliseconds; the returned function calls it off. */
export type Later = (milliseconds: number, call: () => void) => () => void;

/** Nobody waits for a pause in which the person before went for coffee. */
const LONGEST_PAUSE = 2_000;

export class Replay extends Observable {
  readonly #later: Later;
  readonly #send: (text: string) => boolean;
  #frames: readonly Recorded[] = [];
  #next = 0;
  #callOff: (() => void) | undefined;

  /** `send` returns whether the frame could be sent; when one could not, the replay ends. */
  constructor(send: (text: string) => boolean, later: Later) {
    super();
    this.#send = send;
    this.#later = later;
  }

  get isRunning(): boolean {
    return this.#callOff !== undefined;
  }

  get progress(): { readonly sent: number; readonly of: number } {
    return { sent: this.#next, of: this.#frames.length };
  }

  start(frames: readonly Recorded[]): void {
    this.stop();
    this.#frames = frames;
    this.#next = 0;
    this.#step();
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.changed();
  }

  #step(): void {
    const frame = this.#frames[this.#next];
    if (frame === undefined || !this.#send(frame.text)) {
      this.stop();
      return;
    }
    this.#next += 1;
    const following = this.#frames[this.#next];
    if (following === undefined) {
      this.stop();
      return;
    }
    const pause = Math.min(Math.max(following.at - frame.at, 0), LONGEST_PAUSE);
    this.#callOff = this.#later(pause, () => this.#step());
    this.changed();
  }
}
