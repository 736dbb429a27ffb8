/**
 * The connection of a client: opens it, keeps it open, and ties answers to requests.
 *
 * Touches no global before `connect()` is called, so it can be imported where
 * there is no browser. Needs no package.
 */

/** What travels over a channel; each channel has an interface of this shape. */
export interface Protocol {
  /** What stands for the names in the address. */
  params: object;
  query: object;
  /** Frames that the server may send, by their actions. */
  receives: object;
  /** What may be sent with an action. */
  sends: object;
  /** Answers, by the actions that they answer. */
  replies: object;
  /** As `replies`, of requests that may have several answers. */
  streams: object;
  /** The payload of an error. */
  failure: unknown;
}

/** Whether a client may come back after a close code. */
export type Retry = "no" | "backoff" | "refresh" | "wait";

/** What the document says of a channel, in data. */
export interface ChannelSpec {
  /** A path, in which `{name}` stands for a parameter. */
  readonly address: string;
  /** Where the service is, if nobody says otherwise. */
  readonly host: string;
  /** Keys of frames; the last two tie an answer to what it answers. */
  readonly keys: readonly [
    action: string,
    payload: string,
    id?: string,
    replyTo?: string,
  ];
  readonly closeCodes: Readonly<Record<number, Retry>>;
  /** Ways to say who one is; the first is used unless another is named. */
  readonly schemes: readonly Scheme[];
  /** Whether the first frame tells how authentication ended. */
  readonly authenticates: boolean;
  /** Whether a ping is answered. */
  readonly pings: boolean;
  /** Whether the service keeps what a client missed. */
  readonly resumes: boolean;
  /** For how many seconds it knows a request again, by action. */
  readonly repeats?: Readonly<Record<string, number>>;
}

export interface Scheme {
  readonly name: string;
  /** What stands before a token: "Token", "Bearer". */
  readonly prefix?: string;
  /** Subprotocols: the one to be selected, and what precedes a credential. */
  readonly subprotocols?: readonly [select: string, authorization: string];
  /** The query parameter that a credential goes into, without subprotocols. */
  readonly query?: string;
}

/** What `auth` gives: a token, or the whole value of an Authorization header. */
export interface Credential {
  readonly token?: string;
  /** Which of the service's security schemes the token is for. */
  readonly scheme?: string;
  readonly authorization?: string;
}

