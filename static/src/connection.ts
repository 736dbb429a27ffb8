/**
 * A connection, and the log of what it carried. It is made and kept by the runtime that generated clients have: the
 * reader sees what a client meets. No DOM: the socket is given, and the clock of the log.
 */

import {
  type Change,
  type Client,
  open,
  type Protocol,
  type SocketClosed,
  type State,
} from "../../chanx_asyncapi/codegen/typescript/runtime/runtime.ts";
import type { ChannelRules } from "./channelRules.ts";
import { type Direction, type FrameCheck, UNCHECKED, type Verdict } from "./console/check.ts";
import type { Envelope } from "./document.ts";
import { factsOf, withId } from "./frame.ts";
import { isObject, type Json, parseJson } from "./json.ts";
import { type Draft, type EventName, type FrameEntry, type Link, Log } from "./log.ts";
import { Observable } from "./observable.ts";
import { type Listener, type Socket, Tap } from "./tap.ts";

export interface ConnectionOptions {
  readonly envelope: Envelope;
  readonly rules: ChannelRules;
  readonly createSocket: (url: string, subprotocols: readonly string[]) => Socket;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log?: Log;
  /** What frames are held against; without it none is. */
  readonly check?: FrameCheck;
}

export interface Handshake {
  readonly url: string;
  /** What the header Authorization would hold; empty without credential. */
  readonly authorization: string;
  /** The URL as the log, which may be passed on, tells it. */
  readonly shown: string;
}

export type Status =
  | { readonly state: "idle" }
  /** Until the service has let the client in, which may be later than the socket is open. */
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

/** The runtime looks at frames for itself; none of them is sent or received through it. */
type Anything = Protocol;

