// Reads a JSON array of patterns from standard input and prints for each whether JavaScript accepts it with the u flag.
import { readFileSync } from "node:fs";

const accepts = (pattern) => {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(accepts)));
