/**
 * The part of Markdown that descriptions are written in, read into a tree. Nothing here makes HTML: the page draws the
 * tree, so what looks like a tag stays the text that it is.
 *
 * CommonMark's headings, paragraphs, lists, quotes, fenced code, rules, emphasis, code, links and line breaks, GitHub's
 * tables, and the double backticks of docstrings. An image becomes a link to it, as the page loads nothing from
 * elsewhere. Time is linear in the length of the text, and the depth of the tree is bounded.
 */

import { safeHref } from "./links.ts";

export type Block =
  | { readonly kind: "paragraph"; readonly inlines: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: "list"; readonly start: number | undefined; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "table"; readonly head: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: "rule" };

export type Cell = readonly Inline[];

export type Inline =
  | { readonly kind: "text" | "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis"; readonly inlines: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly inlines: readonly Inline[] }
  | { readonly kind: "break" };

/** Lists and quotes inside each other; deeper ones are text. */
const MAX_DEPTH = 8;

export function parseBlocks(markdown: string, depth = 0): readonly Block[] {
  return new BlockReader(markdown.replace(/\r\n?/g, "\n").replaceAll("\t", "    ").split("\n"), depth).read();
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})(?: |$)/;
const RULE = /^ {0,3}(?:(?:- *){3,}|(?:_ *){3,}|(?:\* *){3,})$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( +)(?=\S)/;
const QUOTE = /^ {0,3}> ?/;

class BlockReader {
  readonly #lines: readonly string[];
  readonly #depth: number;
  #next = 0;

  constructor(lines: readonly string[], depth: number) {
    this.#lines = lines;
    this.#depth = depth;
  }

