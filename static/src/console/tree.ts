/**
 * A JSON text as a tree that knows where each part stands and how it was written.
 *
 * The form and the editor show one text. Between them the text is not read into JavaScript's values and written again:
 * that would change large integers, `1.0`, and keys that stand twice, behind the back of the person who wrote them.
 */

import { isObject, type Json } from "../json.ts";
import type { Path } from "./path.ts";

export type Tree = ObjectTree | ArrayTree | ScalarTree;

interface Place {
  /** Offsets in the text, `to` exclusive. Both are 0 in a tree that has not come from a text. */
  readonly from: number;
  readonly to: number;
}

export interface ObjectTree extends Place {
  readonly kind: "object";
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  /** Where the key stands. */
  readonly key: Place;
  readonly value: Tree;
}

export interface ArrayTree extends Place {
  readonly kind: "array";
  readonly items: readonly Tree[];
}

export interface ScalarTree extends Place {
  readonly kind: "scalar";
  /** As it was written: `1.0`, `"\u0041"`, `null`. */
  readonly lexeme: string;
}

/** The text is not JSON: what is wrong, and where. */
export class SyntaxProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;

  constructor(message: string, from: number, to: number) {
    this.message = message;
    this.from = from;
    this.to = to;
  }
}

/** Deeper than the service takes by far; a form of that depth helps nobody. */
const MAX_DEPTH = 500;

/** RFC 8259. */
export function readTree(text: string): Tree | SyntaxProblem {
  try {
    return new Reader(text).read();
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
}

const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b))/y;

interface Token extends Place {
  readonly kind: "punctuation" | "string" | "scalar" | "end";
  readonly text: string;
}

