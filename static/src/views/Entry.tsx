import { useState } from "preact/hooks";
import { explainClose } from "../closeCodes.ts";
import type { CloseCode } from "../document.ts";
import type { EventEntry, FrameEntry, LogEntry } from "../log.ts";
import { CopyButton } from "./CopyButton.tsx";
import { JsonText } from "./JsonText.tsx";

interface Props {
  readonly entry: LogEntry;
  readonly closeCodes: readonly CloseCode[];
}

export function Entry({ entry, closeCodes }: Props) {
  return entry.kind === "frame" ? <Frame entry={entry} /> : <Event entry={entry} closeCodes={closeCodes} />;
}

/** Longer frames are laid out when the reader opens them. */
const OPEN_LENGTH = 2_000;

function Frame({ entry }: { entry: FrameEntry }) {
  const [open, setOpen] = useState(entry.text.length <= OPEN_LENGTH);
  const { direction, name, isError } = entry;
  return (
    <article
      class={`entry ${direction}${isError ? " error" : ""}`}
      data-testid="entry"
      data-direction={direction}
      data-action={name ?? ""}
      data-error={isError}
    >
      <header>
        <span class="arrow" role="img" aria-label={direction} title={direction}>
          {direction === "sent" ? "↑" : "↓"}
        </span>
        {name === undefined ? <em class="quiet">unnamed</em> : <code class="entry-name">{name}</code>}
        {entry.id !== undefined && <span class="tag">id {entry.id}</span>}
        {entry.replyTo !== undefined && (
          <span class="tag">
            reply to {entry.replyTo}
            {entry.delay !== undefined && `, ${entry.delay} ms`}
          </span>
        )}
        {!open && <span class="quiet">{entry.text.length} characters</span>}
        <span class="entry-tools">
          <CopyButton testId="copy-entry" what="this frame" text={() => entry.text} />
        </span>
        <Time at={entry.at} />
      </header>
      {open ? (
        <JsonText text={entry.text} />
      ) : (
        <button type="button" class="link" onClick={() => setOpen(true)}>
          Show
        </button>
      )}
    </article>
  );
}

function Event({ entry, closeCodes }: { entry: EventEntry; closeCodes: readonly CloseCode[] }) {
  const explanation = entry.code === undefined ? undefined : explainClose(entry.code, closeCodes);
  const bad = entry.event === "failed" || (entry.event === "closed" && entry.code !== 1000 && entry.code !== 1005);
  return (
    <article class={`entry event${bad ? " error" : ""}`} data-testid="entry" data-direction="event" data-action={entry.event}>
      <header>
        <span class="event-text">{entry.text}</span>
        <Time at={entry.at} />
      </header>
      {explanation !== undefined && (
        <p class="explanation" data-testid="close-explanation">
          <strong>{explanation.name}</strong> {explanation.meaning}
          {explanation.retry !== undefined && <span class="quiet"> Retry: {explanation.retry}.</span>}
        </p>
      )}
    </article>
  );
}

function Time({ at }: { at: number }) {
  const date = new Date(at);
  const pad = (value: number, width: number): string => String(value).padStart(width, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2)).join(":");
  return (
    <time dateTime={date.toISOString()} title={date.toString()}>
      {clock}.{pad(date.getMilliseconds(), 3)}
    </time>
  );
}
