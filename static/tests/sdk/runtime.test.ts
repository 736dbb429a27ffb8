/** The runtime of generated clients, with sockets and a clock of the test. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ChannelSpec,
  type Client,
  NotOpen,
  type Options,
  open,
  type Protocol,
  RequestFailed,
  RequestTimeout,
  SocketClosed,
  type SocketLike,
  type State,
} from "../../../chanx_asyncapi/codegen/typescript/runtime/runtime.ts";

interface Frame {
  action: string;
  payload?: unknown;
  reply_to?: string;
}

interface Chat extends Protocol {
  params: { room: string | number };
  query: { after?: number; tag?: string[] };
  receives: { said: Frame; typing: Frame; error: Frame };
  sends: { say: { payload: string }; ping: { payload?: null } };
  replies: { say: Frame };
  streams: { say: Frame };
  failure: unknown;
}

const SPEC: ChannelSpec = {
  address: "/ws/{room}/",
  host: "ws://localhost:8000/prefix",
  keys: ["action", "payload", "id", "reply_to"],
  closeCodes: { 1012: "backoff", 4401: "refresh", 4403: "no", 4429: "wait" },
  schemes: [
    { name: "tokenAuth", prefix: "Token", subprotocols: ["chanx.v1", "chanx.auth."] },
    { name: "key", query: "api_key" },
  ],
  authenticates: true,
  pings: true,
  resumes: false,
};

/** A socket whose server is the test. */
class FakeSocket implements SocketLike {
  static readonly all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const last = FakeSocket.all.at(-1);
    if (!last) throw new Error("nobody has connected");
    return last;
  }
  readyState = 1;
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  readonly sent: Record<string, unknown>[] = [];
  closed: number | undefined;
  readonly url: string;
  readonly subprotocols: string[];
  constructor(url: string, subprotocols: string[]) {
    this.url = url;
    this.subprotocols = subprotocols;
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code?: number): void {
    this.closed = code ?? 1005;
  }
  give(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  accept(): void {
    this.onopen?.({} as never);
    this.give({ action: "authentication", payload: { status_code: 200, status_text: "OK", data: {} } });
  }
  refuse(code: number, data: unknown = {}): void {
    this.onopen?.({} as never);
    this.give({ action: "authentication", payload: { status_code: code - 4000, status_text: "", data } });
    this.end(code);
  }
  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
}

const made: Client<Chat>[] = [];

function client(options: Partial<Options<Chat>> = {}, spec: Partial<ChannelSpec> = {}): Client<Chat> {
  const chat = open<Chat>(
    { ...SPEC, ...spec },
    { params: { room: 7 }, socket: (url, subprotocols) => new FakeSocket(url, subprotocols), ...options },
  );
  made.push(chat);
  return chat;
}

