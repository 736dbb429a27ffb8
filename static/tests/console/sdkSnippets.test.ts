import { describe, expect, test } from "vitest";
import { asCode, payloadOf, readSdkSnippets, SdkSnippets } from "../../src/console/sdkSnippets.ts";
import { readTree, type Tree } from "../../src/console/tree.ts";
import { readDocument } from "../../src/read.ts";
import { Workspace } from "../../src/workspace.ts";
import { chatDocument, FakePage } from "../fixtures.ts";

const snippet = (changes: object = {}) => ({
  operation: "post", channel: "chat", action: "new_chat", language: "typescript", title: "TypeScript",
  before: 'chat.send("new_chat", {\n  payload: ', payload: '{\n    text: "Hi",\n  }', after: ",\n});\n", ...changes,
});
const served = (...snippets: object[]) => JSON.stringify({ snippets });
const tree = (text: string) => readTree(text) as Tree;

describe("reading what the server has", () => {
  test.each(["", "no json", "[]", "{}", '{"snippets": 3}', '{"snippets": [null, 3, {}]}'])("rubbish is nothing: %s", (text) => {
    expect(readSdkSnippets(text)).toEqual([]);
  });

  test("by channel and action, once it was asked for", async () => {
    let asked = 0;
    const found = new SdkSnippets(() => {
      asked += 1;
      return Promise.resolve(served(snippet(), snippet({ action: "other" }), snippet({ language: "python" })));
    });
    expect(found.of("chat", "new_chat")).toEqual([]);
    await Promise.all([found.request(), found.request()]);
    expect([asked, found.of("chat", "new_chat").map(({ language }) => language)]).toEqual([1, ["typescript", "python"]]);
  });
});

describe("the payload of the reader", () => {
  const payload = tree('{"text": "it\'s", "n": null}');

  test("takes the place of the example's, as the language writes it", () => {
    expect(asCode(readSdkSnippets(served(snippet()))[0]!, payload)).toEqual({
      label: "TypeScript SDK",
      code: 'chat.send("new_chat", {\n  payload: {\n    "text": "it\'s",\n    "n": null\n  },\n});\n',
    });
    const python = snippet({ language: "python", before: "await client.send(NewChat(payload=", after: "))\n" });
    expect(asCode(readSdkSnippets(served(python))[0]!, payload).code).toBe(
      'await client.send(NewChat(payload={\n        "text": "it\'s",\n        "n": None,\n    }))\n',
    );
  });

  test("does not where nothing was written, where there is none, and in a language that is new", () => {
    const code = (changes: object, written: Tree | undefined) => asCode(readSdkSnippets(served(snippet(changes)))[0]!, written).code;
    expect(code({}, undefined)).toContain('text: "Hi"');
    expect(code({ payload: "" }, payload)).not.toContain("it's");
    expect(code({ language: "rust" }, payload)).toContain('text: "Hi"');
  });

  test("is a part of the frame", () => {
    expect(payloadOf(tree('{"payload": [1.0]}'), "payload")).toMatchObject({ kind: "array" });
    expect([payloadOf(tree("[]"), "payload"), payloadOf(undefined, "payload")]).toEqual([undefined, undefined]);
  });
});

test("a console shows them before its own, and its own alone where there are none", async () => {
  const page = new FakePage();
  const api = readDocument(chatDocument);
  const workspace = new Workspace(api, page);
  const [session] = workspace.sessions(api.channels[0]!);
  page.snippets = served(snippet());
  await session!.sdkSnippets.request();
  expect(session!.snippets.map(({ label }) => label)).toEqual(["TypeScript SDK", "Python, websockets", "wscat", "JavaScript, WebSocket"]);
  expect(session!.snippets[0]!.code).toContain('text: "Hi"');
  session!.write('{"action": "new_chat", "payload": {"text": "Mine"}}');
  expect(session!.snippets[0]!.code).toContain('"text": "Mine"');

  const without = new Workspace(api, new FakePage()).sessions(api.channels[0]!)[0]!;
  await without.sdkSnippets.request();
  expect(without.snippets).toHaveLength(3);
});
