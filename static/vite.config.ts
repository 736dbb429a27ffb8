import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The notice at the top of page.js: which packages are inside, and under which licence. */
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
  return `/*! chanx playground page, BSD-3-Clause. Contains ${packages.join(", ")}; texts in page.licenses.md. */`;
}

export default defineConfig({
  // Fixed names, no hashes: Django's staticfiles hashes what it collects.
  build: {
    outDir: here("../chanx_asyncapi/static/chanx_asyncapi"),
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    license: { fileName: "page.licenses.md" },
    rolldownOptions: {
      input: here("src/main.tsx"),
      output: { entryFileNames: "page.js", assetFileNames: "page[extname]", postBanner: banner },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
