import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Configuration } from "../configuration.ts";
import type { ApiDocument, Channel } from "../document.ts";
import { OVERVIEW_HREF, type Route } from "../route.ts";
import type { Workspace } from "../workspace.ts";
import { Usage } from "../usage.ts";
import { ChannelPage } from "./ChannelPage.tsx";
import { useIdle, useRoute, useShortcut } from "./hooks.ts";
import { Navigation } from "./Navigation.tsx";
import { Overview } from "./Overview.tsx";
import { SchemaList, SchemaPage } from "./SchemaPage.tsx";
import { Search } from "./Search.tsx";

interface Props {
  readonly document: ApiDocument;
  readonly configuration: Configuration;
  readonly workspace: Workspace;
}

export function App({ document, configuration, workspace }: Props) {
  const route = useRoute();
  const [searching, setSearching] = useState(false);
  const place = useMemo(() => find(document, route), [document, route]);
  const main = useRef<HTMLElement>(null);
  useShortcut(useCallback(() => setSearching(true), []));
  // Then searching has nothing left to read, and every reference that leads nowhere is known: the drawing that follows
  // says so.
  useIdle(useMemo(() => everything(document), [document]));
  useArrival(document, configuration, place, main);
  return (
    <div class="layout">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <Navigation
        document={document}
        configuration={configuration}
        workspace={workspace}
        place={place}
        onSearch={() => setSearching(true)}
      />
      <main ref={main} id="main" tabIndex={-1}>
        <Content document={document} workspace={workspace} place={place} />
      </main>
      {searching && <Search document={document} onClose={() => setSearching(false)} />}
    </div>
  );
}

/** Looks at one channel after another. */
function* everything(document: ApiDocument): Generator<unknown> {
  for (const channel of document.channels) yield channel.incoming;
}

/** What a route leads to in this document. */
export interface Place {
  readonly route: Route;
  readonly channel: Channel | undefined;
  /** The keys of the messages that the link names. */
  readonly wanted: readonly string[];
  /** What the link names and the document does not have. */
  readonly missing: string | undefined;
}

function find(document: ApiDocument, route: Route): Place {
  const nothing = { route, channel: undefined, wanted: [], missing: undefined };
  switch (route.page) {
    case "overview":
    case "schemas":
      return nothing;
    case "schema":
      return document.schemas.some(({ name }) => name === route.schema)
        ? nothing
        : { ...nothing, missing: `schema ${route.schema}` };
    case "channel": {
      const channel = document.channels.find(({ name }) => name === route.channel);
      const wanted = route.message === undefined ? [] : [route.message];
      return channel === undefined ? { ...nothing, missing: `channel ${route.channel}` } : { ...nothing, channel, wanted };
    }
    case "operation":
      for (const channel of document.channels) {
        const operation = [...channel.sends, ...channel.receives].find(({ name }) => name === route.operation);
        if (operation !== undefined) return { ...nothing, channel, wanted: operation.messages.map(({ key }) => key) };
      }
      return { ...nothing, missing: `operation ${route.operation}` };
  }
}

interface ContentProps {
  readonly document: ApiDocument;
  readonly workspace: Workspace;
  readonly place: Place;
}

function Content({ document, workspace, place }: ContentProps) {
  const { route, channel, wanted, missing } = place;
  const usage = useMemo(() => ({ of: undefined as Usage | undefined }), [document]);
  if (missing !== undefined) {
    return (
      <p class="notice" data-testid="missing">
        The document has no {missing}. <a href={OVERVIEW_HREF}>See what it has.</a>
      </p>
    );
  }
  if (channel !== undefined) {
    return <ChannelPage key={channel.name} document={document} channel={channel} workspace={workspace} wanted={wanted} />;
  }
  if (route.page === "schemas") return <SchemaList document={document} />;
  if (route.page === "schema") {
    usage.of ??= new Usage(document);
    return <SchemaPage key={route.schema} document={document} name={route.schema} usage={usage.of} />;
  }
  return <Overview document={document} section={route.page === "overview" ? route.section : undefined} />;
}

/** Names the page, and says that another one has come: by its heading, which takes the focus. */
function useArrival(
  document: ApiDocument,
  { siteTitle }: Configuration,
  place: Place,
  main: { readonly current: HTMLElement | null },
): void {
  const arrived = useRef(false);
  const { route, channel, wanted } = place;
  const title = channel?.address ?? channel?.name ?? (route.page === "schema" ? route.schema : undefined);
  const named = title ?? (route.page === "schemas" ? "Schemas" : undefined);
  useEffect(() => {
    const parts = [named, document.title, siteTitle].filter((part) => part !== undefined);
    window.document.title = [...new Set(parts)].join(" · ");
    // The first page keeps the focus where the browser puts it. A link to a message or a section leads to that, which
    // brings itself into view.
    const leadsInside = wanted.length > 0 || (route.page === "overview" && route.section !== undefined);
    if (arrived.current && !leadsInside) {
      window.scrollTo(0, 0);
      main.current?.querySelector("h1")?.focus({ preventScroll: true });
    }
    arrived.current = true;
  }, [document, named]);
}