/** Lets what is due in this moment happen. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

async function connected(options: Partial<Options<Chat>> = {}, spec: Partial<ChannelSpec> = {}): Promise<Client<Chat>> {
  const chat = client(options, spec);
  const ready = chat.connect();
  await settle();
  FakeSocket.last.accept();
  await ready;
  return chat;
}

beforeEach(() => {
  vi.useFakeTimers();
  // Full jitter, at its limit: each wait is the longest that it may be.
  vi.spyOn(Math, "random").mockReturnValue(1);
  FakeSocket.all.length = 0;
});

afterEach(() => {
  for (const chat of made.splice(0)) chat.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("connecting", () => {
  it("waits for the authentication frame", async () => {
    const chat = client();
    const states: State[] = [];
    chat.watch((state) => states.push(state));
    let done = false;
    const ready = chat.connect().then(() => (done = true));
    await settle();
    FakeSocket.last.onopen?.({} as never);
    await settle();
    expect([chat.state, done]).toEqual(["connecting", false]);

    FakeSocket.last.accept();
    await ready;

    expect([chat.state, states]).toEqual(["open", ["connecting", "open"]]);
  });

  it("is done with the socket where no such frame is sent", async () => {
    const chat = client({}, { authenticates: false });
    const ready = chat.connect();
    await settle();
    FakeSocket.last.onopen?.({} as never);
    await ready;
    expect(chat.state).toBe("open");
  });

  it("opens one socket however often it is asked", async () => {
    const chat = client();
    const both = Promise.all([chat.connect(), chat.connect()]);
    await settle();
    FakeSocket.last.accept();
    await both;
    await chat.connect();
    expect(FakeSocket.all.length).toBe(1);
  });

  it("rejects when it is refused for good", async () => {
    const chat = client();
    const ready = chat.connect();
    const outcome = expect(ready).rejects.toMatchObject({ name: "SocketClosed", code: 4403 });
    await settle();
    FakeSocket.last.refuse(4403);
    await outcome;
    expect(chat.state).toBe("closed");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.all.length).toBe(1);
  });

  it("gives up a socket that does not open, and tries again", async () => {
    const chat = client({ openTimeout: 1_000 });
    void chat.connect();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([chat.state, FakeSocket.last.closed]).toEqual(["waiting", 1005]);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all.length).toBe(2);
  });

  it("tries again after an error that no close follows, as in Node.js 20", async () => {
    const chat = client();
    void chat.connect();
    await settle();
    FakeSocket.last.onerror?.({});
    await settle();
    expect(chat.state).toBe("waiting");
    await vi.advanceTimersByTimeAsync(500);
    // Where one follows, it counts once.
    const failed = FakeSocket.last;
    const closed = failed.onclose;
    failed.onerror?.({});
    closed?.({ code: 1006, reason: "" });
    await vi.advanceTimersByTimeAsync(999);
    expect([chat.state, FakeSocket.all.length]).toEqual(["waiting", 2]);
  });

  it("can begin anew after it was closed", async () => {
    const chat = await connected();
    chat.close();
    expect([chat.state, FakeSocket.last.closed]).toEqual(["closed", 1000]);
    const again = chat.connect();
    await settle();
    FakeSocket.last.accept();
    await again;
    expect([chat.state, FakeSocket.all.length]).toEqual(["open", 2]);
  });

  it("forgets an attempt that was closed meanwhile", async () => {
    let give: (token: { token: string }) => void = () => {};
    const chat = client({ auth: () => new Promise((resolve) => (give = resolve)) });
    const outcome = expect(chat.connect()).rejects.toMatchObject({ code: 1000 });
    await settle();
    chat.close();
    give({ token: "late" });
    await settle();
    await outcome;
    expect(FakeSocket.all.length).toBe(0);
  });

  it("does not repeat what no socket can do", async () => {
    const chat = client({
      socket: () => {
        throw new SyntaxError("no such address");
      },
    });
    await expect(chat.connect()).rejects.toThrow("no such address");
    expect(chat.state).toBe("closed");
  });
});

describe("the address", () => {
  const url = async (options: Partial<Options<Chat>>): Promise<string> => {
    void client(options).connect();
    await settle();
    return FakeSocket.last.url;
  };

  it("is the document's unless a host is given", async () => {
    expect(await url({})).toBe("ws://localhost:8000/prefix/ws/7/");
    expect(await url({ host: "example.com" })).toBe("ws://example.com/ws/7/");
    expect(await url({ host: "wss://example.com/a/" })).toBe("wss://example.com/a/ws/7/");
    expect(await url({ host: "https://example.com" })).toBe("wss://example.com/ws/7/");
    expect(await url({ host: "http://[::1]:8000" })).toBe("ws://[::1]:8000/ws/7/");
  });

  it("is secure on a page that is", async () => {
    vi.stubGlobal("location", { protocol: "https:" });
    expect(await url({ host: "example.com" })).toBe("wss://example.com/ws/7/");
    expect(await url({ host: "ws://example.com" })).toBe("ws://example.com/ws/7/");
  });

  it("has parameters and a query, encoded", async () => {
    expect(await url({ params: { room: "a/b ?#ä" } })).toBe("ws://localhost:8000/prefix/ws/a%2Fb%20%3F%23%C3%A4/");
    expect(await url({ query: { after: 1, tag: ["a&b", "c"] } })).toMatch(/\/ws\/7\/\?after=1&tag=a%26b&tag=c$/);
    expect(await url({ query: {} })).toMatch(/\/ws\/7\/$/);
  });
});

describe("credentials", () => {
  it("travel as a subprotocol", async () => {
    void client({ auth: () => ({ token: "ä" }) }).connect();
    await settle();
    const encoded = Buffer.from("Token ä").toString("base64url");
    expect(FakeSocket.last.subprotocols).toEqual(["chanx.v1", `chanx.auth.${encoded}`]);
  });

  it("may be a whole header, or of another scheme", async () => {
    void client({ auth: () => ({ authorization: "Basic eA==" }) }).connect();
    await settle();
    expect(FakeSocket.last.subprotocols[1]).toBe(`chanx.auth.${Buffer.from("Basic eA==").toString("base64url")}`);
    void client({ auth: () => ({ token: "a b", scheme: "key" }) }).connect();
    await settle();
    expect([FakeSocket.last.url.split("?")[1], FakeSocket.last.subprotocols]).toEqual(["api_key=a+b", []]);
  });

  it("are asked for afresh on each connection", async () => {
    const auth = vi.fn(async () => ({ token: "x" }));
    await connected({ auth });
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    expect(auth.mock.calls).toEqual([[{ refresh: false }], [{ refresh: false }]]);
  });

  it("are refreshed once after 4401, and then it is over", async () => {
    const auth = vi.fn(async () => ({ token: "x" }));
    const chat = client({ auth });
    const outcome = expect(chat.connect()).rejects.toMatchObject({ code: 4401 });
    await settle();
    FakeSocket.last.refuse(4401);
    await settle();
    expect(auth.mock.calls).toEqual([[{ refresh: false }], [{ refresh: true }]]);
    FakeSocket.last.refuse(4401);
    await outcome;
    await vi.advanceTimersByTimeAsync(600_000);
    expect([chat.state, FakeSocket.all.length]).toEqual(["closed", 2]);
  });

  it("may be refreshed again after a connection that lasted", async () => {
    const auth = vi.fn(async () => ({ token: "x" }));
    const chat = await connected({ auth, heartbeat: 0 });
    for (let round = 0; round < 3; round += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      FakeSocket.last.end(4401);
      await settle();
      FakeSocket.last.accept();
    }
    expect([chat.state, auth.mock.calls.length]).toEqual(["open", 4]);
    // One that is accepted and closed at once is no good one: no storm.
    FakeSocket.last.end(4401);
    await settle();
    FakeSocket.last.accept();
    FakeSocket.last.end(4401);
    expect(chat.state).toBe("closed");
  });

  it("are refreshed again when the server was away in between", async () => {
    const auth = vi.fn(async () => ({ token: "x" }));
    const chat = client({ auth });
    const ready = chat.connect();
    await settle();
    FakeSocket.last.refuse(4401);
    await settle();
    FakeSocket.last.end(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    await ready;
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(auth.mock.calls).toEqual([false, true, true, false].map((refresh) => [{ refresh }]));
  });

  it("that nobody can refresh end it", async () => {
    const chat = client();
    const outcome = expect(chat.connect()).rejects.toMatchObject({ code: 4401 });
    await settle();
    FakeSocket.last.refuse(4401);
    await outcome;
    expect(chat.state).toBe("closed");
  });

  it("that cannot be had are like a server that is away", async () => {
    const auth = vi.fn(async () => ({ token: "x" }));
    auth.mockRejectedValueOnce(new TypeError("no network"));
    const chat = client({ auth });
    const errors: unknown[] = [];
    chat.watch((state, { error }) => state === "waiting" && errors.push(error));
    const ready = chat.connect();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    await ready;
    expect(errors).toEqual([new TypeError("no network")]);
  });

  it("give up with null", async () => {
    const chat = client({ auth: () => null });
    await expect(chat.connect()).rejects.toMatchObject({ code: 4401, reason: "No credential" });
    expect([chat.state, FakeSocket.all.length]).toEqual(["closed", 0]);
  });
});

describe("coming back", () => {
  it("waits longer each time, up to a limit", async () => {
    const chat = client({ retry: { min: 100, max: 1_000 } });
    const delays: unknown[] = [];
    chat.watch((state, { delay }) => state === "waiting" && delays.push(delay));
    void chat.connect();
    await settle();
    for (let round = 0; round < 6; round += 1) {
      FakeSocket.last.end(1006);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it("waits for a random part of that time", async () => {
    vi.mocked(Math.random).mockReturnValue(0.25);
    const chat = await connected();
    const delays: unknown[] = [];
    chat.watch((state, { delay }) => state === "waiting" && delays.push(delay));
    FakeSocket.last.end(1006);
    expect(delays).toEqual([125]);
  });

  it("is not encouraged by connections that are closed at once", async () => {
    const chat = await connected();
    const delays: unknown[] = [];
    chat.watch((state, { delay }) => state === "waiting" && delays.push(delay));
    for (let round = 0; round < 3; round += 1) {
      FakeSocket.last.end(1012);
      await vi.advanceTimersByTimeAsync(2_000);
      FakeSocket.last.accept();
    }
    await vi.advanceTimersByTimeAsync(5_000);
    FakeSocket.last.end(1012);
    expect(delays).toEqual([500, 1_000, 2_000, 500]);
  });

  it("tells why, and that it has come back", async () => {
    const chat = await connected();
    const told: unknown[] = [];
    chat.watch((state, { reconnected, close }) => told.push([state, reconnected, close?.code, close?.reason]));
    FakeSocket.last.end(1012, "restart");
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    expect(told).toEqual([
      ["waiting", true, 1012, "restart"],
      ["connecting", true, undefined, undefined],
      ["open", true, undefined, undefined],
    ]);
  });

  it.each([1000, 4403, 4999, 1008])("does not after %i", async (code) => {
    const chat = await connected();
    FakeSocket.last.end(code);
    expect(chat.state).toBe("closed");
  });

  it.each([1006, 1012, 1001, 1005])("does after %i", async (code) => {
    const chat = await connected();
    FakeSocket.last.end(code);
    expect(chat.state).toBe("waiting");
  });

  it("waits as long as it is told", async () => {
    const chat = client();
    void chat.connect();
    await settle();
    FakeSocket.last.refuse(4429, { detail: "Throttled", retry_after: 60 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([chat.state, FakeSocket.all.length]).toEqual(["waiting", 1]);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all.length).toBe(2);
  });

  it("waits as long as an error said before the close", async () => {
    const chat = await connected();
    const delays: unknown[] = [];
    chat.watch((state, { delay }) => state === "waiting" && delays.push(delay));
    FakeSocket.last.give({ action: "error", payload: [{ type: "throttled", loc: [], msg: "", retry_after: 3 }] });
    FakeSocket.last.end(4429);
    expect(delays).toEqual([3_500]);
  });

  it("can be switched off, or limited", async () => {
    const once = await connected({ retry: false });
    FakeSocket.last.end(1006);
    expect(once.state).toBe("closed");
    const twice = client({ retry: { attempts: 1 } });
    const outcome = expect(twice.connect()).rejects.toBeInstanceOf(SocketClosed);
    await settle();
    FakeSocket.last.end(1006);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.end(1006);
    await outcome;
  });

  it("lets connect() wait for the next connection", async () => {
    const chat = await connected();
    FakeSocket.last.end(1012);
    let back = false;
    const ready = chat.connect().then(() => (back = true));
    await vi.advanceTimersByTimeAsync(500);
    expect(back).toBe(false);
    FakeSocket.last.accept();
    await ready;
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    // It has come back before anybody asked.
    await chat.connect();
  });

  it("waits for the network while there is none", async () => {
    const target = new EventTarget();
    vi.stubGlobal("navigator", { onLine: false });
    vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
    vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
    const chat = await connected();
    const delays: unknown[] = [];
    chat.watch((state, { delay }) => state === "waiting" && delays.push(delay));
    FakeSocket.last.end(1006);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([FakeSocket.all.length, delays]).toEqual([1, [Infinity]]);

    target.dispatchEvent(new Event("online"));
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    target.dispatchEvent(new Event("online"));
    await settle();
    expect(FakeSocket.all.length).toBe(2);
  });
});

describe("sending", () => {
  it("throws without a connection", async () => {
    const chat = client();
    expect(() => chat.send("say", { payload: "x" })).toThrow(NotOpen);
    await connected();
  });

  it("throws while the socket is closing, when browsers drop what is sent", async () => {
    const chat = await connected();
    FakeSocket.last.readyState = 2;
    expect(() => chat.send("say", { payload: "x" })).toThrow(NotOpen);
  });

  it("writes the action, and what it is given", async () => {
    const chat = await connected();
    chat.send("say", { payload: "x" });
    chat.send("ping");
    expect(FakeSocket.last.sent).toEqual([{ action: "say", payload: "x" }, { action: "ping" }]);
  });

  it("keeps as many frames for the next connection as it was allowed to", async () => {
    const chat = client({ queue: 2 });
    chat.send("say", { payload: "1" });
    void chat.connect();
    await settle();
    chat.send("say", { payload: "2" });
    expect(() => chat.send("say", { payload: "3" })).toThrow(NotOpen);
    FakeSocket.last.onopen?.({} as never);
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.accept();
    expect(FakeSocket.last.sent.map(({ payload }) => payload)).toEqual(["1", "2"]);
  });

  it("throws away what waited for a connection that never comes", async () => {
    const chat = client({ queue: 2 });
    chat.send("say", { payload: "1" });
    const outcome = expect(chat.connect()).rejects.toBeInstanceOf(SocketClosed);
    await settle();
    FakeSocket.last.refuse(4403);
    await outcome;
    expect(() => chat.send("say", { payload: "2" })).toThrow(NotOpen);
    void chat.connect();
    await settle();
    FakeSocket.last.accept();
    expect(FakeSocket.last.sent).toEqual([]);
  });
});

describe("requests", () => {
  const lastId = (): unknown => FakeSocket.last.sent.at(-1)?.["id"];

  it("resolve with their own answer", async () => {
    const chat = await connected();
    const [first, second] = [chat.request("say", { payload: "1" }), chat.request("say", { payload: "2" })];
    const [one, two] = FakeSocket.last.sent.map(({ id }) => id);
    expect(one).not.toBe(two);
    FakeSocket.last.give({ action: "said", payload: 2, reply_to: two });
    FakeSocket.last.give({ action: "said", payload: 0 });
    FakeSocket.last.give({ action: "said", payload: 1, reply_to: one });
    expect([await first, await second].map(({ payload }) => payload)).toEqual([1, 2]);
  });

  it("reject with the error of the server", async () => {
    const chat = await connected();
    const asked = chat.request("say", { payload: "1" });
    FakeSocket.last.give({ action: "error", payload: [{ type: "missing" }], reply_to: lastId() });
    const error = await asked.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestFailed);
    expect((error as RequestFailed).payload).toEqual([{ type: "missing" }]);
  });

  it("reject when no answer comes in time", async () => {
    const chat = await connected();
    const outcome = expect(chat.request("say", { payload: "1" }, { timeout: 50 })).rejects.toBeInstanceOf(RequestTimeout);
    await vi.advanceTimersByTimeAsync(50);
    await outcome;
    FakeSocket.last.give({ action: "said", reply_to: lastId() });
  });

  it("reject when they are aborted, before or after", async () => {
    const chat = await connected();
    const controller = new AbortController();
    const outcome = expect(chat.request("say", { payload: "1" }, { signal: controller.signal })).rejects.toThrow("enough");
    controller.abort(new Error("enough"));
    await outcome;
    const sent = FakeSocket.last.sent.length;
    await expect(chat.request("say", { payload: "2" }, { signal: controller.signal })).rejects.toThrow("enough");
    expect(FakeSocket.last.sent.length).toBe(sent);
  });

  it("reject when the connection ends: nobody knows whether they were handled", async () => {
    const chat = await connected();
    const outcome = expect(chat.request("say", { payload: "1" })).rejects.toMatchObject({ code: 1012 });
    FakeSocket.last.end(1012);
    await outcome;
  });

  it("reject without a connection", async () => {
    await expect(client().request("say", { payload: "1" })).rejects.toBeInstanceOf(NotOpen);
  });

  it("have ids that no other client has", async () => {
    vi.mocked(Math.random).mockReturnValueOnce(0.1).mockReturnValueOnce(0.2);
    const ids = new Set<unknown>();
    for (const chat of [await connected(), await connected()]) {
      void chat.request("say", { payload: "1" }).catch(() => {});
      ids.add(lastId());
    }
    expect(ids.size).toBe(2);
  });

  it("with several answers are iterated over until they are complete", async () => {
    const chat = await connected();
    const answers = chat.replies("say", { payload: "1" });
    const id = lastId();
    for (const payload of [1, 2]) FakeSocket.last.give({ action: "said", payload, reply_to: id });
    FakeSocket.last.give({ action: "complete", payload: null, reply_to: id });
    const got: unknown[] = [];
    for await (const { payload } of answers) got.push(payload);
    expect(got).toEqual([1, 2]);
  });

  it("with several answers may be left", async () => {
    const chat = await connected();
    const answers = chat.replies("say", { payload: "1" }, { timeout: 1_000 });
    FakeSocket.last.give({ action: "said", payload: 1, reply_to: lastId() });
    for await (const { payload } of answers) {
      expect(payload).toBe(1);
      break;
    }
    expect(await answers.next()).toEqual({ done: true, value: undefined });
  });

  it("with several answers survive answers that come at once", async () => {
    const chat = await connected({
      socket: (url, subprotocols) => {
        const socket = new FakeSocket(url, subprotocols);
        socket.send = (text) => {
          const { id } = JSON.parse(text) as { id: string };
          socket.give({ action: "said", payload: 1, reply_to: id });
          socket.give({ action: "complete", reply_to: id });
        };
        return socket;
      },
    });
    const got: unknown[] = [];
    for await (const { payload } of chat.replies("say", { payload: "1" })) got.push(payload);
    expect([got, (await chat.request("say", { payload: "1" })).payload]).toEqual([[1], 1]);
  });

  it("with several answers fail between two of them", async () => {
    const chat = await connected();
    const answers = chat.replies("say", { payload: "1" }, { timeout: 100 });
    await vi.advanceTimersByTimeAsync(99);
    FakeSocket.last.give({ action: "said", payload: 1, reply_to: lastId() });
    expect((await answers.next()).value).toMatchObject({ payload: 1 });
    const outcome = expect(answers.next()).rejects.toBeInstanceOf(RequestTimeout);
    await vi.advanceTimersByTimeAsync(100);
    await outcome;
  });
});

describe("requests that the service knows again", () => {
  const repeats = { repeats: { say: 300 } };
  const positions = (client: string): unknown => ({ action: "positions", payload: { client, groups: {} } });
  const lastId = (): unknown => FakeSocket.last.sent.at(-1)?.["id"];

  /** The connection breaks, and there is another one. */
  async function reconnect(name: string, code = 1006): Promise<void> {
    FakeSocket.last.end(code);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions(name));
  }

  async function named(options: Partial<Options<Chat>> = {}, spec: Partial<ChannelSpec> = repeats): Promise<Client<Chat>> {
    const chat = client({ retry: { min: 500, max: 500 }, ...options }, spec);
    const ready = chat.connect();
    await settle();
    FakeSocket.last.accept();
    FakeSocket.last.give(positions("first"));
    await ready;
    return chat;
  }

  it.each([true, false])("wait until the client knows its name", async (authenticates) => {
    const chat = client({}, { ...repeats, authenticates });
    const ready = chat.connect();
    await settle();
    if (authenticates) FakeSocket.last.accept();
    else FakeSocket.last.onopen?.({} as never);
    expect(chat.state).toBe("connecting");
    expect(() => chat.send("say", { payload: "1" })).toThrow(NotOpen);
    FakeSocket.last.give(positions("me"));
    await ready;
    expect(chat.state).toBe("open");
  });

  it("keep the name that came first, whatever is said of groups later", async () => {
    const chat = await named();
    FakeSocket.last.give(positions("other"));
    const asked = chat.request("say", { payload: "1" }).catch(() => {});
    await reconnect("second");
    expect(FakeSocket.last.sent).toMatchObject([{ retry: "first" }]);
    chat.close();
    await asked;
  });

  it("are sent again under the name of the connection that has sent them first", async () => {
    const chat = await named();
    const asked = chat.request("say", { payload: "1" });
    const id = lastId();
    expect(FakeSocket.last.sent).toEqual([{ action: "say", payload: "1", id }]);
    for (const name of ["second", "third"]) {
      await reconnect(name);
      expect(FakeSocket.last.sent).toEqual([{ action: "say", payload: "1", id, retry: "first" }]);
    }
    FakeSocket.last.give({ action: "said", payload: 1, reply_to: id });
    expect((await asked).payload).toBe(1);
    await reconnect("fourth");
    expect(FakeSocket.last.sent).toEqual([]);
    const other = chat.request("say", { payload: "2" }).catch(() => {});
    const otherId = lastId();
    await reconnect("fifth");
    expect(FakeSocket.last.sent).toEqual([{ action: "say", payload: "2", id: otherId, retry: "fourth" }]);
    chat.close();
    await other;
  });

  it("go on where a stream of answers was cut off", async () => {
    const chat = await named();
    const answers = chat.replies("say", { payload: "1" });
    const id = lastId();
    const answer = (payload: number): void => FakeSocket.last.give({ action: "said", payload, reply_to: id });
    [1, 2, 3].forEach(answer);
    await reconnect("second");
    [1, 2].forEach(answer);
    await reconnect("third");
    [1, 2, 3, 4].forEach(answer);
    FakeSocket.last.give({ action: "complete", payload: null, reply_to: id });
    const got: unknown[] = [];
    for await (const { payload } of answers) got.push(payload);
    expect(got).toEqual([1, 2, 3, 4]);
  });

  it("reject with what the service says of them", async () => {
    const chat = await named();
    const asked = chat.request("say", { payload: "1" });
    const outcome = expect(asked).rejects.toMatchObject({ payload: { code: "outcome_unknown" } });
    const id = lastId();
    await reconnect("second");
    FakeSocket.last.give({ action: "error", payload: { code: "outcome_unknown" }, reply_to: id });
    await outcome;
  });

  it("are not sent again when the service no longer knows them", async () => {
    const chat = await named({ retry: { min: 400_000, max: 400_000 } });
    const asked = chat.request("say", { payload: "1" }, { timeout: 1_000_000 });
    const outcome = expect(asked).rejects.toMatchObject({ code: 1006 });
    FakeSocket.last.end(1006);
    await vi.advanceTimersByTimeAsync(400_000);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions("second"));
    await outcome;
    expect(FakeSocket.last.sent.filter(({ action }) => action === "say")).toEqual([]);
    const late = chat.request("say", { payload: "2" }, { timeout: 1_000_000 });
    const refused = expect(late).rejects.toMatchObject({ code: 1012 });
    vi.setSystemTime(Date.now() + 300_000);
    FakeSocket.last.end(1012);
    await refused;
  });

  it.each([
    ["that the document does not name", { post: 300 }, 1006],
    ["when the client does not come back", { say: 300 }, 4403],
  ])("fail as ever %s", async (_, repeats, code) => {
    const chat = await named({}, { repeats });
    const outcome = expect(chat.request("say", { payload: "1" })).rejects.toMatchObject({ code });
    FakeSocket.last.end(code);
    await outcome;
    await vi.advanceTimersByTimeAsync(500);
    if (code === 4403) return;
    FakeSocket.last.accept();
    FakeSocket.last.give(positions("second"));
    expect(FakeSocket.last.sent).toEqual([]);
  });

  it("fail when the client is closed, and are forgotten when nobody waits", async () => {
    const chat = await named();
    const closed = expect(chat.request("say", { payload: "1" })).rejects.toMatchObject({ code: 1000 });
    const left = expect(chat.request("say", { payload: "2" }, { timeout: 100 })).rejects.toBeInstanceOf(RequestTimeout);
    await reconnect("second");
    await left;
    await reconnect("third");
    expect(FakeSocket.last.sent.map(({ payload }) => payload)).toEqual(["1"]);
    chat.close();
    await closed;
  });

  it("wait for their first connection in the queue, and are sent once", async () => {
    const chat = await named({ queue: 5 });
    FakeSocket.last.end(1006);
    const asked = chat.request("say", { payload: "1" });
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions("second"));
    expect(FakeSocket.last.sent).toEqual([{ action: "say", payload: "1", id: lastId() }]);
    FakeSocket.last.give({ action: "said", payload: 1, reply_to: lastId() });
    expect((await asked).payload).toBe(1);
  });
});

