// Parses one AsyncAPI document (JSON or YAML) with the official parser and prints every diagnostic, hints included.
//
//   node parse.mjs document.json
//
// Standard output: a JSON array of {severity, code, message, path}.
// Exit code: 0 no diagnostic, 1 at least one, 2 the document could not be read or the parser failed.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

// https://github.com/stoplightio/types: DiagnosticSeverity
const SEVERITIES = ["error", "warning", "information", "hint"];

try {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error("usage: node parse.mjs FILE");
  const { diagnostics } = await new Parser().parse(await readFile(file, "utf8"));
  const found = diagnostics.map(({ severity, code, message, path }) => ({
    severity: SEVERITIES[severity],
    code: String(code),
    message,
    path: path.map(String),
  }));
  process.stdout.write(JSON.stringify(found) + "\n");
  process.exitCode = found.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
