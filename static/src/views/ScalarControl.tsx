import { useState } from "preact/hooks";
import type { Field } from "../console/fields.ts";
import { printTree, readTree, type ScalarTree, SyntaxProblem, type Tree, treeOf } from "../console/tree.ts";
import { parseJson } from "../json.ts";

interface Props {
  readonly field: Field;
  readonly part: Tree;
  readonly name: string;
  readonly id: string;
  readonly describedBy: string;
  readonly invalid: boolean;
  readonly label?: string;
  readonly set: (value: Tree) => void;
}

/** A control for a value without parts; a value that does not fit the control is shown as JSON. */
export function ScalarControl(props: Props) {
  const { field, part, id, describedBy, invalid, label, set } = props;
  const marks = {
    id,
    "aria-invalid": invalid,
    ...(describedBy === "" ? {} : { "aria-describedby": describedBy }),
    ...(label === undefined ? {} : { "aria-label": label }),
  };
  switch (field.control) {
    case "constant":
      if (part.kind !== "scalar" || part.lexeme !== JSON.stringify(field.value)) break;
      return <output id={id}>{part.lexeme}</output>;
    case "choice": {
      const options = field.choices.map((choice) => JSON.stringify(choice));
      const current = printTree(part);
      return (
        <select {...marks} value={current} onChange={(event) => set(treeOf(parseJson(event.currentTarget.value) ?? null))}>
          {!options.includes(current) && <option value={current}>{current}</option>}
          {options.map((text) => (
            <option key={text} value={text}>
              {text.startsWith('"') ? String(parseJson(text)) : text}
            </option>
          ))}
        </select>
      );
    }
    case "boolean":
      if (part.kind !== "scalar" || !["true", "false"].includes(part.lexeme)) break;
      return (
        <input
          {...marks}
          type="checkbox"
          checked={part.lexeme === "true"}
          onChange={(event) => set(treeOf(event.currentTarget.checked))}
        />
      );
    case "number":
      if (part.kind !== "scalar") break;
      return (
        <input
          {...marks}
          type="text"
          inputMode={field.whole ? "numeric" : "decimal"}
          autocomplete="off"
          value={textOf(part)}
          onInput={(event) => set(numberOrText(event.currentTarget.value))}
        />
      );
    case "text": {
      if (part.kind !== "scalar" || !part.lexeme.startsWith('"')) break;
      const value = textOf(part);
      const common = {
        ...marks,
        value,
        spellcheck: false,
        onInput: (event: { currentTarget: { value: string } }) => set(treeOf(event.currentTarget.value)),
      };
      if (field.long || value.includes("\n")) return <textarea {...common} rows={Math.min(value.split("\n").length + 1, 8)} />;
      return <input {...common} type="text" autocomplete="off" placeholder={field.format} />;
    }
    default:
  }
  return <JsonControl {...props} />;
}

/** What a scalar says to a person: a text without its quotes. */
function textOf(part: ScalarTree): string {
  const value = parseJson(part.lexeme);
  return typeof value === "string" ? value : part.lexeme;
}

/** A number as it was typed, `1.0` and large integers too. What is no number is kept as a text, which the schema refuses. */
function numberOrText(typed: string): Tree {
  const tree = readTree(typed.trim());
  const isNumber = !(tree instanceof SyntaxProblem) && tree.kind === "scalar" && /^[-\d]/.test(tree.lexeme);
  return isNumber ? tree : treeOf(typed);
}

/** Anything, as JSON. What is being typed is not JSON all the time: until it is, only this field has it. */
function JsonControl({ part, name, id, describedBy, invalid, set }: Props) {
  const now = printTree(part);
  const [typed, setTyped] = useState<string | undefined>();
  const text = typed ?? now;
  const read = readTree(text);
  return (
    <>
      <textarea
        id={id}
        class="mono"
        aria-label={`${name} as JSON`}
        aria-invalid={invalid || read instanceof SyntaxProblem}
        {...(describedBy === "" ? {} : { "aria-describedby": describedBy })}
        spellcheck={false}
        rows={Math.min(text.split("\n").length + 1, 10)}
        value={text}
        onInput={(event) => {
          const value = event.currentTarget.value;
          setTyped(value);
          const tree = readTree(value);
          if (!(tree instanceof SyntaxProblem)) set(tree);
        }}
        onBlur={() => {
          if (!(read instanceof SyntaxProblem)) setTyped(undefined);
        }}
      />
      {read instanceof SyntaxProblem && <p class="field-problems">{read.message}; the frame has the last JSON that stood here.</p>}
    </>
  );
}
