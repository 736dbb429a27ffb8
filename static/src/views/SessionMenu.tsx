import { useRef, useState } from "preact/hooks";
import { asHar, asSessionFile, TranscriptError } from "../console/transcript.ts";
import type { LogEntry } from "../log.ts";
import type { Session } from "../session.ts";
import { useObservable } from "./hooks.ts";
import { Menu } from "./Menu.tsx";

interface Props {
  readonly session: Session;
  /** What is shown now, and so what is saved. */
  readonly entries: readonly LogEntry[];
}

/** Save what is shown as a file, read one, and send again what was sent. */
export function SessionMenu({ session, entries }: Props) {
  useObservable(session.replay);
  const picker = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const { replay, connection, channel } = session;
  const connected = connection.status.state === "open";
  const hasSent = connection.log.entries.some((entry) => entry.kind === "frame" && entry.direction === "sent");
  const read = async (file: File): Promise<void> => {
    try {
      session.import(await file.text(), file.name);
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof TranscriptError)) throw error;
      setProblem(error.message);
    }
  };
  if (replay.isRunning) {
    const { sent, of } = replay.progress;
    return (
      <button type="button" class="small" data-testid="stop-replay" onClick={() => replay.stop()}>
        Stop replay ({sent} of {of})
      </button>
    );
  }
  return (
    <Menu label="Session" testId="session-menu">
      {(close) => (
        <>
          <MenuItem
            testId="export-session"
            text="Save as JSON"
            onClick={() => {
              download(`${channel.name}.session.json`, asSessionFile(entries, session.origin));
              close();
            }}
          />
          <MenuItem
            testId="export-har"
            text="Save as HAR"
            onClick={() => {
              download(`${channel.name}.har`, asHar(entries, session.origin));
              close();
            }}
          />
          <MenuItem testId="import" text="Read a session or HAR…" onClick={() => picker.current?.click()} />
          <input
            ref={picker}
            type="file"
            hidden
            data-testid="import-file"
            aria-label="Session or HAR file"
            accept=".json,.har,application/json"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              event.currentTarget.value = "";
              if (file !== undefined) void read(file);
            }}
          />
          {problem !== undefined && <p role="alert">{problem}</p>}
          <MenuItem
            testId="replay"
            text="Replay what was sent"
            disabled={!connected || !hasSent}
            onClick={() => {
              session.startReplay();
              close();
            }}
          />
          {!connected && <p class="hint">Connect to replay.</p>}
        </>
      )}
    </Menu>
  );
}

interface ItemProps {
  readonly testId: string;
  readonly text: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function MenuItem({ testId, text, disabled = false, onClick }: ItemProps) {
  return (
    <button type="button" class="menu-item" data-testid={testId} disabled={disabled} onClick={onClick}>
      {text}
    </button>
  );
}

/** Nothing leaves the browser: the file is made here. */
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  // A channel may be called anything; a file system takes less.
  link.download = name.replace(/[^\w.-]+/g, "_");
  link.click();
  // Some browsers begin to read later than in click().
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
