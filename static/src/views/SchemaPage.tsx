import { useState } from "preact/hooks";
import type { ApiDocument, NamedSchema } from "../document.ts";
import { exampleText } from "../example.ts";
import { messageHref, schemaHref, SCHEMAS_HREF } from "../route.ts";
import { shortName, viewSchema } from "../schema.ts";
import type { Usage } from "../usage.ts";
import { CopyButton } from "./CopyButton.tsx";
import { Gradual } from "./Gradual.tsx";
import { JsonText } from "./JsonText.tsx";
import { Prose } from "./Prose.tsx";
import { SchemaTree } from "./SchemaTree.tsx";

export function SchemaList({ document }: { document: ApiDocument }) {
  return (
    <>
      <header class="page-head">
        <p class="eyebrow">{document.schemas.length} in the document</p>
        <h1 tabIndex={-1}>Schemas</h1>
      </header>
      <ul class="schema-list" data-testid="schema-list">
        <Gradual
          items={document.schemas}
          draw={(named) => (
            <li key={named.name}>
              <SchemaLink named={named} />
            </li>
          )}
        />
      </ul>
    </>
  );
}

function SchemaLink({ named: { name } }: { named: NamedSchema }) {
  const short = shortName(name);
  return (
    <a href={schemaHref(name)}>
      <code>{short}</code>
      {short !== name && <span class="quiet"> {name.slice(0, -short.length - 1)}</span>}
    </a>
  );
}

interface Props {
  readonly document: ApiDocument;
  readonly name: string;
  readonly usage: Usage;
}

export function SchemaPage({ document, name, usage }: Props) {
  const [raw, setRaw] = useState(false);
  const named = document.schemas.find((each) => each.name === name);
  if (named === undefined) return null;
  const text = exampleText(named.schema);
  const view = viewSchema({ $ref: named.pointer }, document.references);
  const [messages, schemas] = [usage.messages(named), usage.schemas(named)];
  return (
    <>
      <header class="page-head">
        <p class="eyebrow">
          <a href={SCHEMAS_HREF}>Schemas</a>
          {view.deprecated && <span class="tag warn">deprecated</span>}
        </p>
        <h1 tabIndex={-1} data-testid="schema-name">
          {shortName(name)}
        </h1>
        {shortName(name) !== name && <p class="quiet">{name}</p>}
        <Prose text={view.description} />
      </header>
      <section>
        <div class="try-head">
          <h2>{raw ? "JSON Schema" : "Fields"}</h2>
          <span class="tools">
            <button type="button" class="small" aria-pressed={raw} data-testid="raw" onClick={() => setRaw(!raw)}>
              JSON Schema
            </button>
            <CopyButton testId="copy-schema" what="the JSON Schema" text={() => text} />
          </span>
        </div>
        {raw ? <JsonText text={text} /> : <SchemaTree schema={{ $ref: named.pointer }} references={document.references} />}
      </section>
      {messages.length > 0 && (
        <section>
          <h2>Messages that hold it</h2>
          <ul class="schema-list" data-testid="used-by">
            {messages.map(({ channel, message }) => (
              <li key={`${channel.name} ${message.key}`}>
                <a href={messageHref(channel.name, message.key)}>
                  <code>{message.name}</code> <span class="quiet">{channel.address ?? channel.name}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {schemas.length > 0 && (
        <section>
          <h2>Schemas that mention it</h2>
          <ul class="schema-list">
            {schemas.map((each) => (
              <li key={each.name}>
                <SchemaLink named={each} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
