/** The life of a socket, and the log of what it carried. No DOM: the socket and the clock are given. */

import { type Direction, type FrameCheck, UNCHECKED, type Verdict } from "./console/check.ts";
import type { Envelope } from "./document.ts";
import { factsOf, withId } from "./frame.ts";
import { isObject, type Json, parseJson } from "./json.ts";
import { type Draft, type EventName, type FrameEntry, type Link, Log } from "./log.ts";
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
  /** What frames are held against; without it none is. */
  readonly check?: FrameCheck;
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
/** Longer frames are held against the document when the reader asks for it: the page must not stand still. */
const CHECKED_LENGTH = 200_000;

/** One connection at a time; it can be opened again after it has closed, and the log goes on. */
export class Connection extends Observable {
  readonly log: Log;
  readonly #options: ConnectionOptions;
  readonly #requests = new Map<string, { readonly key: number; readonly at: number }>();
  #socket: Socket | undefined;
  #status: Status = { state: "idle" };
  #wasLetIn = false;
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

  /** The server has sent something else than a refusal since the socket was opened. */
  get wasLetIn(): boolean {
    return this.#wasLetIn;
  }

  /** Open a socket; does nothing while there is one. `shown`: the URL as the log, which may be passed on, tells it. */
  open(url: string, subprotocols: readonly string[], shown = url): void {
    if (this.#socket !== undefined) return;
    this.#wasLetIn = false;
    this.#event("connecting", `Connecting to ${shown}`);
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
      // An id of the next connection is another one, also when it is spelt alike.
      this.#requests.clear();
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

  /** Put a line of the page's own into the log. */
  note(event: EventName, text: string): void {
    this.#event(event, text);
    this.changed();
  }

  /** Put recorded entries into the log, as they were. */
  recall(entries: readonly Draft<FrameEntry>[]): void {
    for (const entry of entries) this.log.append(entry);
    this.changed();
  }

  /** Hold a frame against the document that was too large to be checked when it came. */
  judge(key: number): void {
    const entry = this.log.find(key);
    if (entry?.kind !== "frame") return;
    this.log.amend(key, { verdict: this.#verdict(entry.direction, entry.name, parseJson(entry.text)) });
    this.changed();
  }

  /** What can be told about a text that travelled, now or in a recording. */
  read(direction: Direction, text: string, at: number): Draft<FrameEntry> {
    const json = parseJson(text);
    const facts = factsOf(json, this.#options.envelope);
    const verdict = text.length > CHECKED_LENGTH ? UNCHECKED : this.#verdict(direction, facts.name, json);
    const links = { request: undefined, answer: undefined };
    return { kind: "frame", at, direction, text, isBinary: false, verdict, ...links, ...facts };
  }

  clearLog(): void {
    this.log.clear();
    this.changed();
  }

  #received(data: unknown): void {
    if (typeof data === "string") {
      this.#frame("received", data);
      return;
    }
    const text = `binary frame of ${data instanceof ArrayBuffer ? data.byteLength : "?"} bytes`;
    const facts = factsOf(undefined, this.#options.envelope);
    const draft = { ...this.read("received", "", this.#options.now()), ...facts, text, isBinary: true };
    this.log.append({ ...draft, verdict: { state: "undescribed" } });
    this.changed();
  }

  #frame(direction: Direction, text: string): void {
    const at = this.#options.now();
    const draft = this.read(direction, text, at);
    if (direction === "sent") {
      const key = this.log.append(draft);
      if (draft.id !== undefined) this.#remember(draft.id, key, at);
    } else {
      if (!draft.isError) this.#wasLetIn = true;
      const request = this.#requestOf(draft);
      const key = this.log.append({ ...draft, request });
      if (request !== undefined) this.#answered(request, key);
    }
    this.changed();
  }

  #requestOf({ replyTo, at }: Draft<FrameEntry>): Link | undefined {
    const asked = replyTo === undefined ? undefined : this.#requests.get(replyTo);
    return asked === undefined ? undefined : { key: asked.key, delay: at - asked.at };
  }

  #answered(request: Link, key: number): void {
    const sent = this.log.find(request.key);
    if (sent?.kind === "frame" && sent.answer === undefined) {
      this.log.amend(request.key, { answer: { key, delay: request.delay } });
    }
  }

  #verdict(direction: Direction, name: string | undefined, json: Json | undefined): Verdict {
    const { check } = this.#options;
    if (check === undefined) return UNCHECKED;
    // What the reader sends may be anything; what the service sends and nobody can name is against the document.
    if (!isObject(json)) return direction === "sent" ? UNCHECKED : { state: "undescribed" };
    return check.judge(direction, name, json);
  }

  #remember(id: string, key: number, at: number): void {
    this.#requests.set(id, { key, at });
    if (this.#requests.size <= REMEMBERED_IDS) return;
    for (const oldest of this.#requests.keys()) {
      this.#requests.delete(oldest);
      return;
    }
  }

  #event(event: EventName, text: string, code?: number): void {
    this.log.append({ kind: "event", at: this.#options.now(), event, text, code });
  }

  #become(status: Status): void {
    this.#status = status;
    this.changed();
  }
}
