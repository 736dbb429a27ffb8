import type { ComponentChildren } from "preact";
import { credentialInWords } from "../credentials.ts";
import type { ApiDocument, Channel, Message, Operation, Parameter, QueryParameter } from "../document.ts";
import { messageHref, sectionHref } from "../route.ts";
import { shortName } from "../schema.ts";
import { tellRepeats, tellResume } from "../telling.ts";
import type { Workspace } from "../workspace.ts";
import { Address } from "./Address.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { DocumentLink } from "./DocumentLink.tsx";
import { MessageCard } from "./MessageCard.tsx";
import { Inline, Prose } from "./Prose.tsx";
import { Workbench } from "./Workbench.tsx";

interface Props {
  readonly document: ApiDocument;
  readonly channel: Channel;
  readonly workspace: Workspace;
  /** The keys of the messages that the link names. */
  readonly wanted: readonly string[];
}

export function ChannelPage({ document, channel, workspace, wanted }: Props) {
  const address = channel.address ?? channel.name;
  return (
    <>
      <header class="page-head">
        <p class="eyebrow">
          <span>{channel.title ?? channel.name}</span>
          {channel.deprecated && <span class="tag warn">deprecated</span>}
          {channel.tags.map((tag) => (
            <span key={tag} class="tag">
              {tag}
            </span>
          ))}
          {channel.link !== undefined && <DocumentLink link={channel.link} />}
        </p>
        <div class="with-copy">
          <h1 tabIndex={-1}>
            <Address address={address} />
          </h1>
          <CopyButton testId="copy-address" what="the address" text={() => address} />
        </div>
        <Prose text={introduction(channel.summary, channel.description)} />
        <Facts channel={channel} />
      </header>
      <Workbench channel={channel} workspace={workspace} />
      <div class="directions">
        <section>
          <h2>
            <span class="arrow sent" aria-hidden="true">
              ↑
            </span>{" "}
            You send
          </h2>
          {channel.sends.length === 0 && <p class="quiet">This channel takes no messages.</p>}
          {channel.sends.map((operation) => (
            <SendOperation
              key={operation.name}
              operation={operation}
              document={document}
              channel={channel}
              wanted={wanted}
              onTry={(message) => tryOut(workspace, channel, message)}
            />
          ))}
        </section>
        <section>
          <h2>
            <span class="arrow received" aria-hidden="true">
              ↓
            </span>{" "}
            You receive
          </h2>
          {channel.incoming.length === 0 && <p class="quiet">This channel sends nothing.</p>}
          {channel.incoming.map((message) => (
            <MessageCard
              key={message.key}
              message={message}
              channel={channel}
              document={document}
              direction="received"
              wanted={wantedAt(wanted, message)}
            >
              <Asked message={message} channel={channel} />
            </MessageCard>
          ))}
        </section>
      </div>
    </>
  );
}

/** Whether the link names the message, and whether it is the first of those. */
function wantedAt(wanted: readonly string[], { key }: Message): "first" | "too" | undefined {
  const at = wanted.indexOf(key);
  return at < 0 ? undefined : at === 0 ? "first" : "too";
}

/** Puts the message into the first console, and brings that into view. */
function tryOut(workspace: Workspace, channel: Channel, message: Message): void {
  workspace.sessions(channel)[0]?.update({ message: message.key });
  const console = window.document.querySelector<HTMLElement>('[data-testid="console"]');
  console?.scrollIntoView({ block: "start" });
  console?.focus({ preventScroll: true });
}

