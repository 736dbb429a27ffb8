import { useId, useState } from "preact/hooks";
import type { Json } from "../json.ts";
import { type References, schemaNameOf } from "../references.ts";
import { schemaHref } from "../route.ts";
import { type SchemaChild, type SchemaView, viewSchema } from "../schema.ts";
import { Inline } from "./Prose.tsx";

interface Props {
  readonly schema: Json | undefined;
  readonly references: References;
}

/** How many levels are open before the reader touches anything. */
const OPEN_DEPTH = 3;
/** And when everything is to be opened: deeper than people nest, and a bound for what grows with each level. */
const ALL_DEPTH = 12;

/** A payload's schema as a tree. A level is read when it is opened, so recursion has no end only for a patient reader. */
export function SchemaTree({ schema, references }: Props) {
  const [all, setAll] = useState<boolean | undefined>();
  const view = viewSchema(schema, references);
  const path = view.pointer === undefined ? [] : [view.pointer];
  const depth = all === undefined ? OPEN_DEPTH : all ? ALL_DEPTH : 1;
  return (
    <div class="schema" data-testid="schema">
      <div class="schema-tools">
        {view.children.some((child) => viewSchema(child.schema, references).children.length > 0) && (
          <button type="button" class="link" data-testid="expand" onClick={() => setAll(all !== true)}>
            {all === true ? "Close all" : "Open all"}
          </button>
        )}
      </div>
      {view.children.length > 0 ? (
        // Another depth is another tree, in which nothing has been opened or closed by hand.
        <Children key={depth} of={view} references={references} path={path} depth={depth} />
      ) : (
        <p class="schema-line">
          <Facts view={view} />
        </p>
      )}
    </div>
  );
}

interface ChildrenProps {
  readonly of: SchemaView;
  readonly references: References;
  /** The components above, outermost first; one that comes again is recursion. */
  readonly path: readonly string[];
  /** So many levels are open from the beginning. */
  readonly depth: number;
}

function Children({ of, references, path, depth }: ChildrenProps) {
  return (
    <ul>
      {of.children.map((child, index) => (
        <Branch key={`${index} ${child.name}`} child={child} references={references} path={path} depth={depth} />
      ))}
    </ul>
  );
}

interface BranchProps extends Omit<ChildrenProps, "of"> {
  readonly child: SchemaChild;
}

function Branch({ child, references, path, depth }: BranchProps) {
  const view = viewSchema(child.schema, references);
  const recursive = view.pointer !== undefined && path.includes(view.pointer);
  const isClosed = recursive || (child.role === "variant" && depth < ALL_DEPTH);
  const [open, setOpen] = useState(!isClosed && path.length < depth);
  const body = useId();
  const hasMore = view.children.length > 0;
  return (
    <li>
      <p class={hasMore ? "schema-line" : "schema-line leaf"}>
        {hasMore && (
          // The name alone opens the level: the type beside it may be a link.
          <button type="button" class="disclose" aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
            <Name child={child} view={view} />
          </button>
        )}
        {!hasMore && <Name child={child} view={view} />}
        <Facts view={view} named={child.name} />
        {recursive && <span class="tag">recursive</span>}
      </p>
      <Details view={view} />
      {hasMore && (
        <div id={body} hidden={!open}>
          {open && (
            <Children of={view} references={references} path={[...path, view.pointer ?? child.name]} depth={depth} />
          )}
        </div>
      )}
    </li>
  );
}

function Details({ view: { description, examples } }: { view: SchemaView }) {
  return (
    <>
      {description !== undefined && (
        <p class="schema-description">
          <Inline text={description} />
        </p>
      )}
      {examples.length > 0 && (
        <p class="schema-description">
          such as{" "}
          {examples.slice(0, EXAMPLES_SHOWN).map((example, index) => (
            <span key={index}>
              {index > 0 && ", "}
              <code>{example}</code>
            </span>
          ))}
        </p>
      )}
    </>
  );
}

const EXAMPLES_SHOWN = 3;

function Name({ child, view }: { child: SchemaChild; view: SchemaView }) {
  switch (child.role) {
    case "property":
      return (
        <span class="schema-name">
          <code class={view.deprecated ? "struck" : undefined}>{child.name}</code>
          {!child.required && (
            <span class="optional" title="may be left out">
              ?
            </span>
          )}
          {view.deprecated && <span class="tag warn">deprecated</span>}
        </span>
      );
    case "pattern":
      return (
        <span class="schema-name prose-name">
          keys matching <code>{child.name}</code>
        </span>
      );
    case "values":
    case "item":
    case "variant":
    case "condition":
      return <span class="schema-name prose-name">{child.name}</span>;
  }
}

function Facts({ view, named }: { view: SchemaView; named?: string }) {
  return (
    <>
      {view.label !== named && <Type view={view} />}
      {view.choices.length > 0 && <Choices values={view.choices} />}
      {view.facts.map((fact) => (
        <span key={fact} class="schema-fact">
          {fact}
        </span>
      ))}
      {view.defaultValue !== undefined && view.defaultValue !== "null" && view.defaultValue !== view.label && (
        <span class="schema-fact">
          default <code>{view.defaultValue}</code>
        </span>
      )}
    </>
  );
}

/** The type in words; that of a named schema leads to its page. */
function Type({ view: { label, pointer } }: { view: SchemaView }) {
  const name = pointer === undefined ? undefined : schemaNameOf(pointer);
  if (name === undefined) return <span class="schema-type">{label}</span>;
  return (
    <a class="schema-type" href={schemaHref(name)} title={name}>
      {label}
    </a>
  );
}

/** So many values are shown before the reader asks for all. */
const CHOICES_SHOWN = 8;

function Choices({ values }: { values: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? values : values.slice(0, CHOICES_SHOWN);
  const more = values.length - shown.length;
  return (
    <span class="schema-choices">
      {shown.map((value) => (
        <code key={value}>{value}</code>
      ))}
      {more > 0 && (
        <button
          type="button"
          class="link"
          onClick={() => setAll(true)}
        >
          and {more} more
        </button>
      )}
    </span>
  );
}