/** One connection at a time; it can be opened again after it has closed, and the log goes on. */
export class Connection extends Observable {
  readonly log: Log;
  readonly #options: ConnectionOptions;
  readonly #requests = new Map<string, { readonly key: number; readonly at: number }>();
  readonly #listener: Listener = {
    opened: (protocol) => this.note("open", protocol === "" ? "Connected" : `Connected, subprotocol ${protocol}`),
    received: (data) => this.#received(data),
    sent: (text) => this.#frame("sent", text),
    closed: (code, reason) => this.#ended(code, reason),
  };
  /** There is one from `open` until it is closed, by whichever side, or given up. */
  #client: Client<Anything> | undefined;
  #tap: Tap | undefined;
  #unwatch: (() => void) | undefined;
  #status: Status = { state: "idle" };
  /** How the last socket ended. */
  #close: Extract<Status, { state: "closed" }> | undefined;
  #isKept = false;
  #nextId = 1;

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
    this.log = options.log ?? new Log();
  }

  get status(): Status {
    return this.#status;
  }

  /** Connecting, open or on its way to be closed. */
  get isActive(): boolean {
    return ["connecting", "open", "closing"].includes(this.#status.state);
  }

  /**
   * Whether it is kept as a generated client keeps it: it comes back by itself when it was lost, and pings through a
   * silence. Otherwise it sends only what the reader sends, and ends when it ends.
   */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Pings begin when it is opened the next time. */
  set isKept(kept: boolean) {
    this.#isKept = kept;
    if (!kept) this.stopWaiting();
    this.changed();
  }

  /** It will be opened again by itself. */
  get isWaiting(): boolean {
    return this.#client?.state === "waiting";
  }

  stopWaiting(): void {
    if (!this.isWaiting) return;
    this.#release();
    this.changed();
  }

  /**
   * Open a socket; does nothing while there is one.
   *
   * `handshake` is asked for each attempt. When it throws, the connection has failed, and the message is the reason.
   */
  open(handshake: () => Handshake): void {
    if (this.isActive) return;
    this.#release();
    this.#close = undefined;
    const { rules, createSocket } = this.#options;
    const keeps = (): boolean => this.#isKept;
    const client = open<Anything>(
      {
        ...rules,
        // These are read for each attempt.
        get host() {
          return parts(handshake().url).host;
        },
        get address() {
          return parts(handshake().url).address;
        },
        get pings() {
          return rules.pings && keeps();
        },
      },
      {
        // What was refused is not tried again: there is nothing else.
        auth: ({ refresh }) => (refresh ? null : { authorization: handshake().authorization }),
        socket: (url, subprotocols) => {
          this.#event("connecting", `Connecting to ${handshake().shown}`);
          return (this.#tap = new Tap(createSocket(url, subprotocols), this.#listener));
        },
      },
    );
    this.#client = client;
    this.#unwatch = client.watch((state, change) => this.#follow(state, change));
    void client.connect();
  }

  /**
   * Send the text as it is, or with an id of our own when `numbered` and the service has a key for it.
   *
   * Returns whether it was sent: a browser drops silently what is sent to a socket that is closing.
   */
  send(text: string, numbered = false): boolean {
    if (this.#tap === undefined || this.#status.state !== "open") return false;
    const { envelope } = this.#options;
    const sent = numbered && envelope.idKey !== undefined ? withId(text, envelope.idKey, String(this.#nextId)) : text;
    if (sent !== text) this.#nextId += 1;
    this.#tap.send(sent);
    return true;
  }

  /** Close with 1000, or give up the attempt; the log tells when it has happened. */
  close(): void {
    if (this.isWaiting) this.stopWaiting();
    if (this.#client === undefined) return;
    if (this.#tap !== undefined) this.#become({ state: "closing" });
    this.#release();
    if (this.#tap === undefined) this.#ended(1006, "");
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

  #follow(state: State, { close, delay = 0, error, recovered }: Change): void {
    if (state === "connecting" || state === "open") {
      if (recovered !== undefined) this.#event("note", `Resumed, ${recovered ? "nothing was lost" : "with a loss"}`);
      this.#become({ state });
      return;
    }
    if (error !== undefined) {
      this.#release();
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    // The socket is still there, and says nothing any more.
    if (this.#tap !== undefined && close !== undefined) this.#giveUp(this.#tap, close);
    if (this.#isKept && state === "closed") this.#event("retry", `Not reconnecting: ${this.#whyNot()}`);
    // Without a wait only a fresh token is asked for, of which there is none.
    else if (this.#isKept && delay > 0) this.#event("retry", inWords(delay));
    if (!this.#isKept || state === "closed") this.#release();
    if (this.#close !== undefined) this.#become(this.#close);
  }

  /** The runtime has nothing more to do here. It closes the socket, which is heard until it is closed. */
  #release(): void {
    this.#unwatch?.();
    this.#client?.close();
    this.#unwatch = this.#client = undefined;
  }

  #giveUp(tap: Tap, { code, reason }: SocketClosed): void {
    tap.mute();
    this.#ended(code, reason);
  }

  #ended(code: number, reason: string): void {
    this.#tap = undefined;
    // An id of the next connection is another one, also when it is spelt alike.
    this.#requests.clear();
    this.#event("closed", `Closed with ${code}${reason === "" ? "" : `: ${reason}`}`, code);
    this.#close = { state: "closed", code, reason };
    this.#become(this.#close);
  }

  #fail(reason: string): void {
    this.#event("failed", reason);
    this.#become({ state: "failed", reason });
  }

  /** Who decided that it is over. */
  #whyNot(): string {
    const code = this.#close?.code ?? 0;
    switch (this.#options.rules.closeCodes[code]) {
      case "no":
        return "the document says that a client must not come back after this code";
      case "refresh":
        return "the document asks for a fresh token first";
      default:
        return `code ${code} ends a connection for good`;
    }
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

/** `delay`: milliseconds. */
function inWords(delay: number): string {
  const when = delay === Infinity ? "when the network is back" : `in ${(delay / 1_000).toFixed(1)} s`;
  return `Reconnecting ${when}`;
}

/** The two parts of a URL that the runtime puts together. What stands between braces would be a parameter to it. */
function parts(url: string): { readonly host: string; readonly address: string } {
  const [, host = "", address = ""] = /^(\w+:\/\/[^/]*)(.*)$/s.exec(url) ?? [];
  return { host, address: address.replace(/[{}]/g, encodeURIComponent) };
}
