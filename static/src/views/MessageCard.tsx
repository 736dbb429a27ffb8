import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiDocument, Channel, Message, Operation } from "../document.ts";
import { messageHref, operationHref } from "../route.ts";
import { tell } from "../telling.ts";
import { CopyButton } from "./CopyButton.tsx";
import { DocumentLink } from "./DocumentLink.tsx";
import { Examples } from "./Examples.tsx";
import { Inline, Prose } from "./Prose.tsx";
import { SchemaTree } from "./SchemaTree.tsx";

interface Props {
  readonly message: Message;
  readonly channel: Channel;
  readonly document: ApiDocument;
  readonly direction: "sent" | "received";
  /** The link that led here names this message: open it. The first of those comes into view. */
  readonly wanted: "first" | "too" | undefined;
  readonly onTry?: (() => void) | undefined;
  /** Shown whether the card is open or not: what it answers, what answers it. */
  readonly children?: ComponentChildren;
}

export function MessageCard({ message, channel, document, direction, wanted, onTry, children }: Props) {
  const [open, setOpen] = useState(wanted !== undefined);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wanted === undefined) return;
    setOpen(true);
    if (wanted !== "first") return;
    card.current?.scrollIntoView({ block: "start" });
    card.current?.querySelector("summary")?.focus({ preventScroll: true });
  }, [wanted]);
  const { lead, rest } = tell(message, channel);
  const operations = operationsOf(message, channel);
  const tags = new Set([...message.tags, ...operations.flatMap((operation) => operation.tags)].filter(notOf(channel.tags)));
  const links = [message.link, ...operations.map(({ link }) => link)].filter((link) => link !== undefined);
  return (
    <article ref={card} class={wanted === undefined ? "message" : "message wanted"}>
      <details
        data-testid="message"
        data-message={message.name}
        data-direction={direction}
        open={open}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>
          <code class={message.deprecated ? "message-name struck" : "message-name"}>{message.name}</code>
          <span class="message-tags">
            {message.deprecated && <span class="tag warn">deprecated</span>}
            {[...tags].map((tag) => (
              <span key={tag} class="tag">
                {tag}
              </span>
            ))}
          </span>
          {lead !== undefined && (
            <span class="message-summary">
              <Inline text={lead} />
            </span>
          )}
        </summary>
        {open && (
          <div class="message-body">
            <Prose text={rest} />
            {links.map((link) => (
              <p key={link.text}>
                <DocumentLink link={link} />
              </p>
            ))}
            {message.contentType !== undefined && message.contentType !== "application/json" && (
              <p class="quiet">
                Content type <code>{message.contentType}</code>
              </p>
            )}
            {message.payload === undefined ? (
              <p class="quiet">The document gives no schema for this message.</p>
            ) : (
              <SchemaTree schema={message.payload} references={document.references} />
            )}
            {message.headers !== undefined && (
              <>
                <p class="quiet">Headers</p>
                <SchemaTree schema={message.headers} references={document.references} />
              </>
            )}
            <Examples message={message} document={document} />
            <Foot message={message} channel={channel} operations={operations} onTry={onTry} />
          </div>
        )}
      </details>
      {children}
    </article>
  );
}

function operationsOf(message: Message, channel: Channel): readonly Operation[] {
  return [...channel.sends, ...channel.receives].filter(({ messages }) => messages.includes(message));
}

/** A tag of the whole channel says nothing about one of its messages. */
function notOf(others: readonly string[]): (tag: string) => boolean {
  return (tag) => !others.includes(tag);
}

interface FootProps extends Pick<Props, "message" | "channel" | "onTry"> {
  readonly operations: readonly Operation[];
}

function Foot({ message, channel, operations, onTry }: FootProps) {
  const link = (): string => new URL(messageHref(channel.name, message.key), window.location.href).href;
  return (
    <p class="message-foot">
      {onTry !== undefined && (
        <button type="button" class="small" data-testid="try" onClick={onTry}>
          Try it
        </button>
      )}
      <CopyButton testId="copy-link" what={`to ${message.name}`} label="Copy link" text={link} />
      {operations.map(({ name }) => (
        <a key={name} class="quiet" href={operationHref(name)} data-testid="operation-link">
          {name}
        </a>
      ))}
    </p>
  );
}
