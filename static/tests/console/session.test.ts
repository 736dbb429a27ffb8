import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parsePrefill } from "../../src/console/prefill.ts";
import { partAt, treeOf, withPart } from "../../src/console/tree.ts";
import { readDocument } from "../../src/read.ts";
import type { Session } from "../../src/session.ts";
import { Workspace } from "../../src/workspace.ts";
import { carrying, changed, chatDocument, dialled, FakePage } from "../fixtures.ts";

let page: FakePage;
let workspace: Workspace;
let session: Session;
const api = readDocument(chatDocument);
const chat = api.channels[0]!;

beforeEach(async () => {
  page = new FakePage();
  workspace = new Workspace(api, page);
  session = workspace.sessions(chat)[0]!;
});

async function open() {
  session.connect();
  await dialled();
  const socket = page.sockets.at(-1)!;
  socket.accept();
  return socket;
}

const lines = () => session.connection.log.entries.map(({ text }) => text);

describe("form and JSON are one text", () => {
  test("what the form sets stands in the text, and what is written is what the form shows", () => {
    const tree = session.draft.tree!;
    session.writeTree(withPart(tree, ["payload", "text"], treeOf("from the form")));
    expect(JSON.parse(session.text)).toEqual({ action: "new_chat", payload: { text: "from the form" } });
    session.write('{"action": "new_chat", "payload": {"text": ""}}');
    expect(partAt(session.draft.tree!, ["payload", "text"])).toMatchObject({ lexeme: '""' });
    expect(session.draft.problems).toMatchObject([{ path: ["payload", "text"], keyword: "minLength" }]);
  });

  test("no JSON has no form, but a place where it stops", () => {
    session.write('{"action": new}');
    expect([session.draft.tree, session.draft.syntax?.from]).toEqual([undefined, 11]);
  });
});