function Facts({ channel }: { channel: Channel }) {
  const { parameters, query, permissions, security, headers, resume } = channel;
  const lists = [parameters, query, permissions, security, headers];
  const repeats = tellRepeats(channel.sends);
  if (resume === undefined && repeats === undefined && lists.every(({ length }) => length === 0)) return null;
  return (
    <dl class="facts">
      {parameters.length > 0 && (
        <Fact term="Parameters">
          {parameters.map((parameter) => (
            <ParameterLine key={parameter.name} parameter={{ ...parameter, required: true }} />
          ))}
        </Fact>
      )}
      {query.length > 0 && (
        <Fact term="Query">
          {query.map((parameter) => (
            <ParameterLine key={parameter.name} parameter={parameter} />
          ))}
        </Fact>
      )}
      {security.length > 0 && (
        <Fact term={channel.securityOptional ? "Sign-in (optional)" : "Sign-in"}>
          {security.map((scheme) => (
            <p key={scheme.name}>
              <a href={sectionHref("connect")}>{credentialInWords(scheme).title}</a>
              {scheme.asSubprotocol && <span class="quiet">, in a browser a subprotocol</span>}
            </p>
          ))}
        </Fact>
      )}
      {permissions.length > 0 && (
        <Fact term="Permissions">
          {permissions.map(({ name, description }) => (
            <p key={name}>
              <code title={name}>{shortName(name)}</code> {description}
            </p>
          ))}
        </Fact>
      )}
      {headers.length > 0 && (
        <Fact term="Headers">
          {headers.map(({ name, description }: Parameter) => (
            <p key={name} class="fact-line">
              <code>{name}</code> <span class="quiet">{description}</span>
            </p>
          ))}
        </Fact>
      )}
      {resume !== undefined && (
        <Fact term="Coming back">
          <p data-testid="resume">{tellResume(resume)}</p>
        </Fact>
      )}
      {repeats !== undefined && (
        <Fact term="Sending again">
          <p data-testid="repeats">{repeats}</p>
        </Fact>
      )}
    </dl>
  );
}

function ParameterLine({ parameter }: { parameter: QueryParameter }) {
  const { name, type, description, choices, required, initial } = parameter;
  return (
    <p>
      <code>{name}</code> <span class="schema-type">{type ?? "text"}</span>
      {!required && <span class="quiet"> optional</span>}
      {description !== undefined && (
        <>
          {" "}
          <Inline text={description} />
        </>
      )}
      {choices.length > 0 && <span class="quiet"> one of {choices.join(", ")}</span>}
      {choices.length === 0 && initial !== "" && (
        <span class="quiet">
          {" "}
          such as <code>{initial}</code>
        </span>
      )}
    </p>
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

interface OperationProps {
  readonly operation: Operation;
  readonly document: ApiDocument;
  readonly channel: Channel;
  readonly wanted: readonly string[];
  readonly onTry: (message: Message) => void;
}

function SendOperation({ operation, document, channel, wanted, onTry }: OperationProps) {
  return (
    <div class="operation" data-testid="operation" data-operation={operation.name}>
      {operation.messages.map((message) => (
        <MessageCard
          key={message.key}
          message={message}
          channel={channel}
          document={document}
          direction="sent"
          wanted={wantedAt(wanted, message)}
          onTry={channel.address === undefined ? undefined : () => onTry(message)}
        >
          {operation.replies.length > 0 && (
            <p class="replies" data-testid="replies">
              {operation.streams ? "answered with any number of" : "answered with"}{" "}
              <MessageLinks messages={operation.replies} channel={channel} />
            </p>
          )}
        </MessageCard>
      ))}
    </div>
  );
}

/** What a received message may answer. */
function Asked({ message, channel }: { message: Message; channel: Channel }) {
  const asking = channel.sends.filter(({ replies }) => replies.some(({ key }) => key === message.key));
  const messages = asking.flatMap((operation) => operation.messages);
  if (messages.length === 0) return null;
  if (asking.length === channel.sends.length && asking.length > 1) {
    return <p class="replies">may answer each message that you send</p>;
  }
  return (
    <p class="replies" data-testid="asked">
      answers <MessageLinks messages={messages} channel={channel} />
    </p>
  );
}

function MessageLinks({ messages, channel }: { messages: readonly Message[]; channel: Channel }) {
  return (
    <>
      {messages.map((message, index) => (
        <span key={message.key}>
          {index > 0 && (index === messages.length - 1 ? " or " : ", ")}
          <a href={messageHref(channel.name, message.key)}>
            <code>{message.name}</code>
          </a>
        </span>
      ))}
    </>
  );
}

/** A description often begins with the summary: then the summary alone would be read twice. */
function introduction(summary = "", description = ""): string {
  return description.startsWith(summary) ? description : `${summary}\n\n${description}`;
}
