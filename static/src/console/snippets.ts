/** The frame in the composer as code for other clients. A credential is never written into it. */

import { printTree, readTree, SyntaxProblem, type Tree } from "./tree.ts";

export interface Snippet {
  readonly label: string;
  readonly code: string;
}

export interface SnippetOptions {
  readonly url: string;
  /** The text of the frame, JSON or not. */
  readonly text: string;
  /** The word before the token in the Authorization header; `undefined` when no token is needed. */
  readonly scheme: string | undefined;
}

/** Where each snippet takes the token from. */
const VARIABLE = "WS_TOKEN";

export function snippets(options: SnippetOptions): readonly Snippet[] {
  return [
    { label: "Python, websockets", code: pythonWebsockets(options) },
    { label: "wscat", code: wscat(options) },
    { label: "JavaScript, WebSocket", code: browser(options) },
  ];
}

function pythonWebsockets({ url, text, scheme }: SnippetOptions): string {
  const tree = readTree(text);
  const frame = tree instanceof SyntaxProblem ? pythonText(text) : `json.dumps(${pythonLiteral(tree, "        ")})`;
  const imports = ["asyncio", ...(tree instanceof SyntaxProblem ? [] : ["json"]), ...(scheme === undefined ? [] : ["os"])];
  const prefix = scheme === "" ? "" : `${scheme} `;
  const headers = `    headers = {"Authorization": ${pythonText(prefix)} + os.environ["${VARIABLE}"]}\n`;
  return [
    `${imports.map((name) => `import ${name}\n`).join("")}\nfrom websockets.asyncio.client import connect\n\n\n`,
    "async def main() -> None:\n",
    scheme === undefined ? "" : headers,
    `    async with connect(${pythonText(url)}${scheme === undefined ? "" : ", additional_headers=headers"}) as socket:\n`,
    `        await socket.send(${frame})\n`,
    "        async for received in socket:\n            print(received)\n\n\nasyncio.run(main())\n",
  ].join("");
}

function wscat({ url, text, scheme }: SnippetOptions): string {
  const tree = readTree(text);
  const frame = tree instanceof SyntaxProblem ? text : flat(tree);
  const prefix = scheme === undefined || scheme === "" ? "" : `${scheme} `;
  const header = scheme === undefined ? "" : ` --header ${shellText(`Authorization: ${prefix}`)}"$${VARIABLE}"`;
  return `npx wscat --connect ${shellText(url)}${header} --wait 5 --execute ${shellText(frame)}\n`;
}

function browser({ url, text, scheme }: SnippetOptions): string {
  const tree = readTree(text);
  const isLiteral = !(tree instanceof SyntaxProblem) && isSameInJavaScript(tree);
  const frame = isLiteral ? `JSON.stringify(${printTree(tree, "  ")})` : javascriptText(text);
  // RFC 4648, 5, without padding: a browser has no other way to send an Authorization header's value.
  const credential = `const credential = btoa(${javascriptText(scheme === "" || scheme === undefined ? "" : `${scheme} `)} + token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");\n`;
  return [
    scheme === undefined ? "" : credential,
    `const socket = new WebSocket(${javascriptText(url)}`,
    scheme === undefined ? "" : ', ["chanx.v1", "chanx.auth." + credential]',
    ");\n",
    `socket.onopen = () => {\n  socket.send(${frame});\n};\n`,
    "socket.onmessage = ({ data }) => console.log(data);\n",
    "socket.onclose = ({ code, reason }) => console.log(code, reason);\n",
  ].join("");
}

/** JSON's escapes are Python's, too; only its three words differ. Numbers stay as they were written. */
export function pythonLiteral(tree: Tree, indent = ""): string {
  const inner = `${indent}    `;
  switch (tree.kind) {
    case "scalar":
      if (tree.lexeme.startsWith('"')) return pythonText(JSON.parse(tree.lexeme) as string);
      return { true: "True", false: "False", null: "None" }[tree.lexeme] ?? tree.lexeme;
    case "array":
      if (tree.items.length === 0) return "[]";
      return `[\n${tree.items.map((item) => `${inner}${pythonLiteral(item, inner)},\n`).join("")}${indent}]`;
    case "object":
      if (tree.members.length === 0) return "{}";
      return `{\n${tree.members
        .map(({ name, value }) => `${inner}${pythonText(name)}: ${pythonLiteral(value, inner)},\n`)
        .join("")}${indent}}`;
  }
}

/** Large integers are rounded there, and one key sets the prototype. */
function isSameInJavaScript(tree: Tree): boolean {
  if (tree.kind === "array") return tree.items.every(isSameInJavaScript);
  if (tree.kind === "object") return tree.members.every(({ name, value }) => name !== "__proto__" && isSameInJavaScript(value));
  return !/^-?\d+$/.test(tree.lexeme) || Number.isSafeInteger(Number(tree.lexeme));
}

function pythonText(text: string): string {
  return JSON.stringify(text);
}

function javascriptText(text: string): string {
  return JSON.stringify(text);
}

/** POSIX: between single quotes nothing has a meaning but the quote itself. */
export function shellText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** On one line, as it is typed into a shell. */
function flat(tree: Tree): string {
  switch (tree.kind) {
    case "scalar":
      return tree.lexeme;
    case "array":
      return `[${tree.items.map(flat).join(", ")}]`;
    case "object":
      return `{${tree.members.map(({ name, value }) => `${JSON.stringify(name)}: ${flat(value)}`).join(", ")}}`;
  }
}
