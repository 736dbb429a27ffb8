import { useMemo } from "preact/hooks";
import { layOut } from "../pretty.ts";

/** So much of a text is drawn; the rest can be copied. */
const SHOWN = 100_000;

/** A longer text is not laid out: each word of it would be an element. */
const LAID_OUT = 20_000;

/** A text laid out when it is JSON, as it is when it is not, or when it is wanted `raw`. */
export function JsonText({ text, raw = false }: { text: string; raw?: boolean }) {
  // The element itself is kept: a log of hundreds is drawn again for every frame, and its texts never change.
  return useMemo(() => {
    if (text.length > SHOWN) return <pre class="json"><Cut text={text} /></pre>;
    return <pre class="json">{raw || text.length > LAID_OUT ? text : <Tokens text={text} />}</pre>;
  }, [text, raw]);
}

function Tokens({ text }: { text: string }) {
  const tokens = layOut(text);
  if (tokens === undefined) return <>{text}</>;
  return (
    <>
      {tokens.map(({ kind, text: part }, index) =>
        kind === "punctuation" || kind === "space" ? (
          part
        ) : (
          <span key={index} class={`json-${kind}`}>
            {part}
          </span>
        ),
      )}
    </>
  );
}

function Cut({ text }: { text: string }) {
  return (
    <>
      {text.slice(0, SHOWN)}
      <em class="quiet">{`\n… ${text.length - SHOWN} more characters; copy gives them all.`}</em>
    </>
  );
}
