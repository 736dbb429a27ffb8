import { useEffect, useState } from "preact/hooks";
import type { Session } from "../session.ts";
import { CopyButton } from "./CopyButton.tsx";
import { useObservable } from "./hooks.ts";

/** The frame and its connection as code for another client. */
export function SnippetPanel({ session }: { session: Session }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="snippets" data-testid="snippets" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As code</summary>
      {open && <Snippets session={session} />}
    </details>
  );
}

function Snippets({ session }: { session: Session }) {
  useObservable(session.sdkSnippets);
  useEffect(() => void session.sdkSnippets.request(), [session]);
  // By label: those of the server come later, and before the others.
  const [chosen, setChosen] = useState("");
  const { snippets } = session;
  const snippet = snippets.find(({ label }) => label === chosen) ?? snippets[0];
  if (snippet === undefined) return null;
  return (
    <>
      <div class="snippet-head">
        <select
          data-testid="snippet-select"
          aria-label="Language"
          value={snippet.label}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          {snippets.map(({ label }) => (
            <option key={label} value={label}>
              {label}
            </option>
          ))}
        </select>
        <CopyButton testId="copy-snippet" what="the code" text={() => snippet.code} />
      </div>
      <pre class="json" data-testid="snippet" tabIndex={0} role="region" aria-label={snippet.label}>
        {snippet.code}
      </pre>
    </>
  );
}
