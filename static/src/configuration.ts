/** What the template tells the page: read once, when it starts. */

import { getList, getText, isObject, type Json, parseJson } from "./json.ts";

export interface Configuration {
  readonly documentUrl: string;
  /** Where the server has code for each operation, if anywhere. */
  readonly snippetsUrl: string | undefined;
  /** Where the REST API of the project is described, if anywhere. */
  readonly restDocsUrl: string | undefined;
  /** What the project calls all its pages, where it says so. */
  readonly siteTitle: string | undefined;
  /** The theme of the project's settings. */
  readonly theme: string | undefined;
  /** The pages of all documents that this reader may see; fewer than two are no choice. */
  readonly documents: readonly DocumentPage[];
}

export interface DocumentPage {
  readonly title: string;
  readonly url: string;
  readonly current: boolean;
}

/** `root`: the element with the data attributes. `pages`: the text of the JSON script beside it. */
export function readConfiguration(
  root: { readonly dataset: DOMStringMap },
  pages: string | undefined,
): Omit<Configuration, "theme"> {
  const { documentUrl = "", snippetsUrl, restDocsUrl, siteTitle } = root.dataset;
  const json = parseJson(pages ?? "");
  const documents = isObject(json) ? getList(json, "documents").flatMap(readPage) : [];
  return { documentUrl, snippetsUrl, restDocsUrl, siteTitle, documents };
}

function readPage(value: Json): readonly DocumentPage[] {
  if (!isObject(value)) return [];
  const [title, url] = [getText(value, "title"), getText(value, "url")];
  return title === undefined || url === undefined ? [] : [{ title, url, current: value["current"] === true }];
}
