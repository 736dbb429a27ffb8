import { useId, useState } from "preact/hooks";
import type { ApiDocument, Message, MessageExample } from "../document.ts";
import { exampleFrame, exampleText } from "../example.ts";
import { CopyButton } from "./CopyButton.tsx";
import { JsonText } from "./JsonText.tsx";

interface Props {
  readonly message: Message;
  readonly document: ApiDocument;
}

/** The examples of a message, one at a time; where the document has none, one that its schema allows. */
export function Examples({ message, document }: Props) {
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const examples = message.examples.length > 0 ? message.examples : made(message, document);
  const example = examples[chosen];
  if (example === undefined) return null;
  const text = exampleText(example.payload);
  return (
    <figure class="example" data-testid="example">
      <figcaption>
        {examples.length > 1 ? (
          <label class="example-choice">
            <span class="quiet">Example</span>
            <select id={id} data-testid="example-select" value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
              {examples.map((each, index) => (
                <option key={index} value={index}>
                  {nameOf(each, index)}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span>{captionOf(example)}</span>
        )}
        <CopyButton testId="copy-example" what="the example" text={() => text} />
      </figcaption>
      {examples.length > 1 && example.summary !== undefined && <p class="hint">{example.summary}</p>}
      <JsonText text={text} />
    </figure>
  );
}

function made({ payload }: Message, document: ApiDocument): readonly MessageExample[] {
  if (payload === undefined) return [];
  const frame = exampleFrame(payload, document.references, document.envelope.idKey);
  return [{ name: undefined, summary: "Made from the schema.", payload: frame }];
}

function nameOf({ name }: MessageExample, index: number): string {
  return name ?? `Example ${index + 1}`;
}

function captionOf({ name, summary }: MessageExample): string {
  return summary ?? (name === undefined ? "Example" : `Example ${name}`);
}
