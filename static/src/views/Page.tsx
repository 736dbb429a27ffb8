import { useCallback, useEffect, useState } from "preact/hooks";
import type { Configuration } from "../configuration.ts";
import type { ApiDocument } from "../document.ts";
import { loadDocument, LoadError } from "../load.ts";
import type { Surroundings } from "../session.ts";
import { Workspace } from "../workspace.ts";
import { App } from "./App.tsx";

interface Props {
  readonly configuration: Configuration;
  readonly surroundings: Surroundings;
}

interface Loaded {
  readonly document: ApiDocument;
  readonly workspace: Workspace;
}

/** Loads the document and shows it, or what stood in the way. */
export function Page({ configuration, surroundings }: Props) {
  const { documentUrl } = configuration;
  const [loaded, setLoaded] = useState<Loaded | LoadError | undefined>();
  const load = useCallback(async () => {
    setLoaded(undefined);
    try {
      const document = await loadDocument(documentUrl, window.fetch.bind(window));
      setLoaded({ document, workspace: new Workspace(document, surroundings) });
    } catch (error) {
      const unknown = new LoadError(`The page failed: ${String(error)}.`, "This is a defect of the page; please report it.");
      setLoaded(error instanceof LoadError ? error : unknown);
    }
  }, [documentUrl, surroundings]);
  useEffect(() => void load(), [load]);

  if (loaded === undefined) return <p class="loading">Loading the document…</p>;
  if (loaded instanceof LoadError) {
    return (
      <main class="failure" data-testid="failure">
        <div role="alert">
          <h1>The document could not be shown</h1>
          <p>{loaded.message}</p>
          <p>{loaded.advice}</p>
        </div>
        <p>
          <button type="button" class="primary" data-testid="retry" onClick={() => void load()}>
            Try again
          </button>{" "}
          <a href={documentUrl}>Open the document itself</a>
        </p>
      </main>
    );
  }
  return <App {...loaded} configuration={configuration} />;
}