describe("receiving", () => {
  it("calls the listeners of an action until they are taken off", async () => {
    const chat = await connected();
    const got: unknown[] = [];
    const off = chat.on("said", ({ payload }) => got.push(payload));
    FakeSocket.last.give({ action: "said", payload: 1 });
    FakeSocket.last.give({ action: "typing", payload: 2 });
    off();
    FakeSocket.last.give({ action: "said", payload: 3 });
    expect(got).toEqual([1]);
  });

  it("ignores what is no frame", async () => {
    const chat = await connected();
    for (const text of ["", "{", "null", "5", "[]", '"x"', "{}"]) FakeSocket.last.give(text);
    FakeSocket.last.onmessage?.({ data: new ArrayBuffer(2) });
    expect(chat.state).toBe("open");
  });

  it("is not disturbed by a listener that throws", async () => {
    const chat = await connected();
    const got = vi.fn();
    chat.on("said", () => {
      throw new Error("a bug of the user");
    });
    chat.on("said", got);
    FakeSocket.last.give({ action: "said" });
    expect(got).toHaveBeenCalledOnce();
    // The error is not lost: it is thrown where nobody but the environment is.
    expect(() => vi.runOnlyPendingTimers()).toThrow("a bug of the user");
  });

  it("hears nothing of an earlier socket", async () => {
    const chat = await connected();
    const got = vi.fn();
    chat.on("said", got);
    const old = FakeSocket.last;
    old.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    old.give({ action: "said" });
    old.end(4403);
    expect([got.mock.calls.length, chat.state]).toEqual([0, "open"]);
  });

  it("iterates over some actions or all, through a reconnect, until it is closed", async () => {
    const chat = await connected();
    const some = chat.stream("said", "error");
    const all = chat.stream();
    FakeSocket.last.give({ action: "said", payload: 1 });
    FakeSocket.last.give({ action: "typing", payload: 2 });
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    FakeSocket.last.give({ action: "error", payload: 3 });
    chat.close();
    const read = async (frames: AsyncIterable<Frame>): Promise<unknown[]> => {
      const got: unknown[] = [];
      for await (const { payload } of frames) got.push(payload);
      return got;
    };
    expect(await read(some)).toEqual([1, 3]);
    expect((await read(all)).filter((payload) => typeof payload === "number")).toEqual([1, 2, 3]);
  });

  it("ends iterations with what ended the connection for good", async () => {
    const chat = await connected();
    const frames = chat.stream("said");
    const next = frames.next();
    FakeSocket.last.end(4403);
    await expect(next).rejects.toMatchObject({ code: 4403 });
    expect((await frames.next()).done).toBe(true);
  });

  it("keeps a bounded number of frames for a reader that does not read", async () => {
    const chat = await connected();
    const frames = chat.stream("said");
    for (let number = 0; number <= 10_000; number += 1) FakeSocket.last.give({ action: "said", payload: number });
    for (let number = 0; number <= 10_000; number += 1) await frames.next();
    await expect(frames.next()).rejects.toThrow("Unread frames");
  });
});

