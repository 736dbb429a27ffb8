// Reads YAML from standard input as js-yaml does (YAML 1.2) and prints it as JSON.
import { readFileSync } from "node:fs";
import { load } from "js-yaml";

process.stdout.write(JSON.stringify(load(readFileSync(0, "utf8"))));
