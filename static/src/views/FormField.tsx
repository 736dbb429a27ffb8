import type { ComponentChildren } from "preact";
import { type Field, fieldOf } from "../console/fields.ts";
import { type Path, pointerOf } from "../console/path.ts";
import { partAt, type Tree, treeOf, valueOf } from "../console/tree.ts";
import type { Json } from "../json.ts";
import type { FormContext } from "./FrameForm.tsx";
import { ArrayField, MapEntries } from "./FormList.tsx";
import { Inline } from "./Prose.tsx";
import { ScalarControl } from "./ScalarControl.tsx";

export interface FieldProps {
  readonly context: FormContext;
  readonly schema: Json;
  readonly path: Path;
  readonly name: string;
  readonly required: boolean;
  /** What stands at the end of the head beside the name: a way to remove an item, perhaps. */
  readonly tools?: ComponentChildren;
}

/** One place of a frame: absent, null, or a value with the control that its schema asks for. */
export function FormField({ context, schema, path, name, required, tools }: FieldProps) {
  const part = partAt(context.tree, path);
  const field = fieldOf(schema, part === undefined ? undefined : valueOf(part), context.references);
  const pointer = pointerOf(path);
  const problems = context.problems.get(pointer) ?? [];
  const id = context.prefix + pointer;
  const problemId = problems.length > 0 ? `${id}-problem` : undefined;
  const describedBy = [field.description === undefined ? undefined : `${id}-about`, problemId].filter(Boolean).join(" ");
  const isGroup = part !== undefined && !isScalar(part) && (field.control === "object" || field.control === "array");
  const body = (
    <>
      {field.description !== undefined && (
        <p class="field-about" id={`${id}-about`}>
          <Inline text={field.description} />
        </p>
      )}
      {part !== undefined && <Value {...{ context, schema, path, name, field, part, id, describedBy }} invalid={problems.length > 0} />}
      {problems.length > 0 && (
        <ul class="field-problems" id={problemId} data-testid="field-problem">
          {problems.map(({ message }) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
    </>
  );
  const head = (
    <>
      {part === undefined || isGroup || field.control === "union" ? <code>{name}</code> : <label for={id}>{name}</label>}
      {required && tools === undefined && (
        <span class="required" title="required">
          {" "}
          <span class="visually-hidden">required</span>
        </span>
      )}
      <span class="field-tools">
        {part === undefined ? (
          <button type="button" class="small" aria-label={`Add ${name}`} onClick={() => context.add(path, schema)}>
            Add
          </button>
        ) : (
          <>
            <NullToggle {...{ context, schema, path, name, field, part }} />
            {!required && tools === undefined && (
              <button type="button" class="small" aria-label={`Leave out ${name}`} onClick={() => context.remove(path)}>
                Leave out
              </button>
            )}
          </>
        )}
        {tools}
      </span>
    </>
  );
  const marks = { "data-field": pointer, "data-invalid": problems.length > 0 };
  if (isGroup) {
    return (
      <fieldset class="form-group" {...marks}>
        <legend class="form-head">{head}</legend>
        <div class="form-nest">{body}</div>
      </fieldset>
    );
  }
  return (
    <div class="form-field" {...marks}>
      <div class="form-head">{head}</div>
      {body}
    </div>
  );
}

/** Only one value is allowed, and it is there: a question with one answer is not asked. */
function isSettled({ tree, references }: FormContext, schema: Json, path: Path): boolean {
  const part = partAt(tree, path);
  const field = fieldOf(schema, undefined, references);
  return field.control === "constant" && part?.kind === "scalar" && part.lexeme === JSON.stringify(field.value);
}

function isScalar(part: Tree): boolean {
  return part.kind === "scalar";
}

interface ValueProps extends Omit<FieldProps, "required" | "tools"> {
  readonly field: Field;
  readonly part: Tree;
  readonly id: string;
  readonly describedBy: string;
  readonly invalid: boolean;
  /** Where no label element names the control. */
  readonly label?: string;
}

function Value(props: ValueProps) {
  const { context, path, field, part, id } = props;
  if (part.kind === "scalar" && part.lexeme === "null" && field.nullable) return null;
  if (field.control === "object" && part.kind === "object") {
    return (
      <>
        {field.properties.map(({ name, required, schema }) =>
          required && isSettled(context, schema, [...path, name]) ? null : (
            <FormField key={name} context={context} schema={schema} path={[...path, name]} name={name} required={required} />
          ),
        )}
        <MapEntries context={context} path={path} part={part} schema={field.others} known={field.properties.map(({ name }) => name)} id={id} />
      </>
    );
  }
  if (field.control === "array" && part.kind === "array") return <ArrayField context={context} path={path} part={part} field={field} name={props.name} />;
  if (field.control === "union") return <UnionField {...props} field={field} />;
  return <ScalarControl {...props} set={(value) => context.set(path, value)} />;
}

function UnionField({ context, path, field, name, id }: ValueProps & { readonly field: Field & { control: "union" } }) {
  const { variants, chosen } = field;
  const variant = variants[chosen];
  return (
    <div class="form-union">
      <select
        id={`${id}-kind`}
        aria-label={`Kind of ${name}`}
        value={String(chosen)}
        onChange={(event) => {
          const wanted = variants[Number(event.currentTarget.value)];
          if (wanted !== undefined) context.add(path, wanted.schema);
        }}
      >
        {variants.map(({ label }, index) => (
          <option key={index} value={String(index)}>
            {label}
          </option>
        ))}
      </select>
      {variant !== undefined && <Variant {...{ context, path, name, id }} schema={variant.schema} />}
    </div>
  );
}

/** The chosen alternative, at the place of the whole: its problems are told there already. */
function Variant({ context, path, name, id, schema }: Omit<FieldProps, "required" | "tools"> & { readonly id: string }) {
  const part = partAt(context.tree, path);
  if (part === undefined) return null;
  const field = fieldOf(schema, valueOf(part), context.references);
  const invalid = context.problems.has(pointerOf(path));
  return <Value {...{ context, schema, path, name, field, part, id, invalid }} describedBy="" label={name} />;
}

interface NullProps {
  readonly context: FormContext;
  readonly schema: Json;
  readonly path: Path;
  readonly name: string;
  readonly field: Field;
  readonly part: Tree;
}

function NullToggle({ context, schema, path, name, field, part }: NullProps) {
  if (!field.nullable) return null;
  const isNull = part.kind === "scalar" && part.lexeme === "null";
  return (
    <label class="check">
      <input
        type="checkbox"
        aria-label={`${name} is null`}
        checked={isNull}
        onChange={() => (isNull ? context.add(path, schema) : context.set(path, treeOf(null)))}
      />
      null
    </label>
  );
}