describe("resuming", () => {
  const positions = (seq: number): unknown => ({
    action: "positions",
    payload: { client: "me", groups: { g: { epoch: "e", seq } } },
  });
  const said = (seq: number): unknown => ({ action: "said", payload: seq, group: "g", seq });
  const told = (recovered: boolean): unknown => ({
    action: "resumed",
    payload: { groups: { g: { recovered, position: { epoch: "e", seq: 9 }, reason: null } } },
  });

  it("asks for what came in between, and drops what was there before", async () => {
    const chat = await connected({}, { resumes: true });
    const got: unknown[] = [];
    const changes: unknown[] = [];
    chat.on("said", ({ payload }) => got.push(payload));
    chat.watch((state, { reconnected, recovered }) => changes.push([state, reconnected, recovered]));
    expect(FakeSocket.last.subprotocols).toEqual([]);
    FakeSocket.last.give(positions(1));
    FakeSocket.last.give(said(2));
    FakeSocket.last.give(said(4));
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.last.subprotocols).toEqual(["chanx.v1", "chanx.resume"]);
    FakeSocket.last.accept();
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.give(positions(9));
    expect(FakeSocket.last.sent).toEqual([
      { action: "resume", payload: { client: "me", groups: { g: { epoch: "e", seq: 4 } } }, id: "resume" },
    ]);
    for (const seq of [4, 5, 9]) FakeSocket.last.give(said(seq));
    FakeSocket.last.give(told(true));
    FakeSocket.last.give(said(9));
    FakeSocket.last.give(said(10));
    expect(got).toEqual([2, 4, 5, 9, 10]);
    expect(changes.slice(-2)).toEqual([
      ["open", true, undefined],
      ["open", true, true],
    ]);
    FakeSocket.last.give(told(false));
    expect(changes.at(-1)).toEqual(["open", true, false]);
    // A group that is joined later.
    FakeSocket.last.give({ action: "positions", payload: { client: "me", groups: { h: { epoch: "e", seq: 1 } } } });
    expect(FakeSocket.last.sent.length).toBe(1);
  });

  /** Comes back after frames of the test, and returns what the client then asks for. */
  async function resumption(...frames: unknown[]): Promise<[Client<Chat>, unknown]> {
    const chat = await connected({}, { resumes: true });
    for (const frame of frames) FakeSocket.last.give(frame);
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions(9));
    return [chat, FakeSocket.last.sent[0]?.["payload"]];
  }

  it("forgets a group that the client has left", async () => {
    const left = { action: "positions", payload: { client: "me", groups: { g: null } } };
    const other = { action: "positions", payload: { client: "me", groups: { h: { epoch: "e", seq: 2 } } } };
    const [, asked] = await resumption(positions(1), other, left);
    expect(asked).toEqual({ client: "me", groups: { h: { epoch: "e", seq: 2 } } });
  });

  it("says that messages were lost when the service refuses to tell them", async () => {
    const [chat] = await resumption(positions(1));
    const changes: unknown[] = [];
    chat.watch((state, { recovered }) => changes.push([state, recovered]));
    FakeSocket.last.give({ action: "complete", payload: null, reply_to: "resume" });
    FakeSocket.last.give({ action: "error", payload: [{ type: "too_long" }], reply_to: "resume" });
    expect(changes).toEqual([["open", false]]);
    // It goes on from where it has connected.
    FakeSocket.last.give(said(10));
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions(12));
    expect(FakeSocket.last.sent[0]?.["payload"]).toEqual({ client: "me", groups: { g: { epoch: "e", seq: 10 } } });
  });

  it.each([
    [{ action: "positions" }],
    [{ action: "positions", payload: null }],
    [{ action: "positions", payload: 7 }],
    [{ action: "positions", payload: { client: "me", groups: "nonsense" } }],
    [{ action: "positions", payload: { client: "me", groups: [null, 1, {}] } }],
    [{ action: "positions", payload: { client: "me", groups: { h: { epoch: "e" }, i: "text", j: 7 } } }],
    [{ action: "positions", payload: { client: "me", groups: { h: { epoch: "e", seq: "seven" } } } }],
    ['{"action": "positions", "payload": {"groups": {"h": {"epoch": "e", "seq": 1e999}}}}'],
    [{ action: "resumed" }],
    [{ action: "resumed", payload: { groups: { h: null } } }],
    [{ action: "resumed", payload: { groups: { h: 7 } } }],
    [{ action: "resumed", payload: { groups: { h: { recovered: true, position: "text" } } } }],
    [{ action: "said", group: "g" }],
    [{ action: "said", group: "g", seq: null }],
    [{ action: "said", group: "g", seq: {} }],
    [{ action: "said", group: "g", seq: "many" }],
    ['{"action": "said", "group": "g", "seq": 1e999}'],
    [{ action: "said", group: { g: 1 }, seq: 99 }],
    ["7"],
    ["[]"],
    ["null"],
    ["nonsense"],
  ])("is not led astray by %j", async (frame) => {
    const got: unknown[] = [];
    const chat = await connected({}, { resumes: true });
    chat.on("said", ({ payload }) => got.push(payload));
    FakeSocket.last.give(positions(1));
    FakeSocket.last.give(said(2));
    FakeSocket.last.give(frame);
    FakeSocket.last.give(said(3));
    expect(got.filter(Boolean)).toEqual([2, 3]);
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions(9));
    expect(FakeSocket.last.sent[0]?.["payload"]).toEqual({ client: "me", groups: { g: { epoch: "e", seq: 3 } } });
    expect(chat.state).toBe("open");
  });

  it("does not begin before the client was let in", async () => {
    const chat = client({}, { resumes: true });
    const ready = chat.connect();
    await settle();
    FakeSocket.last.give(told(false));
    expect(chat.state).toBe("connecting");
    FakeSocket.last.accept();
    await ready;
  });

  it("happens only where the service offers it", async () => {
    await connected();
    FakeSocket.last.give(positions(1));
    FakeSocket.last.end(1012);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.accept();
    FakeSocket.last.give(positions(1));
    expect([FakeSocket.last.subprotocols, FakeSocket.last.sent]).toEqual([[], []]);
  });
});

describe("heartbeat", () => {
  it("asks for a sign of life when it is silent, and gives up without one", async () => {
    const chat = await connected({ heartbeat: 1_000 });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(FakeSocket.last.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.last.sent).toEqual([{ action: "ping" }]);
    const dead = FakeSocket.last;
    await vi.advanceTimersByTimeAsync(1_000);
    // It does not wait for a close that may take minutes.
    expect([chat.state, dead.closed]).toEqual(["waiting", 1005]);
  });

  it("is content with any frame", async () => {
    const chat = await connected({ heartbeat: 1_000 });
    for (let round = 0; round < 5; round += 1) {
      await vi.advanceTimersByTimeAsync(900);
      FakeSocket.last.give({ action: "said" });
    }
    expect([chat.state, FakeSocket.last.sent]).toEqual(["open", []]);
  });

  it.each([[{ heartbeat: 0 }, {}], [{}, { pings: false }]])("is off with %o, %o", async (options, spec) => {
    const chat = await connected(options, spec);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([chat.state, FakeSocket.last.sent]).toEqual(["open", []]);
  });
});
