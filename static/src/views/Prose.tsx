import type { ComponentChildren } from "preact";

/** A description: paragraphs, simple lists and `code`. Everything else stays the text it is. */
export function Prose({ text }: { text: string | undefined }) {
  if (text === undefined || text.trim() === "") return null;
  const blocks = text.trim().split(/\n\s*\n/);
  return <div class="prose">{blocks.map((block, index) => <Block key={index} text={block} />)}</div>;
}

function Block({ text }: { text: string }) {
  const lines = text.split("\n").map((line) => line.trim());
  if (lines.every((line) => /^[-*] /.test(line))) {
    return (
      <ul>
        {lines.map((line, index) => (
          <li key={index}>
            <Inline text={line.slice(2)} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <p>
      <Inline text={lines.join(" ")} />
    </p>
  );
}

/** Docstrings write code between one or two backticks. */
export function Inline({ text }: { text: string }) {
  const parts = text.split(/(``.+?``|`[^`]+`)/);
  const shown: ComponentChildren[] = parts.map((part, index) =>
    index % 2 === 1 ? <code key={index}>{part.replace(/^`+|`+$/g, "")}</code> : part,
  );
  return <>{shown}</>;
}
