import { beforeEach, describe, expect, test, vi } from "vitest";
import { Connection } from "../src/connection.ts";
import { FrameCheck } from "../src/console/check.ts";
import { readDocument } from "../src/read.ts";
import { chatDocument, FakeSocket } from "./fixtures.ts";

const envelope = { actionKey: "action", payloadKey: "payload", idKey: "id", replyToKey: "reply_to" };
let sockets: FakeSocket[];
let now: number;
let connection: Connection;

beforeEach(() => {
  sockets = [];
  now = 1_000;
  connection = new Connection({
    envelope,
    now: () => now,
    createSocket: (url, offered) => {
      const socket = new FakeSocket(url, offered);
      sockets.push(socket);
      return socket;
    },
  });
});

function open(): FakeSocket {
  connection.open("ws://h/a", ["chanx.v1"]);
  const socket = sockets.at(-1)!;
  socket.accept("chanx.v1");
  return socket;
}

const log = () => connection.log.entries.map(({ text }) => text);

test("connecting, open, closed; each step is told and logged", () => {
  const states: string[] = [];
  connection.subscribe(() => states.push(connection.status.state));
  const socket = open();
  expect([socket.url, socket.offered, socket.binaryType]).toEqual(["ws://h/a", ["chanx.v1"], "arraybuffer"]);
  socket.end(4401, "token expired");
  expect(states).toEqual(["connecting", "open", "closed"]);
  expect(connection.status).toEqual({ state: "closed", code: 4401, reason: "token expired" });
  expect(log()).toEqual(["Connecting to ws://h/a", "Connected, subprotocol chanx.v1", "Closed with 4401: token expired"]);
});

test("a second open while there is a socket does nothing; after the close it does, and the log goes on", () => {
  const socket = open();
  connection.open("ws://h/a", []);
  expect(sockets).toHaveLength(1);
  socket.end(1000);
  open();
  expect(sockets).toHaveLength(2);
  expect(log()).toHaveLength(5);
});

test("closing waits for the other side", () => {
  const socket = open();
  connection.close();
  expect([socket.closedWith, connection.status.state, connection.isActive]).toEqual([1000, "closing", true]);
  expect(connection.send("{}")).toBe(false);
  socket.end(1000);
  expect([connection.status.state, connection.isActive]).toEqual(["closed", false]);
});

test("giving up while connecting", () => {
  connection.open("ws://h/a", []);
  connection.close();
  sockets[0]!.end(1006);
  expect(connection.status).toEqual({ state: "closed", code: 1006, reason: "" });
});

test("a URL that the browser refuses is told, and another try is possible", () => {
  const createSocket = vi.fn(() => {
    throw new SyntaxError("The URL is invalid.");
  });
  const refused = new Connection({ envelope, now: () => now, createSocket });
  refused.open("ws://h/{room}", []);
  expect(refused.status).toEqual({ state: "failed", reason: "The URL is invalid." });
  refused.open("ws://h/{room}", []);
  expect(createSocket).toHaveBeenCalledTimes(2);
});

describe("frames", () => {
  test("are logged in order with what their envelope says", () => {
    const socket = open();
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

  test("are not sent before the socket is open", () => {
    expect(connection.send("{}")).toBe(false);
    connection.open("ws://h/a", []);
    expect(connection.send("{}")).toBe(false);
    expect(sockets[0]!.sent).toEqual([]);
  });

  test("binary ones are told by their size", () => {
    const socket = open();
    socket.deliver(new ArrayBuffer(3));
    expect(log().at(-1)).toBe("binary frame of 3 bytes");
  });

  test("numbered ones carry ids that count up, and their replies tell how long they took", () => {
    const socket = open();
    connection.send('{"action":"a"}', true);
    connection.send('{"action":"b"}', true);
    expect(socket.sent).toEqual(['{"id": "1", "action":"a"}', '{"id": "2", "action":"b"}']);
    now += 42;
    socket.deliver('{"action":"done","reply_to":"1"}');
    const [first, , last] = connection.log.entries.slice(-3);
    expect(last).toMatchObject({ replyTo: "1", request: { key: first!.key, delay: 42 } });
    expect(first).toMatchObject({ answer: { key: last!.key, delay: 42 } });
  });

  test("the first answer is the one that counts for the request", () => {
    const socket = open();
    connection.send('{"action":"a"}', true);
    const { key } = connection.log.entries.at(-1)!;
    for (const wait of [5, 7]) {
      now += wait;
      socket.deliver('{"action":"token","reply_to":"1"}');
    }
    expect(connection.log.find(key)).toMatchObject({ answer: { delay: 5 } });
    expect(connection.log.entries.at(-1)).toMatchObject({ request: { key, delay: 12 } });
  });

  test("a reply to nobody has no delay, nor one to a frame of an earlier connection", () => {
    const socket = open();
    socket.deliver('{"action":"done","reply_to":"9"}');
    expect(connection.log.entries.at(-1)).toMatchObject({ replyTo: "9", request: undefined });
    connection.send('{"action":"a","id":"mine"}');
    socket.end(1006);
    open().deliver('{"action":"done","reply_to":"mine"}');
    expect(connection.log.entries.at(-1)).toMatchObject({ replyTo: "mine", request: undefined });
  });

  test("whoever is refused was never let in", () => {
    const socket = open();
    socket.deliver('{"action":"authentication","payload":{"status_code":401}}');
    expect(connection.wasLetIn).toBe(false);
    socket.end(4401);
    open().deliver('{"action":"authentication","payload":{"status_code":200}}');
    expect(connection.wasLetIn).toBe(true);
  });

  test("are held against the document as they come, large ones when somebody asks", () => {
    const api = readDocument(chatDocument);
    const [chat] = api.channels;
    const checked = new Connection({
      envelope,
      now: () => now,
      check: new FrameCheck(chat!, api.references),
      createSocket: (url) => {
        sockets.push(new FakeSocket(url));
        return sockets.at(-1)!;
      },
    });
    checked.open("ws://h/a", []);
    const socket = sockets.at(-1)!;
    socket.accept();
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

  test("without a key for ids nothing is added", () => {
    const plain = new Connection({
      envelope: { ...envelope, idKey: undefined },
      now: () => now,
      createSocket: (url) => {
        sockets.push(new FakeSocket(url));
        return sockets.at(-1)!;
      },
    });
    plain.open("ws://h/a", []);
    sockets.at(-1)!.accept();
    plain.send("{}", true);
    expect(sockets.at(-1)!.sent).toEqual(["{}"]);
  });
});

test("clearing the log is a change", () => {
  open();
  const listener = vi.fn();
  const unsubscribe = connection.subscribe(listener);
  connection.clearLog();
  expect([connection.log.entries.length, listener.mock.calls.length]).toEqual([0, 1]);
  unsubscribe();
  connection.clearLog();
  expect(listener).toHaveBeenCalledTimes(1);
});
