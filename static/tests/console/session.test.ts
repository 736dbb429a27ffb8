import { beforeEach, describe, expect, test } from "vitest";
import { parsePrefill } from "../../src/console/prefill.ts";
import { partAt, treeOf, withPart } from "../../src/console/tree.ts";
import { readDocument } from "../../src/read.ts";
import type { Session } from "../../src/session.ts";
import { Workspace } from "../../src/workspace.ts";
import { changed, chatDocument, FakePage } from "../fixtures.ts";

let page: FakePage;
let workspace: Workspace;
let session: Session;
const api = readDocument(chatDocument);
const chat = api.channels[0]!;

beforeEach(() => {
  page = new FakePage();
  workspace = new Workspace(api, page);
  session = workspace.sessions(chat)[0]!;
});

function open() {
  session.connect();
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
  test("are put in where the message leaves room for them", () => {
    const socket = open();
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

describe("reconnecting by itself", () => {
  beforeEach(() => {
    session.reconnector.isWanted = true;
  });

  test("waits longer from attempt to attempt, until the service lets somebody in", () => {
    open().end(1006);
    expect(page.tick()).toBe(250);
    page.sockets.at(-1)!.end(1006);
    expect(page.tick()).toBe(500);
    page.sockets.at(-1)!.accept();
    page.sockets.at(-1)!.deliver('{"action":"authentication","payload":{"status_code":200}}');
    page.sockets.at(-1)!.end(1006);
    expect(page.tick()).toBe(250);
    expect(page.sockets).toHaveLength(4);
    expect(lines().filter((text) => text.startsWith("Reconnecting"))).toEqual([
      "Reconnecting in 0.3 s, attempt 1",
      "Reconnecting in 0.5 s, attempt 2",
      "Reconnecting in 0.3 s, attempt 1",
    ]);
  });

  test("does not come back where the document says no, and says so", () => {
    open().end(4401);
    expect([page.waiting, lines().at(-1)]).toEqual([[], "Not reconnecting: the document says that a client must not come back after this code"]);
  });

  test("waits as long as the server asked for", () => {
    const socket = open();
    socket.deliver('{"action":"authentication","payload":{"status_code":429,"data":{"retry_after":9}}}');
    socket.end(4429);
    expect(page.tick()).toBe(9_000);
  });

  test.each<[string, (given: Session) => void]>([
    ["disconnects", (given) => given.disconnect()],
    ["connects", (given) => given.connect()],
    ["wants it no more", (given) => (given.reconnector.isWanted = false)],
  ])("ends when the reader %s", (_, act) => {
    open().end(1006);
    expect(session.reconnector.isWaiting).toBe(true);
    act(session);
    expect([page.waiting, session.reconnector.isWaiting]).toEqual([[], false]);
  });

  test("not after a close that the reader asked for", () => {
    const socket = open();
    session.disconnect();
    socket.end(1006);
    expect(page.waiting).toEqual([]);
  });

  test("not unless it was wanted", () => {
    session.reconnector.isWanted = false;
    open().end(1006);
    expect(page.waiting).toEqual([]);
  });
});

describe("replay", () => {
  test("sends what was sent, in order, at its pace, without the longest pauses", () => {
    const socket = open();
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

  test("ends with the connection, and when it is told to", () => {
    const socket = open();
    for (const text of ["a", "b", "c"]) session.connection.send(text);
    session.startReplay();
    socket.end(1006);
    page.tick();
    expect([socket.sent, session.replay.isRunning]).toEqual([["a", "b", "c", "a"], false]);
    const second = open();
    session.startReplay();
    session.replay.stop();
    expect([second.sent, page.waiting]).toEqual([["a"], []]);
  });

  test("of a file that was read", () => {
    const text = JSON.stringify({ format: "chanx-session", version: 1, entries: [{ at: "2030-01-01T00:00:00Z", sent: "from a file" }, { at: "2030-01-01T00:00:01Z", received: '{"action":"posted"}' }] });
    session.import(text, "chat.session.json");
    expect(lines()).toEqual(["2 frames of chat.session.json", "from a file", '{"action":"posted"}']);
    expect(session.connection.log.entries.at(-1)).toMatchObject({ name: "posted", verdict: { state: "valid" } });
    const socket = open();
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

  test("a parameter of the query that is a credential stays at home", () => {
    const components = { securitySchemes: { token: { type: "httpApiKey", in: "query", name: "kind" } }, messages: {} };
    const document = readDocument(changed("components", components));
    const own = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
    own.update({ query: "kind=secret&since=1", parameters: new Map([["room", "7"], ["side", "left"]]) });
    expect(own.href).toContain("since");
    own.connect();
    expect(page.sockets.at(-1)!.url).toContain("secret");
    const logged = own.connection.log.entries.map(({ text }) => text);
    expect(logged).toHaveLength(1);
    for (const text of [own.href, own.publicUrl, own.origin.url, ...logged, ...own.snippets.map(({ code }) => code)]) {
      expect(text).not.toContain("secret");
    }
    expect(own.url).toContain("secret");
  });

  test("is followed once; what is not known here is left out; a busy console is left alone", () => {
    session.connect();
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

test("what is sent is in the history, what is refused is not", () => {
  session.send();
  expect(workspace.library.history("chat")).toEqual([]);
  open();
  session.send();
  expect(workspace.library.history("chat")).toMatchObject([{ name: "new_chat", message: "new_chat", text: session.text }]);
});

test("nothing that the page keeps holds a credential", () => {
  session.update({ token: "secret-token" });
  open();
  session.send();
  workspace.prefer({ composer: "json", logs: "merged" });
  expect([...page.storage.texts.values()].join()).not.toContain("secret-token");
  expect(new Workspace(api, page).preferences).toEqual({ composer: "json", logs: "merged" });
});

test("a frame that holds a secret is sent, and neither kept nor put into a link", () => {
  const secret = { anyOf: [{ type: "string", format: "password" }, { type: "null" }] };
  const payload = { properties: { list: { items: { additionalProperties: secret } } } };
  const document = readDocument(changed("components", { messages: { NewChat: { payload } } }));
  session = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
  session.update({ parameters: new Map([["room", "7"], ["side", "left"]]), numbered: false });
  const socket = open();
  for (const [text, kept] of [['{"list": [{"a": null}, {"b": "hunter2"}]}', false], ['{"list": [{"a": null}]}', true]] as const) {
    session.write(text);
    expect(session.send()).toBe(true);
    expect([session.holdsSecret, session.href.includes("list")]).toEqual([!kept, kept]);
    expect(session.library.history("chat").some((frame) => frame.text === text)).toBe(kept);
  }
  expect(socket.sent).toHaveLength(2);
});

test("a service with a ping can be asked whether it is there", () => {
  expect([session.ping, session.sendPing()]).toEqual([undefined, false]);
  const messages = { NewChat: { payload: { properties: { action: { const: "ping" } }, required: ["action"] } } };
  const document = readDocument(changed("components", { messages }));
  session = new Workspace(document, page).sessions(document.channels[0]!)[0]!;
  session.update({ parameters: new Map([["room", "7"], ["side", "left"]]) });
  const socket = open();
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
