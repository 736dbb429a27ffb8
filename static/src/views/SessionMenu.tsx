import { useRef, useState } from "preact/hooks";
import { asHar, asSessionFile, TranscriptError } from "../console/transcript.ts";
import { type LogEntry, logAsText } from "../log.ts";
import type { Session } from "../session.ts";
import { CopyButton } from "./CopyButton.tsx";
import { useObservable } from "./hooks.ts";
import { Menu } from "./Menu.tsx";

interface Props {
  readonly session: Session;
  /** What is shown now, and so what is copied and saved. */
  readonly entries: readonly LogEntry[];
  /** Several connections are shown: nothing can be read into them, or sent again. */
  readonly isMerged: boolean;
}

/** Copy what is shown, save it as a file, read one, and send again what was sent. */
export function SessionMenu({ session, entries, isMerged }: Props) {
  useObservable(session.replay);
  const { replay, channel, origin } = session;
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
          <CopyButton testId="copy" label="Copy as text" what="what the log shows" text={() => logAsText(entries)} />
          <MenuItem
            testId="export-session"
            text="Save as JSON"
            onClick={() => {
              download(`${channel.name}.session.json`, asSessionFile(entries, origin));
              close();
            }}
          />
          <MenuItem
            testId="export-har"
            text="Save as HAR"
            onClick={() => {
              download(`${channel.name}.har`, asHar(entries, origin));
              close();
            }}
          />
          {!isMerged && <Recorded session={session} close={close} />}
        </>
      )}
    </Menu>
  );
}

/** Bytes. A log keeps less than half of that. */
const MAX_FILE = 50_000_000;

/** Read a recording into the log, and send again what was sent there. */
function Recorded({ session, close }: { session: Session; close: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const { log, status } = session.connection;
  const connected = status.state === "open";
  const hasSent = log.entries.some((entry) => entry.kind === "frame" && entry.direction === "sent");
  const read = async (file: File): Promise<void> => {
    try {
      if (file.size > MAX_FILE) throw new TranscriptError("The file is larger than 50 megabytes, which is more than a log holds.");
      session.import(await file.text(), file.name);
      close();
    } catch (error) {
      if (!(error instanceof TranscriptError)) throw error;
      setProblem(error.message);
    }
  };
  return (
    <>
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
          if (file !== undefined) void read(file);
          // The same file may be chosen again.
          event.currentTarget.value = "";
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
