import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChannelRules } from "../src/channelRules.ts";
import { Connection, type ConnectionOptions } from "../src/connection.ts";
import { FrameCheck } from "../src/console/check.ts";
import { readDocument } from "../src/read.ts";
import { carrying, chatDocument, dialled, FakeSocket } from "./fixtures.ts";

const envelope = { actionKey: "action", payloadKey: "payload", idKey: "id", replyToKey: "reply_to" };
const rules: ChannelRules = {
  keys: ["action", "payload"],
  closeCodes: {},
  schemes: [{ name: "Authorization", subprotocols: ["chanx.v1", "chanx.auth."] }],
  authenticates: false,
  pings: false,
  resumes: false,
};
let sockets: FakeSocket[];
let now: number;
let connection: Connection;

beforeEach(() => {
  sockets = [];
  now = 1_000;
  connection = connectionOf({});
});

function connectionOf(changes: Partial<ConnectionOptions>): Connection {
  return new Connection({
    envelope,
    rules,
    now: () => now,
    createSocket: (url, offered) => {
      const socket = new FakeSocket(url, offered);
      sockets.push(socket);
      return socket;
    },
    ...changes,
  });
}

const to = (url: string, authorization = "", shown = url) => () => ({ url, authorization, shown });

/** The socket of a connection that is being opened. */
async function dial(given = connection): Promise<FakeSocket> {
  given.open(to("ws://h/a", "Token x"));
  await dialled();
  return sockets.at(-1)!;
}

async function open(given = connection): Promise<FakeSocket> {
  const socket = await dial(given);
  socket.accept("chanx.v1");
  return socket;
}

const log = () => connection.log.entries.map(({ text }) => text);

test("connecting, open, closed; each step is told and logged", async () => {
  const states: string[] = [];
  connection.subscribe(() => states.push(connection.status.state));
  const socket = await open();
  expect([socket.url, socket.offered, socket.binaryType]).toEqual(["ws://h/a", carrying("Token x"), "arraybuffer"]);
  socket.end(4401, "token expired");
  expect([...new Set(states)]).toEqual(["connecting", "open", "closed"]);
  expect(connection.status).toEqual({ state: "closed", code: 4401, reason: "token expired" });
  expect(log()).toEqual(["Connecting to ws://h/a", "Connected, subprotocol chanx.v1", "Closed with 4401: token expired"]);
});

test("a second open while there is a socket does nothing; after the close it does, and the log goes on", async () => {
  const socket = await open();
  connection.open(to("ws://h/a"));
    await dialled();
  expect(sockets).toHaveLength(1);
  socket.end(1000);
  await open();
  expect(sockets).toHaveLength(2);
  expect(log()).toHaveLength(5);
});

test("closing waits for the other side", async () => {
  const socket = await open();
  connection.close();
  expect([socket.closedWith, connection.status.state, connection.isActive]).toEqual([1000, "closing", true]);
  expect(connection.send("{}")).toBe(false);
  socket.end(1000);
  expect([connection.status.state, connection.isActive]).toEqual(["closed", false]);
});

test("giving up while connecting", async () => {
  connection.open(to("ws://h/a"));
    await dialled();
  connection.close();
  sockets[0]!.end(1006);
  expect(connection.status).toEqual({ state: "closed", code: 1006, reason: "" });
});

test("a URL that the browser refuses is told, and another try is possible", async () => {
  const createSocket = vi.fn(() => {
    throw new SyntaxError("The URL is invalid.");
  });
  const refused = connectionOf({ createSocket });
  await dial(refused);
  expect([refused.status, refused.isActive]).toEqual([{ state: "failed", reason: "The URL is invalid." }, false]);
  await dial(refused);
  expect(createSocket).toHaveBeenCalledTimes(2);
});

test.each([
  ["ws://h/a%7B/b?x={y}#", "ws://h/a%7B/b?x=%7By%7D#"],
  ["wss://h:1/prefix/?q=a%20b&q=a+b&flag", "wss://h:1/prefix/?q=a%20b&q=a+b&flag"],
  ["wss://h", "wss://h"],
])("%s is opened as it stands there, but for braces", async (url, opened) => {
  connection.open(to(url));
  await dialled();
  expect([sockets[0]!.url, sockets[0]!.offered]).toEqual([opened, []]);
});

test("the log shows the URL that others may see", async () => {
  connection.open(to("ws://h/a?token=secret", "", "ws://h/a"));
  await dialled();
  expect(log()).toEqual(["Connecting to ws://h/a"]);
});

