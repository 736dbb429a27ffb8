import type { Session } from "../session.ts";
import { Composer } from "./Composer.tsx";
import { Handshake } from "./Handshake.tsx";
import { useObservable } from "./hooks.ts";
import { LogView } from "./LogView.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

interface Props {
  readonly session: Session;
  /** Counted from 1 within the channel. */
  readonly position: number;
  readonly onRemove: (() => void) | undefined;
}

export function Console({ session, position, onRemove }: Props) {
  useObservable(session);
  useObservable(session.connection);
  return (
    <section class="console" data-testid="console" aria-label={`Connection ${position}`}>
      <header class="console-head">
        <h3>Connection {position}</h3>
        <StatusBadge status={session.connection.status} />
        {onRemove !== undefined && (
          <button
            type="button"
            class="small remove"
            data-testid="remove-console"
            aria-label={`Close connection ${position} and remove it`}
            onClick={onRemove}
          >
            Remove
          </button>
        )}
      </header>
      <div class="console-body">
        <div class="console-form">
          <Handshake session={session} />
          <Composer session={session} />
        </div>
        <LogView session={session} />
      </div>
    </section>
  );
}
