import { useEffect, useRef } from "preact/hooks";
import { parsePrefill } from "../console/prefill.ts";
import type { Channel } from "../document.ts";
import type { Workspace } from "../workspace.ts";
import { Console } from "./Console.tsx";
import { useObservables, useRoute } from "./hooks.ts";
import { LogView } from "./LogView.tsx";

interface Props {
  readonly channel: Channel;
  readonly workspace: Workspace;
}

/** The consoles of a channel side by side, each with its log, or with one timeline for all. */
export function Workbench({ channel, workspace }: Props) {
  const sessions = workspace.sessions(channel);
  // A name that is changed is shown in the timeline, too.
  useObservables([workspace, ...sessions]);
  const section = useRef<HTMLElement>(null);
  const route = useRoute();
  const query = route.page === "channel" ? route.query : "";
  useEffect(() => {
    const prefill = parsePrefill(query);
    if (prefill === undefined || !workspace.fill(channel, prefill, query)) return;
    section.current?.scrollIntoView({ block: "start" });
  }, [channel, query]);
  if (channel.address === undefined) {
    return <p class="notice">The document gives no address for this channel, so there is nothing to connect to.</p>;
  }
  const isMerged = sessions.length > 1 && workspace.preferences.logs === "merged";
  const names = sessions.map((_, index) => `Connection ${index + 1}`);
  const labels = sessions.map(({ form }, index) => (form.label === "" ? (names[index] ?? "") : form.label));
  return (
    <section ref={section} class="try" aria-label="Try it">
      <div class="try-head">
        <h2>Try it</h2>
        {sessions.length > 1 && (
          <label class="check">
            <input
              type="checkbox"
              data-testid="merge-logs"
              checked={isMerged}
              onChange={() => workspace.prefer({ logs: isMerged ? "each" : "merged" })}
            />
            one timeline for all
          </label>
        )}
        <button type="button" class="small" data-testid="add-console" onClick={() => workspace.add(channel)}>
          Open another connection
        </button>
      </div>
      <div class="consoles">
        {sessions.map((session, index) => (
          <Console
            key={session.number}
            session={session}
            workspace={workspace}
            name={names[index] ?? ""}
            withoutLog={isMerged}
            onRemove={sessions.length > 1 ? () => workspace.remove(session) : undefined}
          />
        ))}
      </div>
      {isMerged && (
        <div class="console timeline" data-testid="timeline">
          <LogView sessions={sessions} names={labels} />
        </div>
      )}
    </section>
  );
}
