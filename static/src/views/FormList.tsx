import { useState } from "preact/hooks";
import type { Field } from "../console/fields.ts";
import type { Path } from "../console/path.ts";
import type { ArrayTree, ObjectTree } from "../console/tree.ts";
import type { Json } from "../json.ts";
import { FormField } from "./FormField.tsx";
import type { FormContext } from "./FrameForm.tsx";

interface ArrayProps {
  readonly context: FormContext;
  readonly path: Path;
  readonly part: ArrayTree;
  readonly field: Field & { control: "array" };
  readonly name: string;
}

/** The items of a list, each with a way out, and a way to get another one. */
export function ArrayField({ context, path, part, field, name }: ArrayProps) {
  const next = part.items.length;
  const schema = schemaAt(field, next);
  return (
    <>
      {part.items.map((_, index) => (
        <FormField
          key={index}
          context={context}
          schema={schemaAt(field, index) ?? true}
          path={[...path, index]}
          name={`${name}[${index}]`}
          required
          tools={<RemoveButton name={`${name}[${index}]`} onClick={() => context.remove([...path, index])} />}
        />
      ))}
      {schema !== undefined && schema !== false && next < field.most && (
        <button type="button" class="small" aria-label={`Add item to ${name}`} onClick={() => context.add([...path, next], schema)}>
          Add item
        </button>
      )}
    </>
  );
}

/** Without a word about its items a list takes anything. */
function schemaAt(field: Field & { control: "array" }, index: number): Json | undefined {
  return index < field.first.length ? field.first[index] : (field.rest ?? true);
}

interface MapProps {
  readonly context: FormContext;
  readonly path: Path;
  readonly part: ObjectTree;
  /** Of the values; `undefined` where no further key is offered. */
  readonly schema: Json | undefined;
  /** The keys that have fields of their own. */
  readonly known: readonly string[];
  readonly id: string;
}

/** The keys of an object that its schema does not name. */
export function MapEntries({ context, path, part, schema, known, id }: MapProps) {
  const [name, setName] = useState("");
  const entries = part.members.filter((member) => !known.includes(member.name));
  const taken = part.members.some((member) => member.name === name) || known.includes(name);
  const add = (): void => {
    if (name === "" || taken || schema === undefined) return;
    context.add([...path, name], schema);
    setName("");
  };
  return (
    <>
      {entries.map((entry, index) => (
        <FormField
          key={index}
          context={context}
          schema={schema ?? true}
          path={[...path, entry.name]}
          name={entry.name}
          required
          tools={
            <>
              {schema !== undefined && (
                <input
                  type="text"
                  class="key-name"
                  aria-label={`Key of ${entry.name}`}
                  value={entry.name}
                  onChange={(event) => {
                    const wanted = event.currentTarget.value;
                    if (part.members.some((member) => member.name === wanted)) event.currentTarget.value = entry.name;
                    else context.rename([...path, entry.name], wanted);
                  }}
                />
              )}
              <RemoveButton name={entry.name} onClick={() => context.remove([...path, entry.name])} />
            </>
          }
        />
      ))}
      {schema !== undefined && (
        <div class="add-key">
          <input
            type="text"
            id={`${id}-new-key`}
            aria-label="New key"
            placeholder="key"
            autocomplete="off"
            spellcheck={false}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              add();
            }}
          />
          <button type="button" class="small" disabled={name === "" || taken} onClick={add}>
            Add key
          </button>
        </div>
      )}
    </>
  );
}

function RemoveButton({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" class="small" aria-label={`Remove ${name}`} onClick={onClick}>
      Remove
    </button>
  );
}
