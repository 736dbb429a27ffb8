import { useEffect, useRef, useState } from "preact/hooks";
import type { Channel, Message } from "../document.ts";
import { exampleText } from "../example.ts";
import type { References } from "../references.ts";
import { tell } from "../telling.ts";
import { JsonText } from "./JsonText.tsx";
import { Inline, Prose } from "./Prose.tsx";
import { SchemaTree } from "./SchemaTree.tsx";

interface Props {
  readonly message: Message;
  readonly channel: Channel;
  readonly references: References;
  readonly direction: "sent" | "received";
  /** The link that led here names this message: open it and bring it into view. */
  readonly wanted: boolean;
}

export function MessageCard({ message, channel, references, direction, wanted }: Props) {
  const [open, setOpen] = useState(wanted);
  const card = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!wanted) return;
    setOpen(true);
    card.current?.scrollIntoView({ block: "nearest" });
  }, [wanted]);
  const { lead, rest } = tell(message, channel);
  return (
    <details
      ref={card}
      class="message"
      data-testid="message"
      data-message={message.name}
      data-direction={direction}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <code class="message-name">{message.name}</code>
        {message.deprecated && <span class="tag">deprecated</span>}
        {lead !== undefined && (
          <span class="message-summary">
            <Inline text={lead} />
          </span>
        )}
      </summary>
      {open && (
        <div class="message-body">
          <Prose text={rest} />
          {message.payload === undefined ? (
            <p class="quiet">The document gives no schema for this message.</p>
          ) : (
            <SchemaTree schema={message.payload} references={references} />
          )}
          {message.examples.map((example, index) => (
            <figure key={index} class="example">
              <figcaption>{example.summary ?? example.name ?? "Example"}</figcaption>
              <JsonText text={exampleText(example.payload)} />
            </figure>
          ))}
        </div>
      )}
    </details>
  );
}
