import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Configuration } from "../configuration.ts";
import type { ApiDocument, Channel, Message } from "../document.ts";
import { channelHref, messageHref, OVERVIEW_HREF, SCHEMAS_HREF } from "../route.ts";
import type { Workspace } from "../workspace.ts";
import { Address } from "./Address.tsx";
import type { Place } from "./App.tsx";
import { useGradually, useObservable } from "./hooks.ts";
import { ThemeButton } from "./ThemeButton.tsx";

interface Props {
  readonly document: ApiDocument;
  readonly configuration: Configuration;
  readonly workspace: Workspace;
  readonly place: Place;
  readonly onSearch: () => void;
}

export function Navigation({ document, configuration, workspace, place, onSearch }: Props) {
  useObservable(workspace);
  const [open, setOpen] = useState(false);
  const shown = useGradually(document.channels.length, FIRST, document.channels.length);
  const groups = useMemo(() => groupChannels(document), [document]);
  const { page } = place.route;
  return (
    <nav
      class={open ? "nav open" : "nav"}
      aria-label="Document"
      // A link chosen on a narrow screen has done what the menu was opened for.
      onClick={(event) => event.target instanceof Element && event.target.closest("a") !== null && setOpen(false)}
    >
      <div class="nav-head">
        <a href={OVERVIEW_HREF} class="nav-title" aria-current={page === "overview" ? "page" : undefined}>
          {configuration.siteTitle ?? document.title}
          {document.version !== "" && <span class="quiet"> {document.version}</span>}
        </a>
        <ThemeButton fallback={configuration.theme} />
        <button type="button" class="search-button" data-testid="search-button" aria-keyshortcuts="/ Control+K" onClick={onSearch}>
          <span>Search</span>
          <kbd aria-hidden="true">/</kbd>
        </button>
        <button
          type="button"
          class="small nav-toggle"
          data-testid="nav-toggle"
          aria-expanded={open}
          aria-controls="nav-body"
          onClick={() => setOpen(!open)}
        >
          Menu
        </button>
      </div>
      <div id="nav-body" class="nav-body">
        <Switcher configuration={configuration} />
        {upTo(shown, groups).map(({ name, channels }) => (
          <div key={name} class="nav-group">
            {name !== "" && <p class="nav-label">{name}</p>}
            <ul>
              {channels.map((channel) => (
                <ChannelItem
                  key={channel.name}
                  channel={channel}
                  openConnections={workspace.openConnections(channel)}
                  wanted={channel === place.channel ? place.wanted : undefined}
                />
              ))}
            </ul>
          </div>
        ))}
        {document.schemas.length > 0 && (
          <ul class="nav-group">
            <Item href={SCHEMAS_HREF} testId="schemas" current={page === "schemas" || page === "schema"}>
              <span>Schemas</span>
              <span class="count">{document.schemas.length}</span>
            </Item>
          </ul>
        )}
        <footer class="nav-foot">
          <a href={configuration.documentUrl}>AsyncAPI document</a>
          {configuration.restDocsUrl !== undefined && (
            <a href={configuration.restDocsUrl} data-testid="rest-docs">
              REST API
            </a>
          )}
        </footer>
      </div>
    </nav>
  );
}

/** From one document to another, each on a page of its own. */
function Switcher({ configuration: { documents } }: { configuration: Configuration }) {
  if (documents.length < 2) return null;
  const current = documents.find((each) => each.current);
  return (
    <select
      class="switcher"
      aria-label="Document"
      data-testid="documents"
      value={current?.url}
      onChange={(event) => window.location.assign(event.currentTarget.value)}
    >
      {documents.map(({ title, url }) => (
        <option key={url} value={url}>
          {title}
        </option>
      ))}
    </select>
  );
}

interface ChannelItemProps {
  readonly channel: Channel;
  readonly openConnections: number;
  /** The messages that the link names; `undefined`: another page is shown. */
  readonly wanted: readonly string[] | undefined;
}

function ChannelItem({ channel, openConnections, wanted }: ChannelItemProps) {
  return (
    <li>
      <a
        href={channelHref(channel.name)}
        data-testid="channel"
        data-channel={channel.name}
        aria-current={wanted === undefined ? undefined : wanted.length === 0 ? "page" : "true"}
      >
        <span class={channel.deprecated ? "struck" : undefined}>
          <Address address={channel.address ?? channel.name} />
        </span>
        <OpenConnections count={openConnections} />
      </a>
      {wanted !== undefined && (
        <ul class="nav-messages" aria-label="Messages">
          {channel.sends.flatMap(({ messages }) =>
            messages.map((message) => (
              <MessageItem key={`sent ${message.key}`} channel={channel} message={message} direction="sent" wanted={wanted} />
            )),
          )}
          {channel.incoming.map((message) => (
            <MessageItem key={message.key} channel={channel} message={message} direction="received" wanted={wanted} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface MessageItemProps {
  readonly channel: Channel;
  readonly message: Message;
  readonly direction: "sent" | "received";
  readonly wanted: readonly string[];
}

function MessageItem({ channel, message, direction, wanted }: MessageItemProps) {
  return (
    <Item href={messageHref(channel.name, message.key)} testId="nav-message" current={wanted.includes(message.key)}>
      <span class={message.deprecated ? "struck" : undefined}>
        <span class={`arrow ${direction}`} role="img" aria-label={direction === "sent" ? "You send" : "You receive"}>
          {direction === "sent" ? "↑" : "↓"}
        </span>{" "}
        <code>{message.name}</code>
      </span>
    </Item>
  );
}

interface ItemProps {
  readonly href: string;
  readonly testId: string;
  readonly current: boolean;
  readonly children: ComponentChildren;
}

function Item({ href, testId, current, children }: ItemProps) {
  return (
    <li>
      <a href={href} data-testid={testId} aria-current={current ? "page" : undefined}>
        {children}
      </a>
    </li>
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

/** More than fit on a screen; the rest comes when the page is there. */
const FIRST = 50;

function upTo(limit: number, groups: readonly Group[]): readonly Group[] {
  let left = limit;
  return groups.flatMap(({ name, channels }) => {
    const some = channels.slice(0, Math.max(left, 0));
    left -= some.length;
    return some.length === 0 ? [] : [{ name, channels: some }];
  });
}

interface Group {
  /** The tag that its channels have in common; empty for all others. */
  readonly name: string;
  readonly channels: readonly Channel[];
}

/** Below their first tags, where that makes a list shorter to read: tags that each have one channel would not. */
function groupChannels({ channels }: ApiDocument): readonly Group[] {
  const groups = new Map<string, Channel[]>();
  for (const channel of channels) {
    const name = channel.tags[0] ?? "";
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [channel]);
    else group.push(channel);
  }
  if (groups.size < 2 || groups.size > channels.length / 2) return [{ name: "", channels }];
  return [...groups].map(([name, members]) => ({ name, channels: members }));
}
