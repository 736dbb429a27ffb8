import { useState } from "preact/hooks";
import type { Json } from "../json.ts";
import type { References } from "../references.ts";
import { type SchemaChild, type SchemaView, viewSchema } from "../schema.ts";
import { Inline } from "./Prose.tsx";

interface Props {
  readonly schema: Json | undefined;
  readonly references: References;
}

/** How many levels are open before the reader touches anything. */
const OPEN_DEPTH = 2;

/** A payload's schema as a tree. A level is read when it is opened, so recursion has no end only for a patient reader. */
export function SchemaTree({ schema, references }: Props) {
  const view = viewSchema(schema, references);
  const path = view.pointer === undefined ? [] : [view.pointer];
  return (
    <div class="schema" data-testid="schema">
      {view.children.length > 0 ? (
        <Children of={view} references={references} path={path} />
      ) : (
        <p class="schema-line">
          <Facts view={view} />
        </p>
      )}
    </div>
  );
}

function Children({ of, references, path }: { of: SchemaView; references: References; path: readonly string[] }) {
  return (
    <ul>
      {of.children.map((child) => (
        <Branch key={child.role + child.name} child={child} references={references} path={path} />
      ))}
    </ul>
  );
}

interface BranchProps {
  readonly child: SchemaChild;
  readonly references: References;
  /** The components above, outermost first; one that comes again is recursion. */
  readonly path: readonly string[];
}

function Branch({ child, references, path }: BranchProps) {
  const view = viewSchema(child.schema, references);
  const recursive = view.pointer !== undefined && path.includes(view.pointer);
  const [open, setOpen] = useState(!recursive && path.length < OPEN_DEPTH && child.role !== "variant");
  const line = (
    <>
      <Name child={child} view={view} />
      <Facts view={view} />
      {recursive && <span class="tag">recursive</span>}
    </>
  );
  const description = view.description !== undefined && (
    <p class="schema-description">
      <Inline text={view.description} />
    </p>
  );
  if (view.children.length === 0) {
    return (
      <li>
        <p class="schema-line">{line}</p>
        {description}
      </li>
    );
  }
  return (
    <li>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary class="schema-line">{line}</summary>
        {description}
        {open && <Children of={view} references={references} path={[...path, view.pointer ?? child.name]} />}
      </details>
    </li>
  );
}

function Name({ child, view }: { child: SchemaChild; view: SchemaView }) {
  switch (child.role) {
    case "property":
      return (
        <span class="schema-name">
          <code>{child.name}</code>
          {!child.required && (
            <span class="optional" title="may be left out">
              ?
            </span>
          )}
          {view.deprecated && <span class="tag">deprecated</span>}
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
      return <span class="schema-name prose-name">{child.name}</span>;
  }
}

function Facts({ view }: { view: SchemaView }) {
  return (
    <>
      <span class="schema-type">{view.label}</span>
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
          onClick={(event) => {
            // Inside a summary a click would open or close the level.
            event.preventDefault();
            setAll(true);
          }}
        >
          and {more} more
        </button>
      )}
    </span>
  );
}
