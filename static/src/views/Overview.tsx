import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { retryInWords } from "../closeCodes.ts";
import { credentialInWords } from "../credentials.ts";
import type { ApiDocument, Channel, Envelope, Message, SecurityScheme, Server } from "../document.ts";
import { exampleText } from "../example.ts";
import { channelHref, sectionHref } from "../route.ts";
import { Address } from "./Address.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { DocumentLink } from "./DocumentLink.tsx";
import { Gradual } from "./Gradual.tsx";
import { JsonText } from "./JsonText.tsx";
import { Inline, Prose } from "./Prose.tsx";

interface Props {
  readonly document: ApiDocument;
  /** The section that the link names. */
  readonly section: string | undefined;
}

export function Overview({ document, section }: Props) {
  return (
    <>
      <header class="page-head">
        <p class="eyebrow">
          {document.version !== "" && <span>Version {document.version}</span>}
          <span>AsyncAPI {document.asyncapi}</span>
          {document.links.map((link) => (
            <DocumentLink key={link.text} link={link} />
          ))}
        </p>
        <h1 class="title" tabIndex={-1} data-testid="title">
          {document.title}
        </h1>
        <Prose text={document.description} />
      </header>
      {document.references.broken.length > 0 && (
        <p class="notice" role="alert">
          The document refers to what it does not hold: {document.references.broken.join(", ")}. The page shows the rest.
        </p>
      )}
      <Section name="channels" title="Channels" wanted={section}>
        {document.channels.length === 0 && (
          <p class="notice">
            The document has no channels. Route a consumer with <code>chanx.routing.path</code> and load the page again.
          </p>
        )}
        <ul class="cards">
          <Gradual items={document.channels} draw={(channel) => <ChannelCard key={channel.name} channel={channel} />} />
        </ul>
      </Section>
      {(document.servers.length > 0 || document.securitySchemes.length > 0) && (
        <Section name="connect" title="Connect" wanted={section}>
          <div class="directions">
            {document.servers.length > 0 && <Servers servers={document.servers} />}
            {document.securitySchemes.length > 0 && <Credentials schemes={document.securitySchemes} />}
          </div>
        </Section>
      )}
      <Section name="frames" title="Frames" wanted={section}>
        <Frames envelope={document.envelope} />
      </Section>
      {document.tags.some(({ description }) => description !== undefined) && (
        <Section name="tags" title="Tags" wanted={section}>
          <dl class="facts stacked">
            {document.tags.map(({ name, description, link }) => (
              <div key={name}>
                <dt>
                  <span class="tag">{name}</span>
                </dt>
                <dd>
                  <Prose text={description} />
                  {link !== undefined && <DocumentLink link={link} />}
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {document.closeCodes.length > 0 && (
        <Section name="close-codes" title="Close codes" wanted={section}>
          <CloseCodes document={document} />
        </Section>
      )}
    </>
  );
}

interface SectionProps {
  readonly name: string;
  readonly title: string;
  readonly wanted: string | undefined;
  readonly children: ComponentChildren;
}

/** A part of the page that a link can lead to. */
function Section({ name, title, wanted, children }: SectionProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (wanted !== name) return;
    heading.current?.scrollIntoView({ block: "start" });
    heading.current?.focus({ preventScroll: true });
  }, [wanted]);
  return (
    <section data-testid={`section-${name}`}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
        <a class="anchor" href={sectionHref(name)} aria-label={`Link to ${title}`}>
          #
        </a>
      </h2>
      {children}
    </section>
  );
}

/** So many messages of a direction are named on a card. */
const NAMED = 6;

function ChannelCard({ channel }: { channel: Channel }) {
  const sent = channel.sends.flatMap(({ messages }) => messages);
  return (
    <li>
      <a href={channelHref(channel.name)} data-testid="overview-channel" data-channel={channel.name}>
        <span class="card-head">
          <Address address={channel.address ?? channel.name} />
          {channel.deprecated && <span class="tag">deprecated</span>}
        </span>
        <span class="card-text">
          <Inline text={channel.summary ?? firstParagraph(channel.description) ?? channel.title ?? ""} />
        </span>
        <Names direction="sent" label="You send" messages={sent} />
        <Names direction="received" label="You receive" messages={channel.incoming} />
      </a>
    </li>
  );
}

interface NamesProps {
  readonly direction: "sent" | "received";
  readonly label: string;
  readonly messages: readonly Message[];
}

function Names({ direction, label, messages }: NamesProps) {
  if (messages.length === 0) return null;
  const more = messages.length - NAMED;
  return (
    <span class="card-names">
      <span class={`arrow ${direction}`} role="img" aria-label={label}>
        {direction === "sent" ? "↑" : "↓"}
      </span>
      <span>
        {messages.slice(0, NAMED).map(({ key, name }, index) => (
          <span key={key}>
            {index > 0 && ", "}
            <code>{name}</code>
          </span>
        ))}
        {more > 0 && ` and ${more} more`}
      </span>
    </span>
  );
}

function Servers({ servers }: { servers: readonly Server[] }) {
  return (
    <div>
      <h3>Servers</h3>
      <dl class="facts stacked">
        {servers.map(({ name, protocol, host, pathname, title, description }) => {
          const url = `${protocol}://${host}${pathname}`;
          return (
            <div key={name}>
              <dt>{title ?? name}</dt>
              <dd>
                <p class="with-copy">
                  <code>{url}</code> <CopyButton testId="copy-server" what={url} text={() => url} />
                </p>
                <Prose text={description} />
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

function Credentials({ schemes }: { schemes: readonly SecurityScheme[] }) {
  return (
    <div>
      <h3>Sign-in</h3>
      <dl class="facts stacked">
        {schemes.map((scheme) => {
          const { title, words, code } = credentialInWords(scheme);
          return (
            <div key={scheme.name} data-testid="credential-words">
              <dt>{scheme.name}</dt>
              <dd>
                <p>
                  <code>{title}</code>
                </p>
                <Prose text={scheme.description} />
                {words !== "" && <p class="hint">{words}</p>}
                {code !== undefined && (
                  <div class="snippet">
                    <pre class="code" tabIndex={0}>
                      {code}
                    </pre>
                    <CopyButton testId="copy-credential" what="the line" text={() => code} />
                  </div>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

/** The keys around each payload, as this service spells them. */
function Frames({ envelope }: { envelope: Envelope }) {
  const { actionKey, payloadKey, idKey, replyToKey } = envelope;
  const sent = Object.fromEntries([[actionKey, "…"], [payloadKey, "…"], ...(idKey === undefined ? [] : [[idKey, "1"]])]);
  const answer = Object.fromEntries([
    [actionKey, "…"],
    [payloadKey, "…"],
    ...(replyToKey === undefined ? [] : [[replyToKey, "1"]]),
  ]);
  return (
    <div class="directions">
      <div class="prose">
        <p>
          Each frame is a JSON object. <code>{actionKey}</code> says which message it is, and <code>{payloadKey}</code> holds
          its data.
        </p>
        {idKey !== undefined && replyToKey !== undefined && (
          <p>
            Put an <code>{idKey}</code> of your choice into what you send, and every frame that answers it names it as{" "}
            <code>{replyToKey}</code>.
          </p>
        )}
      </div>
      <div class="frames">
        <span class="arrow sent" role="img" aria-label="You send">
          ↑
        </span>
        <JsonText text={exampleText(sent)} />
        {replyToKey !== undefined && (
          <>
            <span class="arrow received" role="img" aria-label="You receive">
              ↓
            </span>
            <JsonText text={exampleText(answer)} />
          </>
        )}
      </div>
    </div>
  );
}

function CloseCodes({ document }: { document: ApiDocument }) {
  const hasTwins = document.closeCodes.some(({ code, daphne }) => daphne !== undefined && daphne !== code);
  return (
    <>
      <div class="table" tabIndex={0} role="region" aria-label="Close codes">
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Meaning</th>
              <th scope="col">Retry</th>
            </tr>
          </thead>
          <tbody>
            {document.closeCodes.map(({ code, daphne, name, meaning, retry }) => (
              <tr key={code}>
                <td>
                  <code>{code}</code>
                  {daphne !== undefined && daphne !== code && <span class="quiet"> ({daphne})</span>}
                </td>
                <td>
                  <strong>{name}</strong>
                  <br />
                  {meaning}
                </td>
                <td>{retryInWords(retry)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasTwins && (
        <p class="hint">In brackets: the code under daphne, which lets an application choose only from 1000 and 3000 on.</p>
      )}
    </>
  );
}

function firstParagraph(text: string | undefined): string | undefined {
  return text?.trim().split(/\n\s*\n/)[0];
}
