/**
 * JSON laid out for reading, token by token from the text that travelled.
 *
 * Not through `JSON.parse` and `stringify`: those change large integers, `1.0`, duplicate keys and the order of
 * numeric keys, and a log shows what was on the wire.
 */

export type TokenKind = "key" | "string" | "number" | "literal" | "punctuation" | "space";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** A value that fits on a line of this many characters stays on it. */
const LINE = 72;

interface Part {
  /** The tokens of a scalar; of an array or object, everything on one line. */
  readonly flat: readonly Token[];
  readonly width: number;
  readonly members: readonly { readonly label: readonly Token[]; readonly value: Part }[];
  readonly brackets: readonly [string, string] | undefined;
}

/** Deeper than anybody reads; indenting it would cost the square of its depth. */
const MAX_DEPTH = 100;

class TooDeep extends Error {}

/** The laid-out tokens of a JSON text, or `undefined` when the text is not JSON or nested too deep to lay out. */
export function layOut(json: string): readonly Token[] | undefined {
  try {
    JSON.parse(json);
  } catch {
    return undefined;
  }
  const lexemes = json.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
  try {
    const out: Token[] = [];
    print(new Parser(lexemes).value(0), 0, 0, out);
    return out;
  } catch (error) {
    if (error instanceof TooDeep) return undefined;
    throw error;
  }
}

/** Reads lexemes of a text that `JSON.parse` has accepted, so nothing here can be out of place. */
class Parser {
  readonly #lexemes: readonly string[];
  #next = 0;

  constructor(lexemes: readonly string[]) {
    this.#lexemes = lexemes;
  }

  value(depth: number): Part {
    if (depth > MAX_DEPTH) throw new TooDeep();
    const lexeme = this.#take();
    if (lexeme === "{") return this.#members("{", "}", depth);
    if (lexeme === "[") return this.#members("[", "]", depth);
    return { flat: [scalar(lexeme)], width: lexeme.length, members: [], brackets: undefined };
  }

  #members(open: string, close: string, depth: number): Part {
    const members: { label: readonly Token[]; value: Part }[] = [];
    while (this.#lexemes[this.#next] !== close) {
      if (members.length > 0) this.#take();
      const label: Token[] = [];
      if (open === "{") {
        label.push({ kind: "key", text: this.#take() }, { kind: "punctuation", text: `${this.#take()} ` });
      }
      members.push({ label, value: this.value(depth + 1) });
    }
    this.#take();
    return container(open, close, members);
  }

  #take(): string {
    return this.#lexemes[this.#next++] ?? "";
  }
}

function container(open: string, close: string, members: Part["members"]): Part {
  const pad = open === "{" && members.length > 0 ? " " : "";
  const flat: Token[] = [{ kind: "punctuation", text: open + pad }];
  let width = 2 + 2 * pad.length;
  // Past one line nobody reads the flat form: not building it keeps the work linear.
  for (const [index, { label, value }] of members.entries()) {
    width += widthOf(label) + value.width + (index > 0 ? 2 : 0);
    if (width > LINE) break;
    if (index > 0) flat.push({ kind: "punctuation", text: ", " });
    flat.push(...label, ...value.flat);
  }
  flat.push({ kind: "punctuation", text: pad + close });
  return { flat, width, members, brackets: [open, close] };
}

function print(part: Part, indent: number, column: number, out: Token[]): void {
  if (part.brackets === undefined || part.members.length === 0 || column + part.width <= LINE) {
    out.push(...part.flat);
    return;
  }
  const [open, close] = part.brackets;
  const inner = indent + 2;
  out.push({ kind: "punctuation", text: open });
  part.members.forEach(({ label, value }, index) => {
    if (index > 0) out.push({ kind: "punctuation", text: "," });
    out.push({ kind: "space", text: `\n${" ".repeat(inner)}` }, ...label);
    print(value, inner, inner + widthOf(label), out);
  });
  out.push({ kind: "space", text: `\n${" ".repeat(indent)}` }, { kind: "punctuation", text: close });
}

function widthOf(tokens: readonly Token[]): number {
  return tokens.reduce((width, token) => width + token.text.length, 0);
}

function scalar(lexeme: string): Token {
  if (lexeme.startsWith('"')) return { kind: "string", text: lexeme };
  return { kind: /^[tfn]/.test(lexeme) ? "literal" : "number", text: lexeme };
}
