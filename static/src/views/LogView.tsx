import { useEffect, useRef, useState } from "preact/hooks";
import { frameNames, type Kind, Sieve, type Sifted } from "../console/sieve.ts";
import type { LogEntry } from "../log.ts";
import type { Session } from "../session.ts";
import { Entry, type EntryActions } from "./Entry.tsx";
import { useObservables } from "./hooks.ts";
import { SessionMenu } from "./SessionMenu.tsx";
import { VirtualList } from "./VirtualList.tsx";

interface Props {
  /** One connection, or several whose logs are shown in one order. */
  readonly sessions: readonly Session[];
  /** What each is called. */
  readonly names: readonly string[];
}

export function LogView({ sessions, names }: Props) {
  const connections = sessions.map(({ connection }) => connection);
  useObservables(connections);
  const [words, setWords] = useState("");
  const [kind, setKind] = useState<Kind>("all");
  const [raw, setRaw] = useState(false);
  const [paused, setPaused] = useState<Sifted | undefined>();
  const [wanted, setWanted] = useState<{ key: number; wish: number } | undefined>();
  const sieve = useRef(new Sieve());

  const logs = connections.map(({ log }) => log);
  const found = sieve.current.sift(logs, { words, kind });
  const { entries, dropped } = paused ?? found;
  const [only] = sessions.length === 1 ? sessions : [];
  const ownerOf = (entry: LogEntry): number => Math.max(logs.findIndex((log) => log.find(entry.key) !== undefined), 0);
  const isFiltered = words.trim() !== "" || kind !== "all";
  const actionsFor = (index: number): EntryActions => {
    const session = sessions[index];
    return {
      jump: (key) => {
        setWords("");
        setKind("all");
        setWanted((last) => ({ key, wish: (last?.wish ?? 0) + 1 }));
      },
      resend: connections[index]?.status.state === "open" ? ({ text }) => connections[index]?.send(text) : undefined,
      edit: ({ text, name }) => session?.compose(text, session.messages.find((message) => message.name === name)?.key),
      judge: ({ key }) => connections[index]?.judge(key),
    };
  };
  return (
    <section class="log-panel" aria-label={`Log of ${names.join(" and ")}`}>
      <div class="log-tools">
        <input
          type="search"
          data-testid="filter"
          aria-label="Search the log"
          placeholder="Search"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <select
          data-testid="kind"
          aria-label="Which entries"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Kind)}
        >
          {KINDS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <optgroup label="By name">
            {frameNames(logs.flatMap((log) => log.entries)).map((name) => (
              <option key={name} value={`name:${name}`}>
                {name}
              </option>
            ))}
          </optgroup>
        </select>
        <span class="quiet" data-testid="log-count">
          {isFiltered ? `${entries.length} of ${count(found.total)}` : count(entries.length)}
        </span>
        <label class="check" title="The text as it travelled">
          <input type="checkbox" data-testid="raw" checked={raw} onChange={(event) => setRaw(event.currentTarget.checked)} />
          raw
        </label>
        <button
          type="button"
          class="small"
          data-testid="pause"
          aria-pressed={paused !== undefined}
          onClick={() => setPaused(paused === undefined ? found : undefined)}
        >
          {paused === undefined ? "Pause" : `Resume (${found.entries.length - paused.entries.length} new)`}
        </button>
        <button
          type="button"
          class="small"
          data-testid="clear"
          onClick={() => {
            setPaused(undefined);
            for (const connection of connections) connection.clearLog();
          }}
        >
          Clear
        </button>
        {sessions[0] !== undefined && (
          <SessionMenu session={sessions[0]} entries={entries} isMerged={only === undefined} />
        )}
      </div>
      <VirtualList
        label="Frames"
        items={entries}
        wanted={wanted}
        render={(entry, index) => {
          const owner = only === undefined ? ownerOf(entry) : 0;
          return (
            <Entry
              entry={entry}
              closeCodes={sessions[owner]?.document.closeCodes ?? []}
              raw={raw}
              owner={only === undefined ? names[owner] : undefined}
              position={index + 1}
              total={entries.length}
              actions={actionsFor(owner)}
            />
          );
        }}
      />
      <p class="log-note">
        {dropped > 0 && `${dropped} older entries were let go to save memory. `}
        {found.total === 0 && "Every frame will stand here, in order, as it travelled."}
        {found.total > 0 && entries.length === 0 && "Nothing in the log is what you look for."}
      </p>
      <Announcement entries={found.entries} />
    </section>
  );
}

const KINDS: readonly (readonly [Kind, string])[] = [
  ["all", "Everything"],
  ["sent", "Sent"],
  ["received", "Received"],
  ["problems", "Problems"],
  ["events", "Connection"],
];

function count(entries: number): string {
  return entries === 1 ? "1 entry" : `${entries} entries`;
}

/** Milliseconds over which arrivals are gathered into one announcement. */
const GATHER = 1_000;

/** Tells a screen reader what has come: a thousand frames are one sentence. */
function Announcement({ entries }: { entries: readonly LogEntry[] }) {
  const [{ text, round }, tell] = useState({ text: "", round: 0 });
  const told = useRef(entries.at(-1)?.key ?? 0);
  const latest = useRef(entries);
  latest.current = entries;
  const newest = entries.at(-1)?.key ?? 0;
  useEffect(() => {
    if (newest <= told.current) return undefined;
    const timer = setTimeout(() => {
      const fresh = latest.current.filter(({ key }) => key > told.current);
      told.current = latest.current.at(-1)?.key ?? 0;
      const last = fresh.at(-1);
      if (last === undefined) return;
      const words = last.kind === "frame" ? `${last.direction} ${last.name ?? "unnamed frame"}` : last.text;
      const text = fresh.length === 1 ? words : `${fresh.length} new entries, the last: ${words}`;
      // What came since is for the next round.
      tell((before) => ({ text, round: before.round + 1 }));
    }, GATHER);
    return () => clearTimeout(timer);
    // In a steady stream the timer of the first arrival goes on.
  }, [newest > told.current, round]);
  return (
    <p class="visually-hidden" role="status">
      {text}
    </p>
  );
}
