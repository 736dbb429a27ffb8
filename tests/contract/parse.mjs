// Parses AsyncAPI documents (JSON or YAML) with the official parser, and tells every diagnostic, hints included.
//
// Question: [document]. Answer: an array of {severity, code, message, path} (see answers.mjs).
import { Parser } from "@asyncapi/parser";
import { answer, told } from "./answers.mjs";

await answer(async (document) => told((await new Parser().parse(document)).diagnostics));
