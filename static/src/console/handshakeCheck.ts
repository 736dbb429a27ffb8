/** The values of an address and a query, held against what the document says about them. */

import type { Parameter } from "../document.ts";
import type { Json } from "../json.ts";
import type { References } from "../references.ts";
import { flatten, typesOf } from "../schema.ts";
import { validate } from "./validate.ts";

/** What is wrong with the text for this parameter; `undefined` when nothing is, or when there is no text. */
export function parameterProblem(parameter: Parameter, text: string, references: References): string | undefined {
  if (text === "") return undefined;
  if (parameter.choices.length > 0 && !parameter.choices.includes(text)) {
    return `Must be one of ${parameter.choices.join(", ")}`;
  }
  return validate(readText(text, parameter.schema, references), parameter.schema, references)[0]?.message;
}

/** An address carries texts: the one that the schema means by this text. */
function readText(text: string, schema: Json | undefined, references: References): Json {
  const types = typesOf(flatten(schema, references).keywords);
  if (types.includes("string")) return text;
  const number = /^-?\d+(\.\d+)?$/.test(text) && (types.includes("integer") || types.includes("number"));
  if (number) return Number(text);
  if (types.includes("boolean") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  // A list may stand in a query once for each item; nobody can tell from one of them.
  return types.includes("array") ? [] : text;
}
