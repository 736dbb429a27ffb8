import type { ComponentChildren } from "preact";
import type { ApiDocument, Channel, Message, Operation } from "../document.ts";
import { messageHref } from "../route.ts";
import type { Workspace } from "../session.ts";
import { Address } from "./Address.tsx";
import { Console } from "./Console.tsx";
import { useObservable } from "./hooks.ts";
import { MessageCard } from "./MessageCard.tsx";
import { Prose } from "./Prose.tsx";

interface Props {
  readonly document: ApiDocument;
  readonly channel: Channel;
  readonly workspace: Workspace;
  /** The key of the message that the link names. */
  readonly wanted: string | undefined;
}

export function ChannelPage({ document, channel, workspace, wanted }: Props) {
  return (
    <>
      <header class="page-head">
        <p class="eyebrow">
          {channel.title ?? channel.name}
          {channel.deprecated && <span class="tag">deprecated</span>}
        </p>
        <h1 tabIndex={-1}>{channel.address === undefined ? channel.name : <Address address={channel.address} />}</h1>
        <Prose text={introduction(channel.summary, channel.description)} />
        <Facts channel={channel} />
      </header>
      <Consoles channel={channel} workspace={workspace} />
      <div class="directions">
        <section>
          <h2>
            <span class="arrow sent">↑</span> You send
          </h2>
          {channel.sends.length === 0 && <p class="quiet">This channel takes no messages.</p>}
          {channel.sends.map((operation) => (
            <SendOperation
              key={operation.name}
              operation={operation}
              document={document}
              channel={channel}
              wanted={wanted}
            />
          ))}
        </section>
        <section>
          <h2>
            <span class="arrow received">↓</span> You receive
          </h2>
          {channel.incoming.length === 0 && <p class="quiet">This channel sends nothing.</p>}
          {channel.incoming.map((message) => (
            <MessageCard
              key={message.key}
              message={message}
              channel={channel}
              references={document.references}
              direction="received"
              wanted={message.key === wanted}
            />
          ))}
        </section>
      </div>
    </>
  );
}

function Facts({ channel }: { channel: Channel }) {
  const facts = channel.parameters.length + channel.query.length + channel.permissions.length + channel.security.length;
  if (facts === 0) return null;
  return (
    <dl class="facts">
      {channel.parameters.length > 0 && (
        <Fact term="Parameters">
          {channel.parameters.map(({ name, type, description, choices }) => (
            <p key={name}>
              <code>{name}</code> <span class="schema-type">{type ?? "text"}</span> {description}
              {choices.length > 0 && <span class="quiet"> one of {choices.join(", ")}</span>}
            </p>
          ))}
        </Fact>
      )}
      {channel.query.length > 0 && (
        <Fact term="Query">
          {channel.query.map(({ name, type, description, choices, required }) => (
            <p key={name}>
              <code>{name}</code> <span class="schema-type">{type ?? "text"}</span>
              {required && <span class="quiet"> required</span>} {description}
              {choices.length > 0 && <span class="quiet"> one of {choices.join(", ")}</span>}
            </p>
          ))}
        </Fact>
      )}
      {channel.permissions.length > 0 && (
        <Fact term="Permissions">
          {channel.permissions.map(({ name, description }) => (
            <p key={name}>
              <code>{name}</code> {description}
            </p>
          ))}
        </Fact>
      )}
      {channel.security.length > 0 && (
        <Fact term="Sign-in">
          {channel.security.map(({ name, carrier, asSubprotocol }) => (
            <p key={name}>
              <code>{name}</code> <span class="quiet">{carrier}</span>
              {asSubprotocol && <span class="quiet">, or as a subprotocol</span>}
            </p>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Consoles({ channel, workspace }: { channel: Channel; workspace: Workspace }) {
  useObservable(workspace);
  if (channel.address === undefined) {
    return <p class="notice">The document gives no address for this channel, so there is nothing to connect to.</p>;
  }
  const sessions = workspace.sessions(channel);
  return (
    <section class="try">
      <div class="try-head">
        <h2>Try it</h2>
        <button type="button" class="small" data-testid="add-console" onClick={() => workspace.add(channel)}>
          Open another connection
        </button>
      </div>
      <div class="consoles">
        {sessions.map((session, index) => (
          <Console
            key={session.number}
            session={session}
            position={index + 1}
            onRemove={sessions.length > 1 ? () => workspace.remove(session) : undefined}
          />
        ))}
      </div>
    </section>
  );
}

interface OperationProps {
  readonly operation: Operation;
  readonly document: ApiDocument;
  readonly channel: Channel;
  readonly wanted: string | undefined;
}

function SendOperation({ operation, document, channel, wanted }: OperationProps) {
  return (
    <div class="operation" data-testid="operation" data-operation={operation.name}>
      {operation.messages.map((message) => (
        <MessageCard
          key={message.key}
          message={message}
          channel={channel}
          references={document.references}
          direction="sent"
          wanted={message.key === wanted}
        />
      ))}
      {operation.replies.length > 0 && <Replies replies={operation.replies} channel={channel} />}
    </div>
  );
}

function Replies({ replies, channel }: { replies: readonly Message[]; channel: Channel }) {
  return (
    <p class="replies" data-testid="replies">
      answered with{" "}
      {replies.map((reply, index) => (
        <span key={reply.key}>
          {index > 0 && (index === replies.length - 1 ? " or " : ", ")}
          <a href={messageHref(channel.name, reply.key)}>
            <code>{reply.name}</code>
          </a>
        </span>
      ))}
    </p>
  );
}

/** A description often begins with the summary: then the summary alone would be read twice. */
function introduction(summary = "", description = ""): string {
  return description.startsWith(summary) ? description : `${summary}\n\n${description}`;
}
