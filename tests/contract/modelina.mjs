// Generates TypeScript for one AsyncAPI document (JSON) with Modelina: a file for each model, whose names it prints.
//
//   node modelina.mjs document.json FOLDER
//
// Standard output: a JSON array of the names of the models.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TypeScriptGenerator } from "@asyncapi/modelina";

try {
  const [document, folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error("usage: node modelina.mjs DOCUMENT FOLDER");
  const generator = new TypeScriptGenerator({ modelType: "interface" });
  const models = await generator.generateCompleteModels(JSON.parse(await readFile(document, "utf8")), {
    exportType: "named",
  });
  await mkdir(folder, { recursive: true });
  for (const { modelName, result } of models) await writeFile(join(folder, `${modelName}.ts`), result);
  process.stdout.write(JSON.stringify(models.map(({ modelName }) => modelName)) + "\n");
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
