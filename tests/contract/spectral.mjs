// Lints AsyncAPI documents (JSON or YAML) with Spectral, and tells every finding.
//
// The ruleset is one as Spectral's command reads it, as far as it extends "spectral:asyncapi" and switches rules off.
// Question: [document, ruleset]. Answer: an array of {severity, code, message, path} (see answers.mjs).
import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { load } from "js-yaml";
import { answer, told } from "./answers.mjs";

await answer(async (document, ruleset) => {
  const { extends: base, rules = {}, ...rest } = load(ruleset);
  if (base !== "spectral:asyncapi" || Object.keys(rest).length > 0) throw new Error("unknown contents of the ruleset");
  const spectral = new spectralCore.Spectral();
  spectral.setRuleset({ extends: [[rulesets.asyncapi, "recommended"]], rules });
  return told(await spectral.run(document));
});
