// A program that answers one question after the other, for npm_parser.py: it has read its packages once for all of them.
//
// Standard input: a line for each question, a JSON array of arguments. Standard output: a line for each answer, an
// object with what was "found", or with the "failure" of this question. Ends when its input does.
import { createInterface } from "node:readline";

export async function answer(find) {
  for await (const line of createInterface({ input: process.stdin })) {
    let told;
    try {
      told = { found: await find(...JSON.parse(line)) };
    } catch (error) {
      told = { failure: String(error?.stack ?? error) };
    }
    process.stdout.write(JSON.stringify(told) + "\n");
  }
}

// https://github.com/stoplightio/types: DiagnosticSeverity
const SEVERITIES = ["error", "warning", "information", "hint"];

export function told(diagnostics) {
  return diagnostics.map(({ severity, code, message, path }) => ({
    severity: SEVERITIES[severity],
    code: String(code),
    message,
    path: path.map(String),
  }));
}