/** The part of a WebSocket that is used; its events are of many kinds. */
export interface SocketLike {
  readonly readyState?: number;
  onopen: ((event: any) => void) | null;
  /** With the `data` of a frame. */
  onmessage: ((event: any) => void) | null;
  /** With a `code` and a `reason`. */
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** Opens a socket. The credential is for those that can send headers. */
export type SocketFactory = (
  url: string,
  subprotocols: string[],
  credential: Credential | undefined,
) => SocketLike;

/**
 * Gives the credential for one attempt to connect; called afresh for each.
 * `refresh` is true when the server has refused the last one. Nothing
 * (`undefined`) connects without one, `null` gives up. When it throws, that
 * counts like a server that cannot be reached.
 */
export type Authenticate = (attempt: {
  readonly refresh: boolean;
}) => Promise<Credential | null | undefined> | Credential | null | undefined;

export interface RetryOptions {
  /** Milliseconds: the limit of the first wait; it doubles each time. */
  readonly min?: number;
  readonly max?: number;
  /** A connection that lasted this long was a good one: begin afresh. */
  readonly stable?: number;
  /** Attempts in a row before giving up. */
  readonly attempts?: number;
}

interface Common {
  /** "chat.example.com", "wss://chat.example.com", or with a prefix. */
  readonly host?: string;
  readonly auth?: Authenticate;
  /** `false`: a lost connection stays lost. */
  readonly retry?: RetryOptions | false;
  /** How many frames wait for the next connection; by default none. */
  readonly queue?: number;
  /** Milliseconds of silence after which a ping asks for a sign; 0: never. */
  readonly heartbeat?: number;
  /** Milliseconds that opening a connection may take. */
  readonly openTimeout?: number;
  readonly socket?: SocketFactory;
}

type Given<K extends string, T> = [keyof T] extends [never]
  ? { readonly [P in K]?: T }
  : object extends T
    ? { readonly [P in K]?: T }
    : { readonly [P in K]: T };

/** How to connect to a channel. */
export type Options<P extends Protocol> = Common &
  Given<"params", P["params"]> &
  Given<"query", P["query"]>;

/** A frame's keys that a sender chooses: without those that are given. */
export type Body<T, K extends PropertyKey> = T extends unknown
  ? { [P in keyof T as Exclude<P, K>]: T[P] }
  : never;

type Action<T> = keyof T & string;
type Arguments<T, O extends unknown[] = []> = object extends T
  ? [body?: T, ...options: O]
  : [body: T, ...options: O];

export type State = "idle" | "connecting" | "open" | "waiting" | "closed";

/** What a change of state is about. */
export interface Change {
  /** It was open before. */
  readonly reconnected: boolean;
  /** Nothing was lost meanwhile; told by services that keep what was missed. */
  readonly recovered?: boolean;
  /** Why the last connection ended. */
  readonly close?: SocketClosed;
  /** What `auth` threw. */
  readonly error?: unknown;
  /** Milliseconds until the next attempt; Infinity while offline. */
  readonly delay?: number;
}

export interface RequestOptions {
  /** Milliseconds; by default 10,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** A channel's client. Its methods need no `this`. */
export interface Client<P extends Protocol> {
  readonly state: State;
  /**
   * Connects. Resolves when the server has let the client in, and rejects with
   * SocketClosed when it is not worth to try again.
   */
  connect(this: void): Promise<void>;
  /** Closes for good; `connect()` begins anew. */
  close(this: void): void;
  /** Calls `listener` for each such frame; returns what ends that. */
  on<A extends Action<P["receives"]>>(
    this: void,
    action: A,
    listener: (frame: P["receives"][A]) => void,
  ): () => void;
  /** Sends. Throws NotOpen when there is no connection and no queue. */
  send<A extends Action<P["sends"]>>(
    this: void,
    action: A,
    ...body: Arguments<P["sends"][A]>
  ): void;
  /**
   * Sends, and resolves with the first answer. Rejects with RequestFailed,
   * RequestTimeout, SocketClosed, NotOpen, or the signal's reason.
   */
  request<A extends Action<P["replies"]> & Action<P["sends"]>>(
    this: void,
    action: A,
    ...rest: Arguments<P["sends"][A], [options?: RequestOptions]>
  ): Promise<P["replies"][A]>;
  /**
   * Sends, and iterates over the answers, until the server says that there are
   * no more, or you leave the loop. `timeout` is the time between two.
   */
  replies<A extends Action<P["streams"]> & Action<P["sends"]>>(
    this: void,
    action: A,
    ...rest: Arguments<P["sends"][A], [options?: RequestOptions]>
  ): AsyncIterableIterator<P["streams"][A]>;
  /**
   * Iterates over such frames, or over all without an action; goes on after a
   * reconnect. Ends with `close()`, throws SocketClosed when the server ends it.
   */
  stream<A extends Action<P["receives"]>>(
    this: void,
    ...actions: A[]
  ): AsyncIterableIterator<P["receives"][A]>;
  /** Calls `watcher` when the state changes; returns what ends that. */
  watch(
    this: void,
    watcher: (state: State, change: Change) => void,
  ): () => void;
}

/** No connection, and no room in the queue. */
export class NotOpen extends Error {
  override readonly name: string = "NotOpen";
}

/** No answer came in time. */
export class RequestTimeout extends Error {
  override readonly name: string = "RequestTimeout";
}

/** The server answered with an error. */
export class RequestFailed<E = unknown> extends Error {
  override readonly name: string = "RequestFailed";
  declare readonly payload: E;
  constructor(action: string, payload: E) {
    super(`"${action}" failed: ${JSON.stringify(payload)}`);
    this.payload = payload;
  }
}

/** The connection ended. */
export class SocketClosed extends Error {
  override readonly name: string = "SocketClosed";
  declare readonly code: number;
  declare readonly reason: string;
  constructor(code: number, reason = "") {
    super(`Closed with ${code}${reason && `: ${reason}`}`);
    this.code = code;
    this.reason = reason;
  }
}

type Frame = Record<string, any>;
type Listener = (frame: Frame) => void;
/**
 * Takes an answer; or the end, which may be one that another connection
 * follows; or neither, when that is there.
 */
type Waiting = (frame?: Frame, error?: unknown, follows?: boolean) => void;

/** The most frames that wait for a reader. */
const BACKLOG = 10_000;
/** Codes that mean the end, besides those of services: RFC 6455, 7.4.1. */
const FINAL = /^10(0[0237-9]|1[05])$/;

const base64url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");

/** What frames are put into, and iterated over. */
function feed(stop: () => void): {
  push: Listener;
  end: (error?: unknown) => void;
  iterator: AsyncIterableIterator<any>;
} {
  const frames: Frame[] = [];
  let ended = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  const end = (error?: unknown): void => {
    if (ended) return;
    ended = true;
    failure = error;
    stop();
    wake?.();
  };
  const push = (frame: Frame): void => {
    if (ended) return;
    if (frames.push(frame) > BACKLOG) end(new Error("Unread frames"));
    wake?.();
  };
  const iterator: AsyncIterableIterator<any> = {
    async next() {
      while (!frames.length) {
        if (ended) {
          const error = failure;
          failure = undefined;
          if (error) throw error;
          return { done: true, value: undefined };
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return { done: false, value: frames.shift() };
    },
    async return() {
      frames.length = 0;
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return { push, end, iterator };
}

const ownClose = new SocketClosed(1000);

/** A client for a channel; `connect…()` of channels.ts knows its types. */
export function open<P extends Protocol>(
  spec: ChannelSpec,
  options: Options<P>,
): Client<P> {
  const { retry = {}, queue = 0, heartbeat = 15_000 } = options as Common;
  const {
    min = 500,
    max = 30_000,
    stable = 5_000,
    attempts = 1 / 0,
  } = retry || {};
  const [actionKey, payloadKey, idKey, replyKey] = spec.keys;
  const scope = globalThis as any;
  const listeners = new Map<string | undefined, Set<Listener>>();
  const watchers = new Set<(state: State, change: Change) => void>();
  const waiting = new Map<unknown, Waiting>();
  const streams = new Set<(error?: unknown) => void>();
  const queued: string[] = [];
  // Ids of several clients of one user, or of one client and its past, differ.
  const prefix = Math.random();

  let state: State = "idle";
  let socket: SocketLike | undefined;
  /** Counts sockets: what belongs to an earlier one is no longer of interest. */
  let epoch = 0;
  let count = 0;
  let tries = 0;
  let openedAt = 0;
  let wasOpen = false;
  /** The last credential was refused: only a fresh one is of any use. */
  let refresh = false;
  let retryAfter: number | undefined;
  /** Who this client is to a service that resumes, and where it stands. */
  let self: string | undefined;
  /** Who it is to this connection: what is sent again was sent by that one. */
  let name: string | undefined;
  const places = new Map<string, { epoch: string; seq: number }>();
  let resuming = false;
  let now: [string, any][] = [];
  /** Heartbeats without a frame: after two one asks, after three one knows. */
  let silence = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pulse: ReturnType<typeof setInterval> | undefined;
  let ready: Promise<void> | undefined;
  let settle: ((error?: unknown) => void) | undefined;

  const become = (next: State, change: Partial<Change> = {}): void => {
    state = next;
    for (const watcher of [...watchers])
      call(() => watcher(next, { reconnected: wasOpen, ...change }));
  };

  /** A listener that throws is its own affair. */
  const call = (callback: () => void): void => {
    try {
      callback();
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  };

  const quiet = (): void => {
    epoch += 1;
    clearTimeout(timer);
    clearInterval(pulse);
    scope.removeEventListener?.("online", start);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket = undefined;
    }
  };

  /** The end, until somebody connects again. */
  const finish = (close: SocketClosed, error?: unknown): void => {
    abandon(close);
    queued.length = 0;
    settle?.(error ?? close);
    become("closed", { close, error });
    // What the user has closed just ends.
    for (const end of [...streams]) end(close === ownClose ? undefined : close);
  };

  const ended = (code: number, reason?: string, error?: unknown): void => {
    const close = new SocketClosed(code, reason);
    const rule =
      spec.closeCodes[code] ??
      (code >= 4000 || FINAL.test(`${code}`) ? "no" : "backoff");
    if (state === "open") {
      ready = undefined;
      const lasted = Date.now() - openedAt >= stable;
      if (lasted) tries = 0;
      // Accepted, and at once refused again: another refresh would not help.
      if (lasted || rule !== "refresh") refresh = false;
    }
    quiet();
    const mayRefresh = rule === "refresh" && options.auth && !refresh;
    if (
      !retry ||
      tries >= attempts ||
      rule === "no" ||
      (rule === "refresh" && !mayRefresh)
    ) {
      return finish(close, error);
    }
    abandon(close, true);
    let delay = Math.random() * Math.min(max, min * 2 ** tries++);
    if (mayRefresh) {
      refresh = true;
      delay = 0;
    }
    const told = rule === "wait" && retryAfter;
    if (told) delay += told * 1000;
    retryAfter = undefined;
    // Where nobody tells of the network (Node.js, React Native) time goes on.
    if (scope.navigator?.onLine === false && scope.addEventListener)
      delay = 1 / 0;
    else timer = setTimeout(start, delay);
    if (!told || delay === 1 / 0) scope.addEventListener?.("online", start);
    become("waiting", { close, error, delay });
  };

  /** Tells whoever waits for an answer that the connection has ended, or begun. */
  const abandon = (close?: SocketClosed, follows?: boolean): void => {
    for (const each of [...waiting.values()]) each(undefined, close, follows);
  };

  const lost = (reason: string): void => {
    const dead = socket;
    ended(1006, reason);
    dead?.close();
  };

  const opened = (): void => {
    clearTimeout(timer);
    openedAt = Date.now();
    resuming = places.size > 0;
    become("open");
    wasOpen = true;
    abandon();
    for (const text of queued.splice(0)) socket?.send(text);
    settle?.();
    if (spec.pings && heartbeat) {
      silence = 0;
      pulse = setInterval(() => {
        silence += 1;
        if (silence > 2) lost("No pong");
        else if (silence > 1) socket?.send(encode("ping"));
      }, heartbeat);
    }
  };

  const encode = (action: string, body?: unknown, id?: string): string =>
    JSON.stringify({
      ...(body as object),
      [actionKey]: action,
      ...(idKey && id && { [idKey]: id }),
    });

  /** Keeps track of positions; false for a frame that was there before. */
  const placed = (action: string, payload: any, frame: Frame): boolean => {
    const groups = Object.entries<any>(payload?.groups ?? {});
    if (action === "positions") {
      self ??= payload?.client;
      if (resuming) {
        now = groups;
        const known = Object.fromEntries(places);
        socket?.send(
          encode(
            "resume",
            { [payloadKey]: { client: self, groups: known } },
            "resume",
          ),
        );
      }
      resuming = false;
      for (const [group, position] of groups)
        // Without a position the client has left it.
        if (!position || !places.has(group)) place(group, position);
    } else if (action === "resumed") {
      // Without a position the client is no longer a member.
      for (const [group, told] of groups) place(group, told?.position);
      become("open", {
        recovered: groups.every(([, told]) => told?.recovered),
      });
    } else if (action === "error" && frame[replyKey!] === "resume") {
      // Refused: what was missed stays missed.
      places.clear();
      for (const each of now) place(...each);
      become("open", { recovered: false });
    } else {
      const { group, seq } = frame;
      const last = places.get(group);
      if (last && seq < 1 / 0) {
        if (seq <= last.seq) return false;
        last.seq = seq;
      }
    }
    return true;
  };

  /** What is no position is forgotten. */
  const place = (group: string, position: any): void => {
    if (position?.seq < 1 / 0) places.set(group, position);
    else places.delete(group);
  };

  const received = (data: unknown): void => {
    silence = 0;
    let frame: Frame | null;
    try {
      frame = JSON.parse(data as string);
    } catch {
      return;
    }
    if (!frame) return;
    const action: string = frame[actionKey];
    const payload = frame[payloadKey];
    // Of a refusal, or of an error; with one key or the other.
    const told = payload?.data ?? payload?.[0] ?? payload;
    retryAfter = told?.retry_after ?? told?.retryAfter ?? retryAfter;
    // Nothing is to be asked before the client knows its name.
    const first = spec.repeats ? "positions" : "authentication";
    if (action === first && state === "connecting") {
      name = payload?.client;
      if (name || (payload?.status_code ?? payload?.statusCode) === 200)
        opened();
    }
    if (spec.resumes && state === "open" && !placed(action, payload, frame))
      return;
    const reply = replyKey && waiting.get(frame[replyKey]);
    if (reply) reply(frame);
    for (const key of [action, undefined])
      for (const listener of [...(listeners.get(key) ?? [])])
        call(() => listener(frame));
  };

  async function start(): Promise<void> {
    quiet();
    const mine = epoch;
    openedAt = 0;
    become("connecting");
    let credential: Credential | null | undefined;
    try {
      credential = await options.auth?.({ refresh });
    } catch (error) {
      if (mine === epoch) ended(1006, "No credential", error);
      return;
    }
    if (mine !== epoch) return;
    if (credential === null)
      return finish(new SocketClosed(4401, "No credential"));
    try {
      const opening = (options.socket ?? plainSocket)(
        ...target(credential),
        credential,
      );
      socket = opening;
      timer = setTimeout(lost, options.openTimeout ?? 15_000, "No answer");
      opening.onopen = () => spec.authenticates || spec.repeats || opened();
      opening.onmessage = ({ data }) => received(data);
      opening.onclose = ({ code, reason }) => ended(code, reason);
      // A close follows, but not in each version of Node.js.
      opening.onerror = () =>
        setTimeout(() => socket === opening && !openedAt && ended(1006));
    } catch (error) {
      // An address or a subprotocol that no socket can have: no use to repeat.
      finish(new SocketClosed(1006), error);
    }
  }

  const plainSocket: SocketFactory = (url, subprotocols) =>
    new scope.WebSocket(url, subprotocols);

  /** The URL and the subprotocols. */
  const target = (credential: Credential | undefined): [string, string[]] => {
    const params = (options.params ?? {}) as Frame;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options.query ?? {}))
      for (const each of [value].flat())
        if (each != null) query.append(name, String(each));
    const subprotocols: string[] = [];
    const { token, authorization } = credential ?? {};
    if (token || authorization) {
      const scheme = spec.schemes.find(
        ({ name }) => name === (credential?.scheme ?? name),
      );
      if (scheme?.subprotocols)
        subprotocols.push(
          scheme.subprotocols[0],
          scheme.subprotocols[1] +
            base64url(authorization ?? `${scheme.prefix ?? "Bearer"} ${token}`),
        );
      else if (scheme?.query && token) query.set(scheme.query, token);
    }
    // The server selects the first one, as browsers want it.
    if (places.size) {
      subprotocols[0] ??= "chanx.v1";
      subprotocols.push("chanx.resume");
    }
    const [, own, rest] = /^(?:(\w+):\/\/)?(.*?)\/*$/.exec(
      options.host ?? spec.host,
    ) as unknown as string[];
    // A page that came over TLS may not open a plain socket.
    const protocol = own ?? scope.location?.protocol ?? spec.host;
    const secure = /^(http|ws)s/.test(protocol) ? "s" : "";
    const path = spec.address.replace(/\{([^{}]+)\}/g, (_, name: string) =>
      encodeURIComponent(String(params[name])),
    );
    const search = String(query);
    return [
      `ws${secure}://${rest}${path}${search && `?${search}`}`,
      subprotocols,
    ];
  };

  const transmit = (action: string, body: unknown, id?: string): void => {
    const text = encode(action, body, id);
    // What is sent to a socket that is closing is dropped without a word.
    if (state === "open" && (socket?.readyState ?? 1) === 1) socket?.send(text);
    else if (state !== "closed" && queued.length < queue) queued.push(text);
    else throw new NotOpen(`"${action}" not sent: ${state}`);
  };

  /** Sends a frame, and gives each of its answers to `take` until it is told. */
  const ask = (
    action: string,
    body: unknown,
    { timeout = 10_000, signal }: RequestOptions = {},
    take: (frame: Frame | undefined, error: unknown, stop: () => void) => void,
  ): (() => void) => {
    const id = `${prefix}-${++count}`;
    const until = Date.now() + (spec.repeats?.[action] ?? 0) * 1000;
    /** Who has sent it first, and how much of the answer was there before. */
    let sender: string | undefined;
    let seen = 0;
    let known = 0;
    let clock: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      clearTimeout(clock);
      signal?.removeEventListener("abort", abort);
      waiting.delete(id);
    };
    const fail = (error: unknown): void => {
      stop();
      take(undefined, error, stop);
    };
    const wind = (): void => {
      clearTimeout(clock);
      clock = setTimeout(
        () => fail(new RequestTimeout(`No answer to "${action}"`)),
        timeout,
      );
    };
    const abort = (): void => fail(signal?.reason);
    waiting.set(id, (frame, error, follows) => {
      const may = Date.now() < until;
      if (!frame && !error) {
        const again = { ...(body as object), retry: sender };
        if (!sender) return;
        if (may) return socket?.send(encode(action, again, id));
        error = new SocketClosed(1006);
      }
      if (follows && may && (sender ??= name)) {
        known = Math.max(known, seen);
        seen = 0;
        return;
      }
      // What had come before comes again.
      if (frame && seen++ < known) return;
      if (frame?.[actionKey] === "error")
        error = new RequestFailed(action, frame[payloadKey]);
      if (error) return fail(error);
      wind();
      take(frame, undefined, stop);
    });
    wind();
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", abort);
      transmit(action, body, id);
    } catch (error) {
      fail(error);
    }
    return stop;
  };

  const on = (action: string | undefined, listener: Listener): (() => void) => {
    // Of its own, so that one listener may be there twice.
    const own: Listener = (frame) => listener(frame);
    const found = listeners.get(action) ?? new Set();
    listeners.set(action, found.add(own));
    return () => void found.delete(own);
  };

  const client = {
    get state() {
      return state;
    },
    connect() {
      if (state === "open") return Promise.resolve();
      if (!ready || state === "closed") {
        ready = new Promise<void>((resolve, reject) => {
          settle = (error) => (error ? reject(error) : resolve());
        });
        // Whoever does not wait for it learns it from watch().
        ready.catch(() => {});
      }
      if (state === "idle" || state === "closed") {
        tries = 0;
        refresh = wasOpen = false;
        void start();
      }
      return ready;
    },
    close() {
      if (state === "closed" || state === "idle") return;
      const last = socket;
      quiet();
      finish(ownClose);
      last?.close(1000);
    },
    on,
    send: (action: string, body?: unknown) => transmit(action, body),
    request: (action: string, body?: unknown, asked?: RequestOptions) =>
      new Promise((resolve, reject) => {
        ask(action, body, asked, (frame, error, stop) => {
          stop();
          if (error) reject(error);
          else resolve(frame);
        });
      }),
    replies(action: string, body?: unknown, asked?: RequestOptions) {
      // An answer may be there before there is anything to stop.
      let leave: (() => void) | undefined;
      const { push, end, iterator } = feed(() => leave?.());
      leave = ask(action, body, asked, (frame, error, stop) => {
        if (frame && frame[actionKey] !== "complete") return push(frame);
        stop();
        end(error);
      });
      return iterator;
    },
    stream(...actions: string[]) {
      const { push, end, iterator } = feed(() => {
        streams.delete(end);
        for (const off of offs) off();
      });
      const offs = (actions.length ? actions : [undefined]).map((action) =>
        on(action, push),
      );
      streams.add(end);
      return iterator;
    },
    watch(watcher: (state: State, change: Change) => void) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
  return client as unknown as Client<P>;
}
