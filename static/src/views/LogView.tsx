import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { filterEntries, logAsText } from "../log.ts";
import type { Session } from "../session.ts";
import { CopyButton } from "./CopyButton.tsx";
import { Entry } from "./Entry.tsx";

/** Entries drawn at first, and again for each request for older ones. */
const PAGE = 200;
/** Distance to the end, in pixels, within which the log keeps following it. */
const NEAR_END = 40;

export function LogView({ session }: { session: Session }) {
  const { connection, document } = session;
  const { log } = connection;
  const [words, setWords] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);

  const found = filterEntries(log.entries, words);
  const shown = found.slice(-limit);
  const hidden = found.length - shown.length;
  const newest = shown.at(-1)?.key;

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null && follows.current) box.scrollTop = box.scrollHeight;
  }, [newest]);
  useEffect(() => setLimit(PAGE), [words]);

  return (
    <section class="log-panel" aria-label={`Log of connection ${session.number}`}>
      <div class="log-tools">
        <input
          type="search"
          data-testid="filter"
          aria-label="Filter the log"
          placeholder="Filter"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <span class="quiet" data-testid="log-count">
          {words.trim() === "" ? count(log.entries.length) : `${found.length} of ${count(log.entries.length)}`}
        </span>
        <CopyButton testId="copy" what="the log" text={() => logAsText(found)} />
        <button
          type="button"
          class="small"
          data-testid="clear"
          onClick={() => {
            setLimit(PAGE);
            connection.clearLog();
          }}
        >
          Clear
        </button>
      </div>
      <div
        ref={scroller}
        class="log"
        data-testid="log"
        role="log"
        aria-live="polite"
        aria-label="Frames"
        tabIndex={0}
        onScroll={(event) => {
          const box = event.currentTarget;
          follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
        }}
      >
        {log.dropped > 0 && hidden === 0 && (
          <p class="log-note">{log.dropped} older entries were let go to save memory.</p>
        )}
        {hidden > 0 && (
          <p class="log-note" data-testid="log-capped">
            The newest {shown.length} of {found.length} are shown.{" "}
            <button type="button" class="link" onClick={() => setLimit(limit + PAGE)}>
              Show {Math.min(PAGE, hidden)} older
            </button>
          </p>
        )}
        {log.entries.length === 0 && <p class="log-note">Every frame will stand here, in order, as it travelled.</p>}
        {log.entries.length > 0 && found.length === 0 && <p class="log-note">Nothing in the log matches the filter.</p>}
        {shown.map((entry) => (
          <Entry key={entry.key} entry={entry} closeCodes={document.closeCodes} />
        ))}
      </div>
    </section>
  );
}

function count(entries: number): string {
  return entries === 1 ? "1 entry" : `${entries} entries`;
}
