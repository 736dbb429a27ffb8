import { describe, expect, test } from "vitest";
import { type Block, type Inline, parseBlocks, parseInlines, plainText } from "../src/markdown.ts";

/** A tree in a line, for tables of cases. */
function inline(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
          return node.text;
        case "code":
          return `<code ${node.text}>`;
        case "break":
          return "<br>";
        case "link":
          return `<link ${node.href} ${inline(node.inlines)}>`;
        default:
          return `<${node.kind} ${inline(node.inlines)}>`;
      }
    })
    .join("");
}

function block(node: Block): string {
  switch (node.kind) {
    case "paragraph":
      return `p(${inline(node.inlines)})`;
    case "heading":
      return `h${node.level}(${inline(node.inlines)})`;
    case "code":
      return `code(${node.text})`;
    case "rule":
      return "rule";
    case "quote":
      return `quote(${node.blocks.map(block).join(" ")})`;
    case "list":
      return `list${node.start ?? ""}(${node.items.map((item) => item.map(block).join(" ")).join("; ")})`;
    case "table":
      return `table(${[node.head, ...node.rows].map((row) => row.map(inline).join("|")).join("; ")})`;
  }
}

const blocks = (text: string): string => parseBlocks(text).map(block).join(" ");

test.each([
  ["", ""],
  ["one\ntwo\n\nthree", "p(one two) p(three)"],
  ["# Title #\ntext\n## Two", "h1(Title) p(text) h2(Two)"],
  ["#hashtag", "p(#hashtag)"],
  ["- a\n- b\n  more\n\n  second\n- c", "list(p(a); p(b more) p(second); p(c))"],
  ["- a\n  - b\n    - c\n- d", "list(p(a) list(p(b) list(p(c))); p(d))"],
  ["3. x\n4. y", "list3(p(x); p(y))"],
  ["text\n- item\n\nafter", "p(text) list(p(item)) p(after)"],
  ["In\n1999. A year", "p(In 1999. A year)"],
  ["```json\n{\n  a: *b*\n}\n```\nend", "code({\n  a: *b*\n}) p(end)"],
  ["~~~\nnever closed", "code(never closed)"],
  ["> said\n> - x\n\nnot", "quote(p(said) list(p(x))) p(not)"],
  ["***\n- - -", "rule rule"],
  ["| a | `b` |\n|---|:-:|\n| 1 | 2 |\n| 3 |", "table(a|<code b>; 1|2; 3|)"],
  ["a | b\nno table", "p(a | b no table)"],
])("blocks of %j", (markdown, expected) => {
  expect(blocks(markdown)).toBe(expected);
});

test.each([
  ["plain", "plain"],
  ["`a` and ``b`c``", "<code a> and <code b`c>"],
  ["an ` alone, ``twice", "an ` alone, ``twice"],
  ["*a* **b** _c_ __d__", "<emphasis a> <strong b> <emphasis c> <strong d>"],
  ["**a *b* c**", "<strong a <emphasis b> c>"],
  ["snake_case_name 2*3*4 * x *", "snake_case_name 2<emphasis 3>4 * x *"],
  ["**open", "**open"],
  ["[words](https://a.example/x) [rel](/y) [hash](#/schemas)", "<link https://a.example/x words> <link /y rel> <link #/schemas hash>"],
  ['[titled](/x "Title") [empty]() [not a link]', "<link /x titled> empty [not a link]"],
  ["![alt](https://a.example/i.png)", "<link https://a.example/i.png alt>"],
  ["see https://a.example/b, or <https://c.example>.", "see <link https://a.example/b https://a.example/b>, or <link https://c.example https://c.example>."],
  ["xhttps://a.example", "xhttps://a.example"],
  ["\\*no\\* \\[a](b)", "*no* [a](b)"],
  ["one  \ntwo\\\nthree", "one<br>two<br>three"],
  ["<b>bold</b> &amp; <script>", "<b>bold</b> &amp; <script>"],
])("inlines of %j", (markdown, expected) => {
  expect(inline(parseInlines(markdown))).toBe(expected);
});

describe("what is hostile", () => {
  test.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "&#106;avascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://a.example/x",
  ])("%j is no link that runs", (address) => {
    const found = parseInlines(`[click](${address}) <${address}> ![i](${address})`);
    for (const [, href = ""] of JSON.stringify(found).matchAll(/"href":"([^"]*)"/g)) {
      expect(["http:", "https:"]).toContain(new URL(href, "https://page.example/").protocol);
    }
    expect(inline(found)).toContain("click");
  });

  test.each([
    ["brackets", "[".repeat(200_000)],
    ["brackets and an end", `${"[".repeat(100_000)}](x)`],
    ["stars", "*a **b ".repeat(50_000)],
    ["emphasis", `${"*".repeat(50_000)}a${"*".repeat(50_000)}`],
    ["ticks", "`a``b".repeat(50_000)],
    ["quotes", "> ".repeat(50_000)],
    ["items", "- ".repeat(50_000)],
    ["nested items", Array.from({ length: 2_000 }, (_, index) => `${" ".repeat(index * 2)}- x`).join("\n")],
    ["spaces in a heading", `# ${" ".repeat(200_000)}x`],
    ["bars", "|".repeat(100_000) + "\n" + "|-".repeat(100_000)],
    ["autolinks", "https://a ".repeat(30_000)],
  ])("%s are read before the test gives up, as quadratic work would not be", (_, text) => {
    expect(parseBlocks(text).length).toBeGreaterThan(0);
  });
});

test("the words alone", () => {
  expect(plainText(parseInlines("a **b `c`** [d](/e)  \nf"))).toBe("a b c d f");
});
