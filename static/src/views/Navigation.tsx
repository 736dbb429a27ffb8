import { useState } from "preact/hooks";
import type { ApiDocument } from "../document.ts";
import { channelHref, OVERVIEW_HREF, type Route } from "../route.ts";
import type { Workspace } from "../session.ts";
import { Address } from "./Address.tsx";
import { useObservable } from "./hooks.ts";

interface Props {
  readonly document: ApiDocument;
  readonly documentUrl: string;
  readonly restDocsUrl: string | undefined;
  readonly workspace: Workspace;
  readonly route: Route;
}

/** With more channels than this a filter pays. */
const FILTER_FROM = 10;

export function Navigation({ document, documentUrl, restDocsUrl, workspace, route }: Props) {
  useObservable(workspace);
  const [words, setWords] = useState("");
  const [open, setOpen] = useState(false);
  const wanted = words.trim().toLowerCase();
  const channels = document.channels.filter(({ name, address, title }) =>
    [name, address, title].some((text) => text?.toLowerCase().includes(wanted)),
  );
  return (
    <nav class={open ? "nav open" : "nav"} aria-label="Channels">
      <div class="nav-head">
        <a href={OVERVIEW_HREF} class="nav-title" aria-current={route.channel === undefined ? "page" : undefined}>
          {document.title}
          {document.version !== "" && <span class="quiet"> {document.version}</span>}
        </a>
        <button
          type="button"
          class="small nav-toggle"
          aria-expanded={open}
          aria-controls="nav-body"
          onClick={() => setOpen(!open)}
        >
          Channels
        </button>
      </div>
      <div id="nav-body" class="nav-body">
        {document.channels.length >= FILTER_FROM && (
          <input
            type="search"
            aria-label="Filter channels"
            placeholder="Filter channels"
            data-testid="channel-filter"
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        )}
        <ul>
          {channels.map((channel) => (
            <li key={channel.name}>
              <a
                href={channelHref(channel.name)}
                data-testid="channel"
                data-channel={channel.name}
                aria-current={route.channel === channel.name ? "page" : undefined}
                onClick={() => setOpen(false)}
              >
                <Address address={channel.address ?? channel.name} />
                <OpenConnections count={workspace.openConnections(channel)} />
              </a>
            </li>
          ))}
        </ul>
        <a class="nav-document quiet" href={documentUrl}>
          AsyncAPI document
        </a>
        {restDocsUrl !== undefined && (
          <a class="nav-document quiet" href={restDocsUrl} data-testid="rest-docs">
            REST API
          </a>
        )}
      </div>
    </nav>
  );
}

function OpenConnections({ count }: { count: number }) {
  if (count === 0) return null;
  const text = count === 1 ? "1 open connection" : `${count} open connections`;
  return (
    <span class="live" role="img" aria-label={text} title={text}>
      {count}
    </span>
  );
}
