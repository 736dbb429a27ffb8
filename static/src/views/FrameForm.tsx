import { useMemo } from "preact/hooks";
import { fieldOf } from "../console/fields.ts";
import { type Path, pointerOf } from "../console/path.ts";
import { partAt, type Tree, treeOf, valueOf, withName, withoutPart, withPart } from "../console/tree.ts";
import type { Problem } from "../console/validate.ts";
import { exampleFromSchema } from "../example.ts";
import type { Json } from "../json.ts";
import type { References } from "../references.ts";
import type { Session } from "../session.ts";
import { FormField } from "./FormField.tsx";

/** What every field of a form needs to know, and may do. */
export interface FormContext {
  readonly references: References;
  /** Unlike that of any other form of the page. */
  readonly prefix: string;
  readonly tree: Tree;
  /** By the pointer of the place. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
  readonly set: (path: Path, part: Tree) => void;
  /** Put in a first value that the schema accepts. */
  readonly add: (path: Path, schema: Json) => void;
  readonly remove: (path: Path) => void;
  readonly rename: (path: Path, name: string) => void;
}

/** The frame as a form. It writes the same text that the JSON view shows. */
export function FrameForm({ session }: { session: Session }) {
  const { draft, message, document } = session;
  const problems = useMemo(() => byPlace(draft.problems), [draft]);
  if (message === undefined) {
    return <p class="hint">A form is made from the schema of a message: choose one, or write JSON.</p>;
  }
  if (draft.tree === undefined) {
    return <p class="hint">The text is no JSON, so there is no form of it: {draft.syntax?.message ?? "it is too long"}.</p>;
  }
  const { tree } = draft;
  const { references, envelope } = document;
  const context: FormContext = {
    references,
    prefix: `form-${session.number}-${message.key}`,
    tree,
    problems,
    set: (path, part) => session.writeTree(withPart(tree, path, part)),
    add: (path, schema) => session.writeTree(withPart(tree, path, treeOf(exampleFromSchema(schema, references)))),
    remove: (path) => session.writeTree(withoutPart(tree, path)),
    rename: (path, name) => session.writeTree(withName(tree, path, name)),
  };
  const root = fieldOf(message.payload, valueOf(tree), references);
  if (root.control !== "object" || tree.kind !== "object") {
    return <FormField context={context} schema={message.payload ?? true} path={[]} name="Frame" required />;
  }
  // The action is chosen above, and the id is put in by the page.
  const shown = root.properties.filter(
    ({ name }) => name !== envelope.actionKey && !(name === envelope.idKey && session.canNumber && partAt(tree, [name]) === undefined),
  );
  return (
    <div class="form" data-testid="form">
      {shown.map(({ name, schema, required }) => (
        <FormField key={name} context={context} schema={schema} path={[name]} name={name} required={required} />
      ))}
      {shown.length === 0 && <p class="hint">This message carries nothing else.</p>}
    </div>
  );
}

function byPlace(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    const pointer = pointerOf(problem.path);
    found.set(pointer, [...(found.get(pointer) ?? []), problem]);
  }
  return found;
}
