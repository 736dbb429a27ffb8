import { expect, test } from "vitest";
import { readConfiguration } from "../src/configuration.ts";

test("what the template says", () => {
  const root = { dataset: { documentUrl: "/a.json", snippetsUrl: "/a.snippets.json", restDocsUrl: "/rest/", siteTitle: "Docs" } as DOMStringMap };
  const pages = { documents: [{ title: "All", url: "/ws-docs/", current: true }, { title: "Part", url: "/ws-docs/part/", current: false }] };
  expect(readConfiguration(root, JSON.stringify(pages))).toEqual({
    documentUrl: "/a.json",
    snippetsUrl: "/a.snippets.json",
    restDocsUrl: "/rest/",
    siteTitle: "Docs",
    documents: pages.documents,
  });
});

test("a template of the project's own may leave things out", () => {
  const nothing = { documentUrl: "", snippetsUrl: undefined, restDocsUrl: undefined, siteTitle: undefined, documents: [] };
  expect(readConfiguration({ dataset: {} as DOMStringMap }, undefined)).toEqual(nothing);
  expect(readConfiguration({ dataset: {} as DOMStringMap }, '{"documents": [1, {"title": "x"}]}')).toEqual(nothing);
});