class Reader {
  readonly #text: string;
  #position = 0;
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#scan();
  }

  read(): Tree {
    const tree = this.#value(0);
    if (this.#token.kind !== "end") this.#fail("Nothing may follow the value");
    return tree;
  }

  #scan(): Token {
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.#text);
    if (match === null) return this.#scanOdd();
    const [all, punctuation, string, scalar] = match;
    const text = punctuation ?? string ?? scalar ?? "";
    this.#position += all.length;
    const kind = punctuation !== undefined ? "punctuation" : string !== undefined ? "string" : "scalar";
    return { kind, text, from: this.#position - text.length, to: this.#position };
  }

  /** The end of the text, or what is no token of JSON. */
  #scanOdd(): Token {
    const rest = this.#text.slice(this.#position);
    const from = this.#position + (rest.length - rest.replace(/^[ \t\n\r]+/, "").length);
    if (from === this.#text.length) return { kind: "end", text: "", from, to: from };
    const line = /^[^\n]*/.exec(this.#text.slice(from))?.[0] ?? "";
    const word = /^(?:[\w.+-]+|.)/u.exec(line)?.[0] ?? "";
    if (line.startsWith('"')) {
      const reason = /^"(?:[^"\\]|\\.)*"/.test(line) ? "The text has a character or an escape that JSON does not know" : "The text is not closed";
      throw new SyntaxProblem(reason, from, from + line.length);
    }
    if (word === "'") throw new SyntaxProblem('Texts stand in double quotes: "', from, from + 1);
    throw new SyntaxProblem(`${word} is no JSON; texts stand in double quotes`, from, from + word.length);
  }

  #next(): Token {
    const token = this.#token;
    this.#token = this.#scan();
    return token;
  }

  #fail(message: string): never {
    const { from, to } = this.#token;
    throw new SyntaxProblem(message, from, Math.max(to, from));
  }

  #take(text: string): boolean {
    if (this.#token.kind !== "punctuation" || this.#token.text !== text) return false;
    this.#next();
    return true;
  }

  #value(depth: number): Tree {
    if (depth > MAX_DEPTH) this.#fail("Nested too deep");
    const { kind, text, from } = this.#token;
    if (kind === "string" || kind === "scalar") {
      const { to } = this.#next();
      return { kind: "scalar", lexeme: text, from, to };
    }
    if (text === "{" && kind === "punctuation") return this.#object(depth);
    if (text === "[" && kind === "punctuation") return this.#array(depth);
    this.#fail("A value is missing");
  }

  #object(depth: number): Tree {
    const { from } = this.#next();
    const members: Member[] = [];
    while (!this.#closes("}", members.length)) {
      if (this.#token.kind !== "string") this.#fail('A key in double quotes is missing');
      const key = this.#next();
      if (!this.#take(":")) this.#fail("A colon is missing after the key");
      const value = this.#value(depth + 1);
      members.push({ name: JSON.parse(key.text) as string, key: { from: key.from, to: key.to }, value });
    }
    return { kind: "object", members, from, to: this.#next().to };
  }

  #array(depth: number): Tree {
    const { from } = this.#next();
    const items: Tree[] = [];
    while (!this.#closes("]", items.length)) items.push(this.#value(depth + 1));
    return { kind: "array", items, from, to: this.#next().to };
  }

  /** At the closing bracket, or past the comma before the next part. */
  #closes(bracket: string, count: number): boolean {
    const { kind, text } = this.#token;
    if (kind === "punctuation" && text === bracket) return true;
    if (count === 0) return false;
    if (!this.#take(",")) this.#fail(kind === "end" ? `${bracket} is missing` : `A comma or ${bracket} is missing`);
    if (this.#token.kind === "punctuation" && this.#token.text === bracket) this.#fail(`No comma may stand before ${bracket}`);
    return false;
  }
}

export function treeOf(value: Json): Tree {
  const place = { from: 0, to: 0 };
  if (Array.isArray(value)) return { kind: "array", items: value.map(treeOf), ...place };
  if (!isObject(value)) return { kind: "scalar", lexeme: JSON.stringify(value), ...place };
  const members = Object.entries(value).map(([name, inner]) => ({ name, key: place, value: treeOf(inner) }));
  return { kind: "object", members, ...place };
}

export function valueOf(tree: Tree): Json {
  switch (tree.kind) {
    case "scalar":
      return JSON.parse(tree.lexeme) as Json;
    case "array":
      return tree.items.map(valueOf);
    case "object":
      // Not by assignment: a key may be called __proto__.
      return Object.fromEntries(tree.members.map(({ name, value }) => [name, valueOf(value)]));
  }
}

/** The part at the path; of a key that stands twice the last one, which is the one that counts. */
export function partAt(tree: Tree, path: Path): Tree | undefined {
  let current: Tree | undefined = tree;
  for (const step of path) {
    if (current?.kind === "object") current = memberOf(current, String(step))?.value;
    else if (current?.kind === "array" && typeof step === "number") current = current.items[step];
    else return undefined;
  }
  return current;
}

export function memberOf(tree: ObjectTree, name: string): Member | undefined {
  return tree.members.filter((member) => member.name === name).at(-1);
}

/** The tree with a part replaced, or added where its parent has no such part yet; unchanged where there is no parent. */
export function withPart(tree: Tree, path: Path, part: Tree): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return part;
  if (tree.kind === "object") {
    const name = String(step);
    const member = memberOf(tree, name);
    if (member === undefined) {
      if (rest.length > 0) return tree;
      return { ...tree, members: [...tree.members, { name, key: { from: 0, to: 0 }, value: part }] };
    }
    const changed = { ...member, value: withPart(member.value, rest, part) };
    return { ...tree, members: tree.members.map((other) => (other === member ? changed : other)) };
  }
  if (tree.kind === "array" && typeof step === "number") {
    const item = tree.items[step];
    if (item === undefined) return rest.length > 0 ? tree : { ...tree, items: [...tree.items, part] };
    const items = tree.items.map((other, index) => (index === step ? withPart(item, rest, part) : other));
    return { ...tree, items };
  }
  return tree;
}

/** The tree without a part; a key that stands twice goes twice. */
export function withoutPart(tree: Tree, path: Path): Tree {
  const parent = partAt(tree, path.slice(0, -1));
  const step = path.at(-1);
  if (parent?.kind === "object") {
    const members = parent.members.filter(({ name }) => name !== step);
    return withPart(tree, path.slice(0, -1), { ...parent, members });
  }
  if (parent?.kind === "array") {
    const items = parent.items.filter((_, index) => index !== step);
    return withPart(tree, path.slice(0, -1), { ...parent, items });
  }
  return tree;
}

/** The tree with a key called otherwise. */
export function withName(tree: Tree, path: Path, name: string): Tree {
  const parent = partAt(tree, path.slice(0, -1));
  if (parent?.kind !== "object") return tree;
  const members = parent.members.map((member) => (member.name === path.at(-1) ? { ...member, name } : member));
  return withPart(tree, path.slice(0, -1), { ...parent, members });
}

/** As people write JSON: two spaces, each member on a line of its own, scalars as they were. */
export function printTree(tree: Tree, indent = ""): string {
  if (tree.kind === "scalar") return tree.lexeme;
  const inner = `${indent}  `;
  const parts =
    tree.kind === "array"
      ? tree.items.map((item) => printTree(item, inner))
      : tree.members.map(({ name, value }) => `${JSON.stringify(name)}: ${printTree(value, inner)}`);
  const [open, close] = tree.kind === "array" ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** The characters of the text that a problem is about: the value, or the object that lacks it. */
export function rangeOf(tree: Tree, path: Path): Place {
  for (let length = path.length; length > 0; length -= 1) {
    const part = partAt(tree, path.slice(0, length));
    if (part !== undefined) return { from: part.from, to: part.to };
  }
  return tree;
}
