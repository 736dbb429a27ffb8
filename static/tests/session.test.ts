import { beforeEach, describe, expect, test, vi } from "vitest";
import { readDocument } from "../src/read.ts";
import { Workspace } from "../src/workspace.ts";
import { carrying, changed, chatDocument, dialled, FakePage } from "./fixtures.ts";

let page: FakePage;
const api = readDocument(chatDocument);
const chat = api.channels[0]!;
/** A console of the channel as the page makes it. */
const create = (document = api) => new Workspace(document, page).sessions(document.channels[0]!)[0]!;

beforeEach(() => {
  page = new FakePage();
});

describe("the handshake", () => {
  test("starts from what the document declares", () => {
    const session = create();
    expect(session.url).toBe("ws://here:8000/live/ws/chat/7/right?kind=b%20%26%20c");
    expect([session.form.scheme, session.form.token, session.missing]).toEqual(["Bearer", "", []]);
  });

  test("a chosen server of the document", () => {
    const session = create();
    session.update({ server: "main" });
    expect(session.url).toBe("wss://example.com/live/ws/chat/7/right?kind=b%20%26%20c");
  });

  test("does not start before every parameter has a value", async () => {
    const session = create();
    session.update({ parameters: new Map([["room", ""]]) });
    session.connect();
    await dialled();
    expect([session.missing, page.sockets]).toEqual([["room", "side"], []]);
  });

  test("offers the credential with the chosen word before it, or as it was written", async () => {
    const session = create();
    session.connect();
    await dialled();
    page.sockets[0]!.end(1000);
    session.update({ token: " abc ", scheme: "Token" });
    session.connect();
    await dialled();
    page.sockets[1]!.end(1000);
    session.update({ token: "Custom x=y", scheme: "" });
    session.connect();
    await dialled();
    expect(page.sockets.map(({ offered }) => offered)).toEqual([
      [],
      carrying("Token abc"),
      carrying("Custom x=y"),
    ]);
  });

  test("a channel without an address cannot be connected to", async () => {
    const open = readDocument(changed("channels", { c: { address: null } }));
    const session = create(open);
    session.connect();
    await dialled();
    expect(page.sockets).toEqual([]);
  });
});

describe("the draft", () => {
  test("is the example until it is edited, and is kept for each message", () => {
    const session = create();
    expect(JSON.parse(session.text)).toEqual({ action: "new_chat", payload: { text: "text" } });
    session.write("mine");
    session.update({ message: undefined });
    expect([session.text, session.message]).toEqual(["", undefined]);
    session.update({ message: "new_chat" });
    expect([session.text, session.isDraftEdited]).toEqual(["mine", true]);
    session.resetDraft();
    expect([session.text === "mine", session.isDraftEdited]).toEqual([false, false]);
  });

  test("an emptied editor stays empty", () => {
    const session = create();
    session.write("");
    expect(session.text).toBe("");
  });

  test("a declared example comes before one that is made", () => {
    const payload = { action: "new_chat", payload: { text: "Declared" } };
    const document = readDocument(
      changed("components", { messages: { NewChat: { payload: { type: "object" }, examples: [{ payload }] } } }),
    );
    expect(JSON.parse(create(document).text)).toEqual(payload);
  });

  test("is what is sent", async () => {
    const session = create();
    session.connect();
    await dialled();
    page.sockets[0]!.accept();
    session.write("[not what the schema wants]");
    expect(session.send()).toBe(true);
    expect(page.sockets[0]!.sent).toEqual(["[not what the schema wants]"]);
  });
});

describe("the workspace", () => {
  test("makes a first console when a channel is looked at, and keeps it", () => {
    const workspace = new Workspace(api, page);
    expect(workspace.sessions(chat)).toHaveLength(1);
    expect(workspace.sessions(chat)[0]).toBe(workspace.sessions(chat)[0]);
  });

  test("another console has the same handshake, without the credential", () => {
    const workspace = new Workspace(api, page);
    workspace.sessions(chat)[0]!.update({ token: "secret", query: "x=1", parameters: new Map([["room", "9"]]) });
    workspace.add(chat);
    const [first, second] = workspace.sessions(chat);
    expect(second!.number).not.toBe(first!.number);
    expect([second!.form.token, second!.form.query, second!.form.parameters.get("room")]).toEqual(["", "x=1", "9"]);
  });

  test("says when connections open and close, not for each frame", async () => {
    const workspace = new Workspace(api, page);
    const [session] = workspace.sessions(chat);
    const listener = vi.fn();
    workspace.subscribe(listener);
    session!.connect();
    await dialled();
    page.sockets[0]!.accept();
    expect(workspace.openConnections(chat)).toBe(1);
    const calls = listener.mock.calls.length;
    page.sockets[0]!.deliver("{}");
    expect(listener).toHaveBeenCalledTimes(calls);
    page.sockets[0]!.end(1000);
    expect([workspace.openConnections(chat), listener.mock.calls.length]).toEqual([0, calls + 1]);
  });

  test("removing a console closes its connection", async () => {
    const workspace = new Workspace(api, page);
    workspace.add(chat);
    const [first, second] = workspace.sessions(chat);
    first!.connect();
    await dialled();
    page.sockets[0]!.accept();
    workspace.remove(first!);
    expect(workspace.sessions(chat)).toEqual([second]);
    expect(page.sockets[0]!.closedWith).toBe(1000);
  });
});
