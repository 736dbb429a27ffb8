import { useMemo } from "preact/hooks";
import { isForeign } from "../links.ts";
import { type Block, type Inline as Node, parseBlocks, parseInlines } from "../markdown.ts";

/** A description: Markdown as `markdown.ts` reads it. */
export function Prose({ text }: { text: string | undefined }) {
  const blocks = useMemo(() => parseBlocks(text ?? ""), [text]);
  if (blocks.length === 0) return null;
  return (
    <div class="prose">
      <Blocks blocks={blocks} />
    </div>
  );
}

/** A text on one line, with code, emphasis and links. */
export function Inline({ text }: { text: string }) {
  return <Inlines nodes={useMemo(() => parseInlines(text), [text])} />;
}

function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return (
    <>
      {blocks.map((block, index) => (
        <OneBlock key={index} block={block} />
      ))}
    </>
  );
}

function OneBlock({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Inlines nodes={block.inlines} />
        </p>
      );
    case "heading":
      // Not a heading of the page, whose outline is its own.
      return (
        <p class={block.level <= 2 ? "prose-heading large" : "prose-heading"}>
          <Inlines nodes={block.inlines} />
        </p>
      );
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index}>
          <Blocks blocks={item} />
        </li>
      ));
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      );
    case "code":
      return (
        <pre class="code" tabIndex={0}>
          {block.text}
        </pre>
      );
    case "table":
      return (
        <div class="table">
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index} scope="col">
                    <Inlines nodes={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column}>
                      <Inlines nodes={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr />;
  }
}

function Inlines({ nodes }: { nodes: readonly Node[] }) {
  return (
    <>
      {nodes.map((node, index) => (
        <OneInline key={index} node={node} />
      ))}
    </>
  );
}

function OneInline({ node }: { node: Node }) {
  switch (node.kind) {
    case "text":
      return <>{node.text}</>;
    case "code":
      return <code>{node.text}</code>;
    case "break":
      return <br />;
    case "strong":
      return (
        <strong>
          <Inlines nodes={node.inlines} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Inlines nodes={node.inlines} />
        </em>
      );
    case "link":
      return (
        <a href={node.href} rel={isForeign(node.href) ? "noreferrer" : undefined}>
          <Inlines nodes={node.inlines} />
        </a>
      );
  }
}
