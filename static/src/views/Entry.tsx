import { useState } from "preact/hooks";
import { explainClose } from "../closeCodes.ts";
import type { Verdict } from "../console/check.ts";
import { pathInWords } from "../console/path.ts";
import { isProblem } from "../console/sieve.ts";
import type { CloseCode } from "../document.ts";
import type { EventEntry, FrameEntry, LogEntry } from "../log.ts";
import { CopyButton } from "./CopyButton.tsx";
import { JsonText } from "./JsonText.tsx";

export interface EntryActions {
  /** Bring another entry into view. */
  readonly jump: (key: number) => void;
  /** Send the text again, if that can be done now. */
  readonly resend: ((entry: FrameEntry) => void) | undefined;
  /** Put the text into the composer. */
  readonly edit: (entry: FrameEntry) => void;
  /** Hold a large frame against the document. */
  readonly judge: (entry: FrameEntry) => void;
}

interface Props {
  readonly entry: LogEntry;
  readonly closeCodes: readonly CloseCode[];
  readonly raw: boolean;
  /** Which connection it belongs to, where several are shown together. */
  readonly owner: string | undefined;
  /** Which one of how many it is, from 1. */
  readonly position: number;
  readonly total: number;
  readonly actions: EntryActions;
}

export function Entry(props: Props) {
  const { entry } = props;
  return entry.kind === "frame" ? <Frame {...props} entry={entry} /> : <Event {...props} entry={entry} />;
}

/** Longer frames are laid out when the reader opens them. */
const OPEN_LENGTH = 2_000;
/** So many problems are told; whoever sees them knows where to look. */
const TOLD = 5;

function Frame({ entry, raw, owner, position, total, actions }: Props & { entry: FrameEntry }) {
  const [open, setOpen] = useState(entry.text.length <= OPEN_LENGTH);
  const { direction, name, verdict, isError } = entry;
  const bad = isProblem(entry);
  return (
    <article
      class={`entry ${direction}${bad ? " error" : ""}`}
      data-testid="entry"
      data-direction={direction}
      data-action={name ?? ""}
      data-error={isError}
      data-verdict={verdict.state}
      aria-posinset={position}
      aria-setsize={total}
      aria-label={`${direction} ${name ?? "unnamed"}`}
      tabIndex={-1}
    >
      <header>
        <span class="arrow" role="img" aria-label={direction} title={direction}>
          {direction === "sent" ? "↑" : "↓"}
        </span>
        {owner !== undefined && <span class="owner">{owner}</span>}
        {name === undefined ? <em class="quiet">unnamed</em> : <code class="entry-name">{name}</code>}
        <VerdictMark verdict={verdict} />
        {entry.id !== undefined && <span class="tag">id {entry.id}</span>}
        <Links entry={entry} actions={actions} />
        {!open && <span class="quiet">{sizeInWords(entry.text.length)}</span>}
        <span class="entry-tools">
          {verdict.state === "unchecked" && !entry.isBinary && (
            <button type="button" class="small" onClick={() => actions.judge(entry)}>
              Check
            </button>
          )}
          {direction === "sent" && (
            <>
              <button type="button" class="small" data-testid="edit-entry" onClick={() => actions.edit(entry)}>
                Edit
              </button>
              <button
                type="button"
                class="small"
                data-testid="resend"
                disabled={actions.resend === undefined}
                onClick={() => actions.resend?.(entry)}
              >
                Send again
              </button>
            </>
          )}
          <CopyButton testId="copy-entry" what="this frame" text={() => entry.text} />
        </span>
        <Time at={entry.at} />
      </header>
      {open ? (
        <JsonText text={entry.text} raw={raw} />
      ) : (
        <button type="button" class="link" data-testid="show-entry" onClick={() => setOpen(true)}>
          Show
        </button>
      )}
      {verdict.state === "invalid" && (
        <ul class="entry-problems" data-testid="entry-problems" aria-label="Against the document">
          {verdict.problems.slice(0, TOLD).map(({ path, message }, index) => (
            <li key={index}>
              {path.length > 0 && <code>{pathInWords(path)}</code>} {message}
            </li>
          ))}
          {verdict.problems.length > TOLD && <li>and {verdict.problems.length - TOLD} more</li>}
        </ul>
      )}
    </article>
  );
}

function VerdictMark({ verdict }: { verdict: Verdict }) {
  const [mark, words] = {
    valid: ["✓", "as the document describes it"],
    invalid: ["✗", "not as the document describes it"],
    undescribed: ["✗", "the document does not describe this message"],
    unchecked: ["", ""],
  }[verdict.state] as [string, string];
  if (mark === "") return null;
  return (
    <span class={`verdict ${verdict.state}`} role="img" aria-label={words} title={words} data-testid="verdict">
      {mark}
    </span>
  );
}

/** To what this answers, or what has answered it. */
function Links({ entry, actions }: { entry: FrameEntry; actions: EntryActions }) {
  const { replyTo, request, answer } = entry;
  return (
    <>
      {replyTo !== undefined &&
        (request === undefined ? (
          <span class="tag">reply to {replyTo}</span>
        ) : (
          <button type="button" class="tag" data-testid="request-link" onClick={() => actions.jump(request.key)}>
            reply to {replyTo}, {request.delay} ms
          </button>
        ))}
      {answer !== undefined && (
        <button type="button" class="tag" data-testid="answer-link" onClick={() => actions.jump(answer.key)}>
          answered in {answer.delay} ms
        </button>
      )}
    </>
  );
}

function Event({ entry, closeCodes, owner, position, total }: Props & { entry: EventEntry }) {
  const explanation = entry.code === undefined ? undefined : explainClose(entry.code, closeCodes);
  return (
    <article
      class={`entry event${isProblem(entry) ? " error" : ""}`}
      data-testid="entry"
      data-direction="event"
      data-action={entry.event}
      aria-posinset={position}
      aria-setsize={total}
      aria-label={entry.text}
      tabIndex={-1}
    >
      <header>
        {owner !== undefined && <span class="owner">{owner}</span>}
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

function sizeInWords(length: number): string {
  if (length < 10_000) return `${length} characters`;
  return length < 1_000_000 ? `${Math.round(length / 1_000)} thousand characters` : `${(length / 1_000_000).toFixed(1)} million characters`;
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
