import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Rolldown } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The notice at the top of each script: which packages are inside, and under which licence. */
function banner(chunk: { moduleIds: string[] }): string {
  const manifests = new Set<string>();
  for (const id of chunk.moduleIds) {
    const root = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
    if (root !== undefined) manifests.add(`${root}/package.json`);
  }
  const packages = [...manifests].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
    return `${name} ${version} (${license})`;
  });
  const contents = packages.length === 0 ? "" : ` Contains ${packages.join(", ")}; texts in page.licenses.md.`;
  return `/*! chanx playground page, BSD-3-Clause.${contents} */`;
}

/**
 * Fails the build when a script that is loaded later imports the entry, or scripts import each other in a circle.
 *
 * Django may serve the entry under a second, hashed name: imported by its own, it would run twice. And storages that
 * rewrite imports (support_js_module_import_aggregation) never finish with a circle.
 */
const noWayBack: Rolldown.Plugin = {
  name: "no-way-back",
  generateBundle(_options, bundle) {
    const imports = new Map<string, readonly string[]>();
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") imports.set(chunk.fileName, [...chunk.imports, ...chunk.dynamicImports]);
    }
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) this.error(`Scripts import each other: ${[...path, name].join(" -> ")}.`);
      for (const next of imports.get(name) ?? []) visit(next, [...path, name]);
    };
    for (const name of imports.keys()) visit(name, []);
  },
};

/** Whether a module is part of the first view, and of something that is loaded later too. */
function isShared(id: string, context: Rolldown.ChunkingContext): boolean {
  let [first, later] = [false, false];
  const seen = new Set<string>();
  const visit = (current: string): void => {
    if (seen.has(current)) return;
    seen.add(current);
    const info = context.getModuleInfo(current);
    if (info === null) return;
    first ||= info.isEntry && info.dynamicImporters.length === 0;
    later ||= info.dynamicImporters.length > 0;
    info.importers.forEach(visit);
  };
  visit(id);
  return first && later;
}

export default defineConfig({
  // The entry has a fixed name, which the template knows; Django's staticfiles hashes what it collects. Scripts that
  // the entry loads when they are needed have hashes of their own: most storages do not rewrite the names in imports.
  build: {
    outDir: here("../chanx_asyncapi/static/chanx_asyncapi"),
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    license: { fileName: "page.licenses.md" },
    rolldownOptions: {
      input: here("src/main.tsx"),
      plugins: [noWayBack],
      output: {
        entryFileNames: "page.js",
        chunkFileNames: "page-[name]-[hash].js",
        assetFileNames: "page[extname]",
        postBanner: banner,
        // What the entry and a later script share is a script of its own: see noWayBack.
        codeSplitting: {
          groups: [{ debugName: "shared", name: (id, context) => (isShared(id, context) ? "shared" : null) }],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