test("a service that tells how authentication ended has let nobody in before", async () => {
  const asked = connectionOf({ rules: { ...rules, authenticates: true } });
  const socket = await open(asked);
  socket.deliver('{"action":"authentication","payload":{"status_code":401}}');
  expect([asked.status.state, asked.send("{}")]).toEqual(["connecting", false]);
  socket.deliver('{"action":"authentication","payload":{"status_code":200}}');
  expect([asked.status.state, asked.send("{}")]).toEqual(["open", true]);
});

test("a close before there is a socket leaves none", async () => {
  connection.open(to("ws://h/a"));
  connection.close();
  await dialled();
  expect([sockets, connection.status]).toEqual([[], { state: "closed", code: 1006, reason: "" }]);
});

test("frames that come while the close is on its way are logged", async () => {
  const socket = await open();
  connection.close();
  socket.deliver("last words");
  socket.end(1000);
  expect(log().slice(-2)).toEqual(["last words", "Closed with 1000"]);
});

describe("time", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("an attempt without an answer is given up", async () => {
    const socket = await dial();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(connection.status).toEqual({ state: "closed", code: 1006, reason: "No answer" });
    expect(log()).toEqual(["Connecting to ws://h/a", "Closed with 1006: No answer"]);
    // What comes late is no news.
    socket.accept();
    socket.deliver("late");
    socket.end(1006);
    expect([log().length, vi.getTimerCount()]).toEqual([2, 0]);
  });

  test("a kept connection pings through a silence, and knows when nobody is there", async () => {
    const kept = connectionOf({ rules: { ...rules, pings: true } });
    kept.isKept = true;
    const socket = await open(kept);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.sent).toEqual(['{"action":"ping"}']);
    expect(kept.log.entries.at(-1)).toMatchObject({ kind: "frame", direction: "sent", name: "ping" });
    socket.deliver('{"action":"pong"}');
    await vi.advanceTimersByTimeAsync(45_000);
    expect(kept.log.entries.filter(({ kind }) => kind === "event").map(({ text }) => text).slice(2)).toEqual([
      "Closed with 1006: No pong",
      expect.stringMatching(/^Reconnecting in 0\.\d s$/),
    ]);
    kept.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("another one sends nothing that its reader did not write", async () => {
    const socket = await open(connectionOf({ rules: { ...rules, pings: true } }));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(socket.sent).toEqual([]);
  });

  test("a kept connection resumes where the service remembers, and says whether all came", async () => {
    const kept = connectionOf({ rules: { ...rules, resumes: true } });
    kept.isKept = true;
    const positions = '{"action":"positions","payload":{"client":"c","groups":{"g":{"epoch":"e","seq":4}}}}';
    (await open(kept)).deliver(positions);
    sockets[0]!.deliver('{"action":"news","group":"g","seq":5}');
    sockets[0]!.end(1006);
    await vi.advanceTimersByTimeAsync(500);
    const socket = sockets[1]!;
    expect(socket.offered).toEqual([...carrying("Token x"), "chanx.resume"]);
    socket.accept("chanx.v1");
    socket.deliver(positions);
    expect(socket.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { action: "resume", payload: { client: "c", groups: { g: { epoch: "e", seq: 5 } } } },
    ]);
    socket.deliver('{"action":"news","group":"g","seq":6}');
    socket.deliver('{"action":"resumed","payload":{"groups":{"g":{"recovered":true,"position":{"epoch":"e","seq":6}}}}}');
    expect(kept.log.entries.slice(-3).map(({ text }) => text.slice(0, 26))).toEqual([
      '{"action":"news","group":"',
      '{"action":"resumed","paylo',
      "Resumed, nothing was lost",
    ]);
    kept.close();
  });
});

