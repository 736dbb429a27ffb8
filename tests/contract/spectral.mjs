// Lints one AsyncAPI document (JSON or YAML) with Spectral and prints every finding.
//
//   node spectral.mjs document.json ruleset.yaml
//
// The ruleset is one as Spectral's command reads it, as far as it extends "spectral:asyncapi" and switches rules off.
// Standard output: a JSON array of {severity, code, message, path}.
// Exit code: 0 no finding, 1 at least one, 2 a file could not be read or Spectral failed.
import { readFile } from "node:fs/promises";
import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { load } from "js-yaml";

// https://github.com/stoplightio/types: DiagnosticSeverity
const SEVERITIES = ["error", "warning", "information", "hint"];

try {
  const [document, ruleset] = process.argv.slice(2);
  if (ruleset === undefined) throw new Error("usage: node spectral.mjs DOCUMENT RULESET");
  const { extends: base, rules = {}, ...rest } = load(await readFile(ruleset, "utf8"));
  if (base !== "spectral:asyncapi" || Object.keys(rest).length > 0) throw new Error(`${ruleset}: unknown contents`);
  const spectral = new spectralCore.Spectral();
  spectral.setRuleset({ extends: [[rulesets.asyncapi, "recommended"]], rules });
  const results = await spectral.run(await readFile(document, "utf8"));
  const found = results.map(({ severity, code, message, path }) => ({
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
