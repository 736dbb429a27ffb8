/** The frame that is being written: one text, seen as JSON, as a form, and as what is wrong with it. */

import type { Message } from "../document.ts";
import { exampleFrame, exampleText } from "../example.ts";
import type { Json } from "../json.ts";
import type { References } from "../references.ts";
import { printTree, readTree, SyntaxProblem, type Tree, valueOf } from "./tree.ts";
import { type Problem, validate } from "./validate.ts";

/** A text of that length is written by a program: no form is made of it, and it is not held against the schema. */
const MAX_LENGTH = 200_000;

export interface Draft {
  readonly text: string;
  /** `undefined` when the text is no JSON or too long to be looked at. */
  readonly tree: Tree | undefined;
  readonly value: Json | undefined;
  /** Where the text stops being JSON. */
  readonly syntax: SyntaxProblem | undefined;
  /** What the schema of the message has against it. */
  readonly problems: readonly Problem[];
}

export function readDraft(text: string, message: Message | undefined, references: References): Draft {
  const nothing = { text, tree: undefined, value: undefined, syntax: undefined, problems: [] };
  if (text.length > MAX_LENGTH) return nothing;
  const tree = readTree(text);
  if (tree instanceof SyntaxProblem) return { ...nothing, syntax: tree };
  const value = valueOf(tree);
  return { text, tree, value, syntax: undefined, problems: validate(value, message?.payload, references) };
}

/** What a message starts from: the first example that the document declares, or one made from the schema. */
export function exampleOf(message: Message, references: References, idKey: string | undefined, number = 0): string {
  const declared = message.examples[number];
  return exampleText(declared === undefined ? exampleFrame(message.payload, references, idKey) : declared.payload);
}

/** The text with another tree in it. */
export function textOf(tree: Tree): string {
  return printTree(tree);
}
