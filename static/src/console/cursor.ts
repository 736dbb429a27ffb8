/** Where in a frame a cursor is, in a text that need not be JSON yet. */

import type { Json } from "../json.ts";
import type { Cursor } from "./complete.ts";

export interface Place {
  readonly cursor: Cursor;
  /** The characters that a proposal replaces. */
  readonly from: number;
  readonly to: number;
  /** A key that is being corrected has its colon and value already. */
  readonly hasColon: boolean;
}

interface Container {
  readonly kind: "object" | "array";
  readonly path: readonly (string | number)[];
  readonly keys: Key[];
  readonly scalars: Map<string, Json>;
  index: number;
  key: string | undefined;
  wants: "key" | "colon" | "value" | "comma";
}

interface Found {
  readonly container: Container;
  readonly path: Cursor["path"];
  readonly wants: "key" | "value";
  readonly from: number;
  readonly to: number;
}

interface Key {
  readonly name: string;
  readonly from: number;
}

/** A string may lack its end; then the line ends it. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"?|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** `undefined` where nothing can be proposed: between a key and its colon, after a value, outside the frame. */
export function placeOf(text: string, position: number): Place | undefined {
  const stack: Container[] = [];
  let found: Found | undefined;
  let passed = false;
  const look = (from: number, to: number): void => {
    const container = stack.at(-1);
    passed = true;
    if (container === undefined || container.wants === "colon" || container.wants === "comma") return;
    // Now, not at the end: the walk goes on to see what stands behind the cursor.
    const step = container.kind === "array" ? container.index : (container.key ?? "");
    const path = container.wants === "key" ? container.path : [...container.path, step];
    found = { container, path, wants: container.wants, from, to };
  };
  let after = "";
  for (const match of text.matchAll(TOKEN)) {
    const [token, from] = [match[0], match.index];
    const to = from + token.length;
    const isWord = !/^[{}[\]:,]$/.test(token);
    if (!passed && isWord && from < position && position <= to && !isClosed(token, to, position)) look(from, to);
    else if (!passed && from >= position) look(position, position);
    else if (passed && after === "") after = token;
    step(stack, token, from);
  }
  if (!passed) look(position, position);
  if (found === undefined) return undefined;
  const { container, path, wants, from, to } = found;
  const present = container.keys.filter((key) => key.from !== from).map(({ name }) => name);
  return { cursor: { path, wants, present, siblings: container.scalars }, from, to, hasColon: wants === "key" && from < to && after === ":" };
}

/** Behind the closing quote nothing is left to propose. */
function isClosed(token: string, to: number, position: number): boolean {
  return token.startsWith('"') && token.length > 1 && token.endsWith('"') && position === to;
}

function step(stack: Container[], token: string, from: number): void {
  const container = stack.at(-1);
  switch (token) {
    case "{":
    case "[":
      stack.push({
        kind: token === "{" ? "object" : "array",
        path: container === undefined ? [] : [...container.path, container.kind === "array" ? container.index : (container.key ?? "")],
        keys: [],
        scalars: new Map(),
        index: 0,
        key: undefined,
        wants: token === "{" ? "key" : "value",
      });
      return;
    case "}":
    case "]": {
      stack.pop();
      const outer = stack.at(-1);
      if (outer !== undefined) outer.wants = "comma";
      return;
    }
    case ":":
      if (container?.kind === "object") container.wants = "value";
      return;
    case ",":
      if (container === undefined) return;
      container.wants = container.kind === "object" ? "key" : "value";
      container.index += 1;
      return;
    default:
      if (container === undefined) return;
      if (container.wants === "key") {
        container.key = nameOf(token);
        container.keys.push({ name: container.key, from });
        container.wants = "colon";
      } else {
        const value = scalarOf(token);
        if (value !== undefined && container.key !== undefined) container.scalars.set(container.key, value);
        container.wants = "comma";
      }
  }
}

function nameOf(token: string): string {
  const name = scalarOf(token);
  return typeof name === "string" ? name : token.replace(/^"|"$/g, "");
}

/** As `parseJson`, which is part of the first view: shared with the editor, it would be a script that both wait for. */
function scalarOf(token: string): Json | undefined {
  try {
    return JSON.parse(token) as Json;
  } catch {
    return undefined;
  }
}