describe("frames", () => {
  test("are logged in order with what their envelope says", async () => {
    const socket = await open();
    expect(connection.send('{"action":"ping"}')).toBe(true);
    socket.deliver('{"action":"pong","payload":null}');
    socket.deliver('{"action":"error","payload":[]}');
    socket.deliver("not json");
    const frames = connection.log.entries.filter((entry) => entry.kind === "frame");
    expect(socket.sent).toEqual(['{"action":"ping"}']);
    expect(frames.map(({ direction, name, isError }) => [direction, name, isError])).toEqual([
      ["sent", "ping", false],
      ["received", "pong", false],
      ["received", "error", true],
      ["received", undefined, false],
    ]);
  });

  test("are not sent before the socket is open", async () => {
    expect(connection.send("{}")).toBe(false);
    connection.open(to("ws://h/a"));
    await dialled();
    expect(connection.send("{}")).toBe(false);
    expect(sockets[0]!.sent).toEqual([]);
  });

  test("binary ones are told by their size", async () => {
    const socket = await open();
    socket.deliver(new ArrayBuffer(3));
    expect(log().at(-1)).toBe("binary frame of 3 bytes");
  });

  test("numbered ones carry ids that count up, and their replies tell how long they took", async () => {
    const socket = await open();
    connection.send('{"action":"a"}', true);
    connection.send('{"action":"b"}', true);
    expect(socket.sent).toEqual(['{"id": "1", "action":"a"}', '{"id": "2", "action":"b"}']);
    now += 42;
    socket.deliver('{"action":"done","reply_to":"1"}');
    const [first, , last] = connection.log.entries.slice(-3);
    expect(last).toMatchObject({ replyTo: "1", request: { key: first!.key, delay: 42 } });
    expect(first).toMatchObject({ answer: { key: last!.key, delay: 42 } });
  });

  test("the first answer is the one that counts for the request", async () => {
    const socket = await open();
    connection.send('{"action":"a"}', true);
    const { key } = connection.log.entries.at(-1)!;
    for (const wait of [5, 7]) {
      now += wait;
      socket.deliver('{"action":"token","reply_to":"1"}');
    }
    expect(connection.log.find(key)).toMatchObject({ answer: { delay: 5 } });
    expect(connection.log.entries.at(-1)).toMatchObject({ request: { key, delay: 12 } });
  });

  test("a reply to nobody has no delay, nor one to a frame of an earlier connection", async () => {
    const socket = await open();
    socket.deliver('{"action":"done","reply_to":"9"}');
    expect(connection.log.entries.at(-1)).toMatchObject({ replyTo: "9", request: undefined });
    connection.send('{"action":"a","id":"mine"}');
    socket.end(1006);
    (await open()).deliver('{"action":"done","reply_to":"mine"}');
    expect(connection.log.entries.at(-1)).toMatchObject({ replyTo: "mine", request: undefined });
  });

  test("are held against the document as they come, large ones when somebody asks", async () => {
    const api = readDocument(chatDocument);
    const [chat] = api.channels;
    const checked = connectionOf({ check: new FrameCheck(chat!, api.references) });
    const socket = await open(checked);
    const verdict = () => {
      const last = checked.log.entries.at(-1);
      return last?.kind === "frame" ? last.verdict : undefined;
    };
    socket.deliver('{"action":"posted","payload":{"text":"x"}}');
    expect(verdict()).toMatchObject({ state: "valid", message: { key: "posted" } });
    socket.deliver('{"action":"posted","payload":{"text":1}}');
    expect(verdict()).toMatchObject({ state: "invalid", problems: [{ path: ["payload", "text"], keyword: "type" }] });
    socket.deliver('{"action":"nobody knows"}');
    expect(verdict()).toEqual({ state: "undescribed" });
    socket.deliver("no json");
    expect(verdict()).toEqual({ state: "undescribed" });
    socket.deliver(new ArrayBuffer(2));
    expect(verdict()).toEqual({ state: "undescribed" });
    checked.send("no json");
    expect(verdict()).toEqual({ state: "unchecked" });
    checked.send('{"action":"new_chat"}');
    expect(verdict()).toMatchObject({ state: "invalid", problems: [{ path: ["payload"], keyword: "required" }] });
    socket.deliver(JSON.stringify({ action: "posted", payload: { text: "x".repeat(300_000) } }));
    expect(verdict()).toEqual({ state: "unchecked" });
    checked.judge(checked.log.entries.at(-1)!.key);
    expect(verdict()).toMatchObject({ state: "invalid", problems: [{ keyword: "maxLength" }] });
  });

  test("without a key for ids nothing is added", async () => {
    const plain = connectionOf({ envelope: { ...envelope, idKey: undefined } });
    await open(plain);
    plain.send("{}", true);
    expect(sockets.at(-1)!.sent).toEqual(["{}"]);
  });
});

test("clearing the log is a change", async () => {
  await open();
  const listener = vi.fn();
  const unsubscribe = connection.subscribe(listener);
  connection.clearLog();
  expect([connection.log.entries.length, listener.mock.calls.length]).toEqual([0, 1]);
  unsubscribe();
  connection.clearLog();
  expect(listener).toHaveBeenCalledTimes(1);
});
