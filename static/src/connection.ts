/** The life of a socket, and the log of what it carried. No DOM: the socket and the clock are given. */

import type { Envelope } from "./document.ts";
import { readFrame, withId } from "./frame.ts";
import { Log } from "./log.ts";
import { Observable } from "./observable.ts";

/** The part of `WebSocket` that is used, so that a test can play the server. */
export interface Socket {
  readonly protocol: string;
  binaryType: BinaryType;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ConnectionOptions {
  readonly envelope: Envelope;
  readonly createSocket: (url: string, subprotocols: readonly string[]) => Socket;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log?: Log;
}

export type Status =
  | { readonly state: "idle" }
  | { readonly state: "connecting" }
  | { readonly state: "open" }
  | { readonly state: "closing" }
  | { readonly state: "closed"; readonly code: number; readonly reason: string }
  /** The browser would not even try: a URL or a subprotocol that it refuses. */
  | { readonly state: "failed"; readonly reason: string };

/** Sent frames whose replies are still recognised. */
const REMEMBERED_IDS = 1_000;

/** One connection at a time; it can be opened again after it has closed, and the log goes on. */
export class Connection extends Observable {
  readonly log: Log;
  readonly #options: ConnectionOptions;
  readonly #sentAt = new Map<string, number>();
  #socket: Socket | undefined;
  #status: Status = { state: "idle" };
  #nextId = 1;

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
    this.log = options.log ?? new Log();
  }

  get status(): Status {
    return this.#status;
  }

  /** A socket exists: connecting, open or on its way to be closed. */
  get isActive(): boolean {
    return this.#socket !== undefined;
  }

  /** Open a socket; does nothing while there is one. */
  open(url: string, subprotocols: readonly string[]): void {
    if (this.#socket !== undefined) return;
    this.#event("connecting", `Connecting to ${url}`);
    let socket: Socket;
    try {
      socket = this.#options.createSocket(url, subprotocols);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#event("failed", reason);
      this.#become({ state: "failed", reason });
      return;
    }
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#event("open", socket.protocol === "" ? "Connected" : `Connected, subprotocol ${socket.protocol}`);
      this.#become({ state: "open" });
    };
    socket.onmessage = (event) => this.#received(event.data);
    // There is no use for onerror: it says nothing, and a close always follows.
    socket.onclose = ({ code, reason }) => {
      this.#socket = undefined;
      this.#event("closed", `Closed with ${code}${reason === "" ? "" : `: ${reason}`}`, code);
      this.#become({ state: "closed", code, reason });
    };
    this.#socket = socket;
    this.#become({ state: "connecting" });
  }

  /**
   * Send the text as it is, or with an id of our own when `numbered` and the service has a key for it.
   *
   * Returns whether it was sent: a browser drops silently what is sent to a socket that is closing.
   */
  send(text: string, numbered = false): boolean {
    if (this.#socket === undefined || this.#status.state !== "open") return false;
    const { envelope } = this.#options;
    const sent = numbered && envelope.idKey !== undefined ? withId(text, envelope.idKey, String(this.#nextId)) : text;
    if (sent !== text) this.#nextId += 1;
    this.#socket.send(sent);
    this.#frame("sent", sent);
    return true;
  }

  /** Close with 1000, or give up the attempt; the log tells when it has happened. */
  close(): void {
    if (this.#socket === undefined) return;
    this.#become({ state: "closing" });
    this.#socket.close(1000);
  }

  clearLog(): void {
    this.log.clear();
    this.changed();
  }

  #received(data: unknown): void {
    if (typeof data === "string") this.#frame("received", data);
    else this.#frame("received", `binary frame of ${data instanceof ArrayBuffer ? data.byteLength : "?"} bytes`);
  }

  #frame(direction: "sent" | "received", text: string): void {
    const at = this.#options.now();
    const facts = readFrame(text, this.#options.envelope);
    if (direction === "sent" && facts.id !== undefined) this.#remember(facts.id, at);
    const asked = facts.replyTo === undefined ? undefined : this.#sentAt.get(facts.replyTo);
    const delay = asked === undefined ? undefined : at - asked;
    this.log.append({ kind: "frame", at, direction, text, delay, ...facts });
    this.changed();
  }

  #remember(id: string, at: number): void {
    this.#sentAt.set(id, at);
    if (this.#sentAt.size <= REMEMBERED_IDS) return;
    for (const oldest of this.#sentAt.keys()) {
      this.#sentAt.delete(oldest);
      return;
    }
  }

  #event(event: "connecting" | "open" | "closed" | "failed", text: string, code?: number): void {
    this.log.append({ kind: "event", at: this.#options.now(), event, text, code });
  }

  #become(status: Status): void {
    this.#status = status;
    this.changed();
  }
}
