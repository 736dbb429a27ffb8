import { pathInWords } from "../console/path.ts";
import type { Session } from "../session.ts";
import { tell } from "../telling.ts";
import type { Workspace } from "../workspace.ts";
import { FrameForm } from "./FrameForm.tsx";
import { useObservable } from "./hooks.ts";
import { JsonEditor } from "./JsonEditor.tsx";
import { KeptFrames } from "./KeptFrames.tsx";
import { Inline } from "./Prose.tsx";
import { SnippetPanel } from "./SnippetPanel.tsx";

interface Props {
  readonly session: Session;
  readonly workspace: Workspace;
}

/** Choose a message, fill it in, send it. What stands in the text is what travels, right or wrong. */
export function Composer({ session, workspace }: Props) {
  useObservable(session.library);
  const { form, message, messages } = session;
  const connected = session.connection.status.state === "open";
  const lead = message === undefined ? undefined : tell(message, session.channel).lead;
  const { idKey } = session.document.envelope;
  // Without a schema there is nothing to make a form of.
  const view = message === undefined ? "json" : workspace.preferences.composer;
  const send = (): void => {
    session.send();
  };
  return (
    <div
      class="composer"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-head">
        <label class="field">
          <span class="field-name">Message</span>
          <select
            data-testid="message-select"
            value={form.message ?? ""}
            onChange={(event) => session.update({ message: event.currentTarget.value || undefined })}
          >
            {messages.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
            <option value="">anything else</option>
          </select>
        </label>
      </div>
      {lead !== undefined && (
        <p class="hint">
          <Inline text={lead} />
        </p>
      )}
      <div class="composer-tools">
        <div class="segments" role="group" aria-label="How the frame is written">
          {(["form", "json"] as const).map((choice) => (
            <button
              key={choice}
              type="button"
              class="small"
              data-testid={`view-${choice}`}
              aria-pressed={view === choice}
              disabled={choice === "form" && message === undefined}
              onClick={() => workspace.prefer({ composer: choice })}
            >
              {choice === "form" ? "Form" : "JSON"}
            </button>
          ))}
        </div>
        <KeptFrames session={session} />
        <Examples session={session} />
        {session.isDraftEdited && message !== undefined && (
          <button type="button" class="small" data-testid="reset" onClick={() => session.resetDraft()}>
            Back to the example
          </button>
        )}
      </div>
      {view === "form" ? <FrameForm key={message?.key} session={session} /> : <JsonEditor session={session} onSubmit={send} />}
      <DraftProblems session={session} />
      <div class="composer-foot">
        {idKey !== undefined && (
          <label class="check" title={`Adds “${idKey}” to the frame; what answers it names it.`}>
            <input
              type="checkbox"
              data-testid="numbered"
              checked={form.numbered && session.canNumber}
              disabled={!session.canNumber}
              onChange={(event) => session.update({ numbered: event.currentTarget.checked })}
            />
            with <code>{idKey}</code>
          </label>
        )}
        <kbd class="keys">{isMac() ? "⌘" : "Ctrl"} + Enter</kbd>
        <button
          type="button"
          class="primary"
          data-testid="send"
          disabled={!connected}
          title={connected ? undefined : "Connect first"}
          onClick={send}
        >
          Send
        </button>
      </div>
      <SnippetPanel session={session} />
    </div>
  );
}

/** Where the document has several examples, the reader chooses one to start from. */
function Examples({ session }: { session: Session }) {
  const { examples = [] } = session.message ?? {};
  if (examples.length < 2) return null;
  return (
    <select
      class="small"
      data-testid="example-select"
      aria-label="Start from an example"
      value=""
      onChange={(event) => {
        if (event.currentTarget.value !== "") session.writeExample(Number(event.currentTarget.value));
        event.currentTarget.value = "";
      }}
    >
      <option value="">Examples</option>
      {examples.map(({ name, summary }, number) => (
        <option key={number} value={String(number)}>
          {name ?? `example ${number + 1}`}
          {summary === undefined ? "" : `: ${summary}`}
        </option>
      ))}
    </select>
  );
}

/** So many are told under the frame; the rest stand at their fields. */
const TOLD = 5;

/** What the document has against the frame. It may be sent all the same: how the service answers is worth knowing. */
function DraftProblems({ session }: { session: Session }) {
  const { text, syntax, problems } = session.draft;
  const isEmpty = text.trim() === "";
  return (
    <div class="draft-problems" role="status" data-testid="editor-hint" data-problems={problems.length}>
      {syntax !== undefined && !isEmpty && <p>This is not JSON: {syntax.message}. It is sent as it stands.</p>}
      {problems.length > 0 && (
        <>
          <p>The service will most likely refuse this; it is sent as it stands.</p>
          <ul>
            {problems.slice(0, TOLD).map(({ path, message }, index) => (
              <li key={index}>
                {path.length > 0 && <code>{pathInWords(path)}</code>} {message}
              </li>
            ))}
            {problems.length > TOLD && <li>and {problems.length - TOLD} more</li>}
          </ul>
        </>
      )}
    </div>
  );
}

function isMac(): boolean {
  return navigator.userAgent.includes("Mac");
}
