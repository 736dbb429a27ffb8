import { useEffect, useRef } from "preact/hooks";
import type { ApiDocument } from "../document.ts";
import { OVERVIEW_HREF } from "../route.ts";
import type { Workspace } from "../session.ts";
import { ChannelPage } from "./ChannelPage.tsx";
import { useRoute } from "./hooks.ts";
import { Navigation } from "./Navigation.tsx";
import { Overview } from "./Overview.tsx";

interface Props {
  readonly document: ApiDocument;
  readonly documentUrl: string;
  readonly restDocsUrl: string | undefined;
  readonly workspace: Workspace;
}

export function App({ document, documentUrl, restDocsUrl, workspace }: Props) {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const arrived = useRef(false);
  const channel = document.channels.find(({ name }) => name === route.channel);
  useEffect(() => {
    window.document.title = channel === undefined ? document.title : `${channel.address ?? channel.name} · ${document.title}`;
    // The first page keeps the focus where the browser puts it; later ones are announced by their heading.
    // A link to a message leads to its card, which brings itself into view.
    if (arrived.current && route.message === undefined) {
      window.scrollTo(0, 0);
      main.current?.querySelector("h1")?.focus({ preventScroll: true });
    }
    arrived.current = true;
  }, [document, channel]);
  return (
    <div class="layout">
      <Navigation
        document={document}
        documentUrl={documentUrl}
        restDocsUrl={restDocsUrl}
        workspace={workspace}
        route={route}
      />
      <main ref={main}>
        {channel !== undefined ? (
          <ChannelPage
            key={channel.name}
            document={document}
            channel={channel}
            workspace={workspace}
            wanted={route.message}
          />
        ) : route.channel !== undefined ? (
          <p class="notice">
            The document has no channel <code>{route.channel}</code>. <a href={OVERVIEW_HREF}>See those it has.</a>
          </p>
        ) : (
          <Overview document={document} />
        )}
      </main>
    </div>
  );
}
