/** Links that a document brings: only those that lead somewhere, and never ones that run. */

const SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/**
 * The address if a reader may follow it: http, https, mailto, or relative to the page. `undefined` for all others.
 *
 * The browser's own parser decides what the scheme is, so that `java\nscript:` is what it would become in a link.
 */
export function safeHref(href: string, base = "https://page.invalid/"): string | undefined {
  try {
    return SCHEMES.has(new URL(href, base).protocol) ? href.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the address is on another site than the page may be: then the page's address is not told to it. */
export function isForeign(href: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(href);
}
