/** Whether a frame holds what its schema calls a secret: such a frame is not kept, and stands in no link. */

import { get, getList, getObject, getText, isObject, type Json } from "../json.ts";
import type { References } from "../references.ts";
import { flatten } from "../schema.ts";
import { itemSchemas } from "./validate.ts";

/** `password` is what pydantic's `SecretStr` says, among others. */
export function holdsSecret(value: Json, schema: Json | undefined, references: References): boolean {
  const { keywords } = flatten(schema, references);
  const variants = [...getList(keywords, "anyOf"), ...getList(keywords, "oneOf")];
  if (variants.some((variant) => holdsSecret(value, variant, references))) return true;
  if (typeof value === "string") return getText(keywords, "format") === "password" && value !== "";
  if (Array.isArray(value)) {
    const { first, rest } = itemSchemas(keywords);
    return value.some((item: Json, index) => holdsSecret(item, first[index] ?? rest, references));
  }
  if (!isObject(value)) return false;
  const properties = getObject(keywords, "properties");
  const others = get(keywords, "additionalProperties");
  return Object.entries(value).some(([name, inner]) => holdsSecret(inner, get(properties, name) ?? others, references));
}
