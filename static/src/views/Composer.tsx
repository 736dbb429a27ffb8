import { parseJson } from "../json.ts";
import type { Session } from "../session.ts";
import { tell } from "../telling.ts";
import { Inline } from "./Prose.tsx";

/** Choose a message, edit it, send it. What stands in the editor is what travels, right or wrong. */
export function Composer({ session }: { session: Session }) {
  const { form, draft, message, messages } = session;
  const connected = session.connection.status.state === "open";
  const isJson = parseJson(draft) !== undefined;
  const lead = message === undefined ? undefined : tell(message, session.channel).lead;
  const { idKey } = session.document.envelope;
  const send = (): void => {
    session.send();
  };
  return (
    <div class="composer">
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
        {session.isDraftEdited && message !== undefined && (
          <button type="button" class="small" data-testid="reset" onClick={() => session.resetDraft()}>
            Back to the example
          </button>
        )}
      </div>
      {lead !== undefined && (
        <p class="hint">
          <Inline text={lead} />
        </p>
      )}
      <textarea
        class="editor"
        data-testid="editor"
        aria-label="Text to send"
        spellcheck={false}
        rows={Math.min(Math.max(draft.split("\n").length + 1, 6), 18)}
        value={draft}
        onInput={(event) => session.write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-foot">
        {idKey !== undefined && (
          <label class="check" title={`Adds “${idKey}” to the frame; what answers it names it.`}>
            <input
              type="checkbox"
              data-testid="numbered"
              checked={form.numbered}
              onChange={(event) => session.update({ numbered: event.currentTarget.checked })}
            />
            with <code>{idKey}</code>
          </label>
        )}
        <span class="hint" role="status" data-testid="editor-hint">
          {!isJson && draft.trim() !== "" ? "This is not JSON; it is sent as it stands." : ""}
        </span>
        <kbd class="keys">{isMac() ? "⌘" : "Ctrl"} + Enter</kbd>
        <button type="button" class="primary" data-testid="send" disabled={!connected} onClick={send}>
          Send
        </button>
      </div>
    </div>
  );
}

function isMac(): boolean {
  return navigator.userAgent.includes("Mac");
}