describe("ids", () => {
  test("are put in where the message leaves room for them", async () => {
    const socket = await open();
    session.send();
    expect(socket.sent[0]).toMatch(/^{"id": "1", "action": "new_chat"|^{"id": "1", \n/);
    session.update({ numbered: false });
    session.send();
    expect(socket.sent[1]).toBe(session.text);
  });

  test.each([
    [{ properties: { id: { type: "integer" } } }, false],
    [{ properties: { id: { type: "string" } }, required: ["id"] }, false],
    [{ properties: { id: { type: "string", maxLength: 64 } } }, true],
    [{}, true],
  ])("a message that has a field of its own by that name: %j", (payload, possible) => {
    const document = readDocument(changed("components", { messages: { NewChat: { payload } } }));
    const own = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
    expect(own.canNumber).toBe(possible);
  });
});

describe("kept as a generated client keeps it", () => {
  const codes = [
    { code: 4401, retry: "no" },
    { code: 4402, daphne: 4902, retry: "after_token_refresh" },
    { code: 4429, retry: "after_retry_after" },
  ];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const document = readDocument(changed("x-close-codes", codes));
    session = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
    session.connection.isKept = true;
  });

  afterEach(() => {
    session.disconnect();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("waits longer from attempt to attempt, until one lasts", async () => {
    (await open()).end(1006);
    expect(session.connection.status).toEqual({ state: "closed", code: 1006, reason: "" });
    await vi.advanceTimersByTimeAsync(249);
    expect(page.sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    page.sockets[1]!.end(1006);
    await vi.advanceTimersByTimeAsync(500);
    page.sockets[2]!.accept();
    expect(session.connection.status.state).toBe("open");
    await vi.advanceTimersByTimeAsync(5_000);
    page.sockets[2]!.end(1012, "restart");
    await vi.advanceTimersByTimeAsync(250);
    expect(page.sockets).toHaveLength(4);
    expect(lines().filter((text) => text.startsWith("Reconnecting"))).toEqual([
      "Reconnecting in 0.3 s",
      "Reconnecting in 0.5 s",
      "Reconnecting in 0.3 s",
    ]);
    expect(lines().filter((text) => text.startsWith("Connecting to"))).toHaveLength(4);
  });

  test.each([
    [4401, "the document says that a client must not come back after this code"],
    [4402, "the document asks for a fresh token first"],
    [4902, "the document asks for a fresh token first"],
    [1008, "code 1008 ends a connection for good"],
    [4999, "code 4999 ends a connection for good"],
  ])("does not come back after %i, and says so", async (code, reason) => {
    (await open()).end(code);
    await vi.runAllTimersAsync();
    expect([page.sockets.length, lines().at(-1)]).toEqual([1, `Not reconnecting: ${reason}`]);
    expect([session.connection.status, session.connection.isWaiting]).toEqual([{ state: "closed", code, reason: "" }, false]);
  });

  test("does not try a token again that was refused", async () => {
    session.update({ token: "expired" });
    (await open()).end(4402, "expired");
    await vi.runAllTimersAsync();
    expect(page.sockets).toHaveLength(1);
    expect(lines().slice(-2)).toEqual(["Closed with 4402: expired", "Not reconnecting: the document asks for a fresh token first"]);
    expect(session.connection.status).toEqual({ state: "closed", code: 4402, reason: "expired" });
  });

  test("waits as long as the server asked for", async () => {
    const socket = await open();
    socket.deliver('{"action":"authentication","payload":{"status_code":429,"data":{"retry_after":9}}}');
    socket.end(4429);
    expect(lines().at(-1)).toBe("Reconnecting in 9.3 s");
  });

  test.each<[string, (given: Session) => void]>([
    ["disconnects", (given) => given.disconnect()],
    ["stops it", (given) => given.connection.stopWaiting()],
    ["wants it no more", (given) => (given.connection.isKept = false)],
  ])("ends when the reader %s", async (_, act) => {
    (await open()).end(1006);
    expect(session.connection.isWaiting).toBe(true);
    act(session);
    await vi.runAllTimersAsync();
    expect([page.sockets.length, session.connection.isWaiting]).toEqual([1, false]);
    expect(session.connection.status).toEqual({ state: "closed", code: 1006, reason: "" });
  });

  test("what was filled in while it waited counts", async () => {
    (await open()).end(1006);
    session.update({ token: "new", query: "kind=d" });
    await vi.advanceTimersByTimeAsync(250);
    expect(page.sockets[1]).toMatchObject({ url: session.url, offered: carrying("Bearer new") });
    page.sockets[1]!.end(1006);
    session.update({ parameters: new Map([["room", "7"]]) });
    await vi.advanceTimersByTimeAsync(500);
    expect([page.sockets.length, session.connection.status]).toEqual([2, { state: "failed", reason: "Fill in side to connect." }]);
  });

  test("a reader who connects need not wait", async () => {
    (await open()).end(1006);
    await open();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([page.sockets.length, session.connection.status.state]).toEqual([2, "open"]);
  });

  test("not after a close that the reader asked for", async () => {
    const socket = await open();
    session.disconnect();
    socket.end(1006);
    await vi.runAllTimersAsync();
    expect([page.sockets.length, lines().at(-1)]).toEqual([1, "Closed with 1006"]);
  });

  test("not unless it was wanted, be that before the close or after it", async () => {
    session.connection.isKept = false;
    (await open()).end(1006);
    session.connection.isKept = true;
    expect([vi.getTimerCount(), lines().at(-1)]).toEqual([0, "Closed with 1006"]);
    const socket = await open();
    session.connection.isKept = false;
    socket.end(1006);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("replay", () => {
  test("sends what was sent, in order, at its pace, without the longest pauses", async () => {
    const socket = await open();
    for (const [text, wait] of [["a", 300], ["b", 60_000], ["c", 0]] as const) {
      session.connection.send(text);
      page.time += wait;
    }
    socket.deliver("not mine");
    session.startReplay();
    expect([page.tick(), page.tick(), page.tick()]).toEqual([300, 2_000, undefined]);
    expect(socket.sent).toEqual(["a", "b", "c", "a", "b", "c"]);
    expect(session.replay.isRunning).toBe(false);
  });

  test("ends with the connection, and when it is told to", async () => {
    const socket = await open();
    for (const text of ["a", "b", "c"]) session.connection.send(text);
    session.startReplay();
    socket.end(1006);
    page.tick();
    expect([socket.sent, session.replay.isRunning]).toEqual([["a", "b", "c", "a"], false]);
    const second = await open();
    session.startReplay();
    session.replay.stop();
    expect([second.sent, page.waiting]).toEqual([["a"], []]);
  });

  test("of a file that was read", async () => {
    const text = JSON.stringify({ format: "chanx-session", version: 1, entries: [{ at: "2030-01-01T00:00:00Z", sent: "from a file" }, { at: "2030-01-01T00:00:01Z", received: '{"action":"posted"}' }] });
    session.import(text, "chat.session.json");
    expect(lines()).toEqual(["2 frames of chat.session.json", "from a file", '{"action":"posted"}']);
    expect(session.connection.log.entries.at(-1)).toMatchObject({ name: "posted", verdict: { state: "valid" } });
    const socket = await open();
    session.startReplay();
    expect(socket.sent).toEqual(["from a file"]);
  });
});

describe("a link", () => {
  test("opens a console like this one, without its credential, and sends nothing", () => {
    session.update({ token: "secret", query: "kind=d", parameters: new Map([["room", "9"], ["side", "left"]]), server: "main" });
    session.write('{"action": "new_chat", "payload": {"text": "Look!"}}');
    expect(session.href).not.toContain("secret");
    const other = new Workspace(api, page);
    expect(other.fill(chat, parse(session.href), session.href)).toBe(true);
    const [filled] = other.sessions(chat);
    expect([filled!.text, filled!.form.query, filled!.form.server, filled!.form.token]).toEqual([session.text, "kind=d", "main", ""]);
    expect([...filled!.form.parameters]).toEqual([["room", "9"], ["side", "left"]]);
    expect(page.sockets).toEqual([]);
  });

  test("a parameter of the query that is a credential stays at home", async () => {
    const components = { securitySchemes: { token: { type: "httpApiKey", in: "query", name: "kind" } }, messages: {} };
    const document = readDocument(changed("components", components));
    const own = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
    own.update({ query: "kind=secret&since=1", parameters: new Map([["room", "7"], ["side", "left"]]) });
    expect(own.href).toContain("since");
    own.connect();
    await dialled();
    expect(page.sockets.at(-1)!.url).toContain("secret");
    const logged = own.connection.log.entries.map(({ text }) => text);
    expect(logged).toHaveLength(1);
    for (const text of [own.href, own.publicUrl, own.origin.url, ...logged, ...own.snippets.map(({ code }) => code)]) {
      expect(text).not.toContain("secret");
    }
    expect(own.url).toContain("secret");
  });

  test("is followed once; what is not known here is left out; a busy console is left alone", async () => {
    session.connect();
    await dialled();
    const prefill = parse("#/channels/chat?address.room=3&address.other=4&message=nobody&server=nobody&text=x");
    expect(workspace.fill(chat, prefill, "a")).toBe(true);
    expect(workspace.fill(chat, prefill, "a")).toBe(false);
    const [first, second, ...more] = workspace.sessions(chat);
    expect([first!.form.parameters.get("room"), more]).toEqual(["7", []]);
    expect([...second!.form.parameters.keys()]).toEqual(["room", "side"]);
    expect([second!.form.parameters.get("room"), second!.form.message, second!.form.server, second!.text]).toEqual(["3", "new_chat", undefined, "x"]);
  });
});

test("of several declared examples the reader takes one", () => {
  const examples = [{ payload: { action: "first" } }, { payload: { action: "second" } }];
  const document = readDocument(changed("components", { messages: { NewChat: { payload: {}, examples } } }));
  session = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
  expect(JSON.parse(session.text)).toEqual({ action: "first" });
  session.writeExample(1);
  expect(JSON.parse(session.text)).toEqual({ action: "second" });
});

test("what is sent is in the history, what is refused is not", async () => {
  session.send();
  expect(workspace.library.history("chat")).toEqual([]);
  await open();
  session.send();
  expect(workspace.library.history("chat")).toMatchObject([{ name: "new_chat", message: "new_chat", text: session.text }]);
});

test("nothing that the page keeps holds a credential", async () => {
  session.update({ token: "secret-token" });
  await open();
  session.send();
  workspace.prefer({ composer: "json", logs: "merged" });
  expect([...page.storage.texts.values()].join()).not.toContain("secret-token");
  expect(new Workspace(api, page).preferences).toEqual({ composer: "json", logs: "merged" });
});

test("a frame that holds a secret is sent, and neither kept nor put into a link", async () => {
  const secret = { anyOf: [{ type: "string", format: "password" }, { type: "null" }] };
  const payload = { properties: { list: { items: { additionalProperties: secret } } } };
  const document = readDocument(changed("components", { messages: { NewChat: { payload } } }));
  session = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
  session.update({ parameters: new Map([["room", "7"], ["side", "left"]]), numbered: false });
  const socket = await open();
  for (const [text, kept] of [['{"list": [{"a": null}, {"b": "hunter2"}]}', false], ['{"list": [{"a": null}]}', true]] as const) {
    session.write(text);
    expect(session.send()).toBe(true);
    expect([session.holdsSecret, session.href.includes("list")]).toEqual([!kept, kept]);
    expect(session.library.history("chat").some((frame) => frame.text === text)).toBe(kept);
  }
  expect(socket.sent).toHaveLength(2);
});

test("a service with a ping can be asked whether it is there", async () => {
  expect([session.ping, session.sendPing()]).toEqual([undefined, false]);
  const messages = { NewChat: { payload: { properties: { action: { const: "ping" } }, required: ["action"] } } };
  const document = readDocument(changed("components", { messages }));
  session = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
  session.update({ parameters: new Map([["room", "7"], ["side", "left"]]) });
  const socket = await open();
  expect(session.sendPing()).toBe(true);
  expect(socket.sent.map((text) => JSON.parse(text) as unknown)).toEqual([{ id: "1", action: "ping" }]);
});

test("a frame of the log goes back into the composer, under its message or under none", () => {
  session.compose("[1]", undefined);
  expect([session.message, session.text]).toEqual([undefined, "[1]"]);
  session.compose("{}", "new_chat");
  expect([session.message?.key, session.text]).toEqual(["new_chat", "{}"]);
});

function parse(href: string) {
  const prefill = parsePrefill(href.slice(href.indexOf("?") + 1));
  if (prefill === undefined) throw new Error(`no link: ${href}`);
  return prefill;
}
