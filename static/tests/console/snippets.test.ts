import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { pythonLiteral, shellText, snippets } from "../../src/console/snippets.ts";
import { readTree, type Tree } from "../../src/console/tree.ts";

const NASTY = '{"a": "it\'s \\"quoted\\" \\\\ \\u2028 $HOME `x` 😀\\n", "b": [true, false, null, 1.0, 12345678901234567890], "__proto__": {}, "c": []}';
const PLAIN = '{"a": "it\'s `x` ${y} \\u2028", "b": [true, null, 1.5, -3]}';
const code = (text: string, scheme?: string) =>
  Object.fromEntries(snippets({ url: "ws://h/a?x='1'&y=$(z)", text, scheme }).map((snippet) => [snippet.label, snippet.code]));

describe("Python", () => {
  test("the literal means what the JSON means", () => {
    const program = "import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))";
    const printed = execFileSync("python3", ["-c", program], { input: pythonLiteral(readTree(NASTY) as Tree), encoding: "utf8" });
    expect(printed).toContain("12345678901234567890");
    expect(JSON.parse(printed)).toEqual(JSON.parse(NASTY));
  });

  test.each([NASTY, "no json '\""])("is Python: %s", (text) => {
    for (const scheme of [undefined, "Token", ""]) {
      const program = code(text, scheme)["Python, websockets"]!;
      execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: program });
      expect(program.includes("WS_TOKEN")).toBe(scheme !== undefined);
    }
  });
});

test("what a shell makes of it is what it was", () => {
  for (const text of [NASTY, "a'b", "$(touch x)"]) {
    expect(execFileSync("sh", ["-c", `printf %s ${shellText(text)}`], { encoding: "utf8" })).toBe(text);
  }
  const command = code(NASTY, "Token")["wscat"]!.replace("npx wscat", "printf '%s\\n'").replace("--wait 5 ", "");
  const words = execFileSync("sh", ["-c", command], { encoding: "utf8", env: { WS_TOKEN: "secret" } }).split("\n");
  expect(words.slice(0, 4)).toEqual(["--connect", "ws://h/a?x='1'&y=$(z)", "--header", "Authorization: Token secret"]);
  expect(JSON.parse(words[5]!)).toEqual(JSON.parse(NASTY));
});

describe("JavaScript", () => {
  test.each([
    [PLAIN, "Token", ["chanx.v1", `chanx.auth.${btoa("Token s/?").replace("/", "_").replace("=", "")}`]],
    ["no json '\"", undefined, undefined],
    [NASTY, undefined, undefined],
  ])("does what it says: %s", (text, scheme, offered) => {
    const opened: unknown[] = [];
    const sent: string[] = [];
    class WebSocket {
      onopen: (() => void) | undefined;
      constructor(...given: unknown[]) {
        opened.push(given);
        queueMicrotask(() => this.onopen?.());
      }
      send(frame: string): void {
        sent.push(frame);
      }
    }
    // Of a test, not of the page: what a reader copies is run.
    new Function("WebSocket", "token", code(text, scheme)["JavaScript, WebSocket"]!)(WebSocket, "s/?");
    return Promise.resolve().then(() => {
      expect(opened).toEqual([["ws://h/a?x='1'&y=$(z)", ...(offered === undefined ? [] : [offered])]]);
      if (scheme === undefined) expect(sent).toEqual([text]);
      else expect(JSON.parse(sent[0]!)).toEqual(JSON.parse(PLAIN));
    });
  });
});
