/** Opens a connection again when it has ended and the reader wants that; the document says when it may. */

import type { Connection, Status } from "../connection.ts";
import type { CloseCode } from "../document.ts";
import { getNumber, getObject, isObject, parseJson } from "../json.ts";
import { Observable } from "../observable.ts";
import type { Later } from "./replay.ts";
import { decideRetry } from "./retry.ts";

interface Options {
  readonly connection: Connection;
  readonly closeCodes: readonly CloseCode[];
  readonly payloadKey: string;
  readonly open: () => void;
  readonly later: Later;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
}

export class Reconnector extends Observable {
  readonly #options: Options;
  #isWanted = false;
  #attempt = 0;
  #callOff: (() => void) | undefined;
  #state: Status["state"];

  constructor(options: Options) {
    super();
    this.#options = options;
    this.#state = options.connection.status.state;
    options.connection.subscribe(() => this.#follow());
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  set isWanted(wanted: boolean) {
    this.#isWanted = wanted;
    if (!wanted) this.#cancel();
    this.changed();
  }

  /** It will be opened again by itself. */
  get isWaiting(): boolean {
    return this.#callOff !== undefined;
  }

  /** The reader has taken over: whatever waits is called off. */
  reset(): void {
    this.#attempt = 0;
    this.#cancel();
  }

  #follow(): void {
    const { connection } = this.#options;
    const { status } = connection;
    if (status.state === this.#state) return;
    const before = this.#state;
    this.#state = status.state;
    // Whoever is let in has arrived; an open socket alone may still be refused.
    if (status.state === "connecting") this.#cancel();
    if (status.state !== "closed" || before === "closing" || !this.#isWanted) return;
    this.#decide(status.code);
  }

  #decide(code: number): void {
    const { connection, closeCodes, later, open, random } = this.#options;
    if (connection.wasLetIn) this.#attempt = 0;
    const decision = decideRetry(code, closeCodes, this.#attempt, random(), this.#retryAfter());
    if (!decision.retry) {
      connection.note("retry", `Not reconnecting: ${decision.reason}`);
      return;
    }
    this.#attempt += 1;
    connection.note("retry", `Reconnecting in ${(decision.wait / 1_000).toFixed(1)} s, attempt ${this.#attempt}`);
    this.#callOff = later(decision.wait, () => {
      this.#callOff = undefined;
      open();
      this.changed();
    });
    this.changed();
  }

  /** Seconds, as the authentication frame of a throttled handshake tells them. */
  #retryAfter(): number | undefined {
    const last = [...this.#options.connection.log.entries].reverse().find((entry) => entry.kind === "frame");
    if (last?.kind !== "frame" || !last.isError) return undefined;
    const frame = parseJson(last.text);
    if (!isObject(frame)) return undefined;
    const data = getObject(getObject(frame, this.#options.payloadKey), "data");
    return getNumber(data, "retry_after") ?? getNumber(data, "retryAfter");
  }

  #cancel(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.changed();
  }
}