  read(): readonly Block[] {
    const blocks: Block[] = [];
    while (this.#next < this.#lines.length) {
      if (this.#line().trim() === "") this.#next += 1;
      else blocks.push(this.#block());
    }
    return blocks;
  }

  #line(offset = 0): string {
    return this.#lines[this.#next + offset] ?? "";
  }

  #block(): Block {
    const line = this.#line();
    const fence = FENCE.exec(line)?.[1];
    if (fence !== undefined) return this.#code(fence);
    if (RULE.test(line)) {
      this.#next += 1;
      return { kind: "rule" };
    }
    const heading = HEADING.exec(line);
    if (heading !== null) {
      this.#next += 1;
      const words = line.slice(heading[0].length).trim().replace(/(?:^| )#+$/, "");
      return { kind: "heading", level: heading[1]?.length ?? 1, inlines: parseInlines(words.trim()) };
    }
    if (this.#depth < MAX_DEPTH && QUOTE.test(line)) return this.#quote();
    if (this.#depth < MAX_DEPTH && ITEM.test(line)) return this.#list();
    if (line.includes("|") && isDelimiterRow(this.#line(1))) return this.#table();
    return this.#paragraph();
  }

  #code(fence: string): Block {
    const indent = this.#line().search(/\S/);
    const text: string[] = [];
    this.#next += 1;
    while (this.#next < this.#lines.length) {
      const line = this.#line();
      this.#next += 1;
      const closing = FENCE.exec(line)?.[1];
      if (closing?.startsWith(fence) && line.trim() === closing) break;
      text.push(line.slice(Math.min(indent, Math.max(line.search(/\S/), 0))));
    }
    return { kind: "code", text: text.join("\n") };
  }

  #quote(): Block {
    const inside: string[] = [];
    while (this.#next < this.#lines.length && this.#line().trim() !== "") {
      inside.push(this.#line().replace(QUOTE, ""));
      this.#next += 1;
    }
    return { kind: "quote", blocks: new BlockReader(inside, this.#depth + 1).read() };
  }

  #list(): Block {
    const marker = ITEM.exec(this.#line())?.[2] ?? "-";
    const isOrdered = /\d/.test(marker);
    const items: (readonly Block[])[] = [];
    for (;;) {
      const match = ITEM.exec(this.#line());
      if (match === null || /\d/.test(match[2] ?? "") !== isOrdered || RULE.test(this.#line())) break;
      items.push(new BlockReader(this.#item(match[0].length), this.#depth + 1).read());
    }
    return { kind: "list", start: isOrdered ? Number.parseInt(marker, 10) : undefined, items };
  }

  /** The lines of the item at hand: what is indented below it, and text that goes on without indentation. */
  #item(indent: number): readonly string[] {
    const inside = [this.#line().slice(indent)];
    this.#next += 1;
    while (this.#next < this.#lines.length) {
      const line = this.#line();
      const leading = line.search(/\S/);
      if (leading < 0) {
        // An empty line ends the item unless what follows is indented.
        const following = this.#lines.slice(this.#next, this.#next + 3).find((each) => each.trim() !== "");
        if (following === undefined || following.search(/\S/) < Math.min(indent, 2)) break;
        inside.push("");
      } else if (leading >= Math.min(indent, 2)) {
        inside.push(line.slice(Math.min(leading, indent)));
      } else if (inside.at(-1) !== "" && !ITEM.test(line) && !startsAnother(line)) {
        inside.push(line.trim());
      } else {
        break;
      }
      this.#next += 1;
    }
    while (this.#next < this.#lines.length && this.#line().trim() === "") this.#next += 1;
    return inside;
  }

  #table(): Block {
    const head = cells(this.#line());
    this.#next += 2;
    const rows: (readonly Cell[])[] = [];
    while (this.#line().includes("|")) {
      const row = cells(this.#line());
      rows.push(head.map((_, column) => row[column] ?? []));
      this.#next += 1;
    }
    return { kind: "table", head, rows };
  }

  #paragraph(): Block {
    const inside = [this.#line()];
    this.#next += 1;
    while (this.#next < this.#lines.length) {
      const line = this.#line();
      if (line.trim() === "" || startsAnother(line) || (this.#depth < MAX_DEPTH && isFirstItem(line))) break;
      inside.push(line);
      this.#next += 1;
    }
    return { kind: "paragraph", inlines: parseInlines(inside.map((line) => line.trimStart()).join("\n").trimEnd()) };
  }
}

/** What ends a paragraph without an empty line. */
function startsAnother(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line);
}

/** CommonMark 5.2: of ordered lists, only one that begins with 1 may follow a paragraph directly. */
function isFirstItem(line: string): boolean {
  const marker = ITEM.exec(line)?.[2];
  return marker !== undefined && (!/\d/.test(marker) || Number.parseInt(marker, 10) === 1);
}

function cells(row: string): readonly Cell[] {
  return columns(row).map((cell) => parseInlines(cell));
}

function columns(row: string): readonly string[] {
  const inside = row.trim().replace(/^\||\|$/g, "");
  return inside.split("|").map((cell) => cell.trim());
}

function isDelimiterRow(row: string): boolean {
  return row.includes("-") && columns(row).every((cell) => /^:?-+:?$/.test(cell));
}

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const AUTOLINK = /^<((?:https?|mailto):[^\s<>]*)>/i;
const BARE_LINK = /^https?:\/\/[^\s<>"'`()[\]{}]*[^\s<>"'`()[\]{}.,;:!?]/i;
/** Characters in the words of a link. */
const MAX_LABEL = 1_000;
/** Marks that may be passed over in the search for the one that ends. */
const MAX_TRIES = 20;
/** Emphasis inside emphasis; deeper marks are text. */
const MAX_NESTING = 6;

export function parseInlines(text: string, nesting = 0): readonly Inline[] {
  return new InlineReader(text, nesting).read();
}

class InlineReader {
  readonly #text: string;
  readonly #nesting: number;
  /** Where each mark was looked for, and found: looking again from every place would cost the square of the length. */
  readonly #places = new Map<string, { readonly from: number; readonly found: number }>();
  readonly #found: Inline[] = [];
  #plain = "";
  #at = 0;

  constructor(text: string, nesting: number) {
    this.#text = text;
    this.#nesting = nesting;
  }

  read(): readonly Inline[] {
    while (this.#at < this.#text.length) {
      if (!this.#special()) this.#plain += this.#text.charAt(this.#at++);
    }
    this.#flush();
    return this.#found;
  }

  #special(): boolean {
    switch (this.#text.charAt(this.#at)) {
      case "\\":
        return this.#escape();
      case "\n":
        return this.#newline();
      case "`":
        return this.#code();
      case "*":
      case "_":
        return this.#emphasis();
      case "!":
        return this.#text.charAt(this.#at + 1) === "[" && this.#link(1);
      case "[":
        return this.#link(0);
      case "<":
        return this.#autolink(AUTOLINK.exec(this.#text.slice(this.#at, this.#at + 2_000)));
      case "h":
      case "H":
        if (/\w/.test(this.#text.charAt(this.#at - 1))) return false;
        return this.#autolink(BARE_LINK.exec(this.#text.slice(this.#at, this.#at + 2_000)));
      default:
        return false;
    }
  }

  #escape(): boolean {
    const next = this.#text.charAt(this.#at + 1);
    if (next === "\n") return this.#push({ kind: "break" }, this.#at + 2);
    if (!ESCAPABLE.test(next)) return false;
    this.#plain += next;
    this.#at += 2;
    return true;
  }

  #newline(): boolean {
    if (this.#plain.endsWith("  ")) {
      this.#plain = this.#plain.trimEnd();
      return this.#push({ kind: "break" }, this.#at + 1);
    }
    this.#plain = `${this.#plain.trimEnd()} `;
    this.#at += 1;
    return true;
  }

  #code(): boolean {
    const ticks = /^`+/.exec(this.#text.slice(this.#at, this.#at + 100))?.[0] ?? "`";
    const start = this.#at + ticks.length;
    let end = this.#find(ticks, start);
    // CommonMark 6.1: as many backticks as began it, neither more nor fewer.
    for (let tries = 0; end >= 0 && this.#text.charAt(end + ticks.length) === "`"; tries += 1) {
      while (this.#text.charAt(end) === "`") end += 1;
      end = tries < MAX_TRIES ? this.#find(ticks, end) : -1;
    }
    if (end < 0) {
      this.#plain += ticks;
      this.#at = start;
      return true;
    }
    const inside = this.#text.slice(start, end).replaceAll("\n", " ");
    return this.#push({ kind: "code", text: inside.trim() === "" ? inside : inside.trim() }, end + ticks.length);
  }

  #emphasis(): boolean {
    const mark = this.#text.charAt(this.#at);
    const marks = this.#text.charAt(this.#at + 1) === mark ? mark + mark : mark;
    const start = this.#at + marks.length;
    const [before, after] = [this.#text.charAt(this.#at - 1), this.#text.charAt(start)];
    const opens = this.#nesting < MAX_NESTING && /\S/.test(after) && after !== mark && !(mark === "_" && /\w/.test(before));
    const end = opens ? this.#closing(marks, start) : -1;
    if (end < 0) {
      this.#plain += marks;
      this.#at = start;
      return true;
    }
    const inlines = parseInlines(this.#text.slice(start, end), this.#nesting + 1);
    return this.#push({ kind: marks.length === 2 ? "strong" : "emphasis", inlines }, end + marks.length);
  }

  /** Where emphasis ends: behind something, and `_` not inside a word, or `snake_case_names` would lose theirs. */
  #closing(marks: string, start: number): number {
    const mark = marks.charAt(0);
    let end = this.#find(marks, start + 1);
    for (let tries = 0; end >= 0 && tries < MAX_TRIES; tries += 1) {
      const [before, after] = [this.#text.charAt(end - 1), this.#text.charAt(end + marks.length)];
      const isLonger = marks.length === 1 && (after === mark || before === mark);
      if (/\S/.test(before) && !isLonger && !(mark === "_" && /\w/.test(after))) return end;
      end = this.#find(marks, end + (isLonger ? 2 : 1));
    }
    return -1;
  }

  /** `[text](address "title")`, behind an exclamation mark an image. */
  #link(offset: number): boolean {
    const start = this.#at + offset + 1;
    const middle = this.#find("](", start);
    // A bracket in between belongs to something else, or to nothing.
    if (middle < 0 || middle - start > MAX_LABEL || this.#text.slice(start, middle).includes("[")) return false;
    const end = this.#find(")", middle);
    if (end < 0) return false;
    const [address = ""] = this.#text.slice(middle + 2, end).trim().split(/\s+/, 1);
    const href = safeHref(address.replace(/^<|>$/g, ""));
    const label = this.#text.slice(start, middle);
    if (address === "" || href === undefined) {
      // Where the link may not be followed, its words stay.
      this.#plain += label;
      this.#at = end + 1;
      return true;
    }
    const inlines = this.#nesting < MAX_NESTING ? parseInlines(label || address, MAX_NESTING - 1) : [textOf(label)];
    return this.#push({ kind: "link", href, inlines }, end + 1);
  }

  #autolink(match: RegExpExecArray | null): boolean {
    if (match === null || this.#nesting >= MAX_NESTING - 1) return false;
    const address = match[1] ?? match[0];
    const href = safeHref(address);
    if (href === undefined) return false;
    return this.#push({ kind: "link", href, inlines: [textOf(address)] }, this.#at + match[0].length);
  }

  #find(marks: string, from: number): number {
    const known = this.#places.get(marks);
    if (known !== undefined && known.from <= from && (known.found < 0 || known.found >= from)) return known.found;
    const found = this.#text.indexOf(marks, from);
    this.#places.set(marks, { from, found });
    return found;
  }

  #push(inline: Inline, next: number): boolean {
    this.#flush();
    this.#found.push(inline);
    this.#at = next;
    return true;
  }

  #flush(): void {
    if (this.#plain !== "") this.#found.push(textOf(this.#plain));
    this.#plain = "";
  }
}

function textOf(text: string): Inline {
  return { kind: "text", text };
}

/** The words alone, for a line in a list. */
export function plainText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case "text":
        case "code":
          return inline.text;
        case "break":
          return " ";
        default:
          return plainText(inline.inlines);
      }
    })
    .join("");
}
