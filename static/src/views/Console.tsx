import type { Session } from "../session.ts";
import type { Workspace } from "../workspace.ts";
import { Composer } from "./Composer.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { Handshake } from "./Handshake.tsx";
import { useObservables } from "./hooks.ts";
import { LogView } from "./LogView.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

interface Props {
  readonly session: Session;
  readonly workspace: Workspace;
  /** What it is called until its reader calls it otherwise. */
  readonly name: string;
  /** The log stands elsewhere, together with others. */
  readonly withoutLog: boolean;
  readonly onRemove: (() => void) | undefined;
}

export function Console({ session, workspace, name, withoutLog, onRemove }: Props) {
  const { connection, form } = session;
  useObservables([session, connection]);
  const shown = form.label === "" ? name : form.label;
  return (
    <section class="console" data-testid="console" aria-label={shown} tabIndex={-1}>
      <header class="console-head">
        <h3 class="visually-hidden">{shown}</h3>
        <input
          type="text"
          class="console-name"
          data-testid="console-name"
          aria-label={`Name of ${name}`}
          title="Call it as you like"
          placeholder={name}
          autocomplete="off"
          maxLength={40}
          value={form.label}
          onInput={(event) => session.update({ label: event.currentTarget.value })}
        />
        <StatusBadge status={connection.status} />
        <span class="console-tools">
          {session.ping !== undefined && (
            <button
              type="button"
              class="small"
              data-testid="ping"
              title="Ask the service whether it is there"
              disabled={connection.status.state !== "open"}
              onClick={() => session.sendPing()}
            >
              Ping
            </button>
          )}
          <CopyButton
            testId="copy-link"
            label="Copy link"
            what="a link that opens this console, without the token"
            text={() => window.location.href.replace(/#.*$/s, "") + session.href}
          />
          {onRemove !== undefined && (
            <button type="button" class="small" data-testid="remove-console" aria-label={`Close ${shown} and remove it`} onClick={onRemove}>
              Remove
            </button>
          )}
        </span>
      </header>
      <div class="console-body">
        <div class="console-form">
          <Handshake session={session} />
          <Composer session={session} workspace={workspace} />
        </div>
        {!withoutLog && <LogView sessions={[session]} names={[shown]} />}
      </div>
    </section>
  );
}
