/** Light or dark: what the reader has chosen, else what the project's settings say, else what the system says. */

export type Theme = "system" | "light" | "dark";

const KEY = "chanx.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The part of a browser's storage that is used; it may throw, where cookies are blocked. */
export type Memory = Pick<Storage, "getItem" | "setItem">;

export function rememberedTheme(memory: () => Memory, fallback: string | undefined): Theme {
  return read(memory) ?? THEMES.find((theme) => theme === fallback) ?? "system";
}

export function rememberTheme(memory: () => Memory, theme: Theme): void {
  try {
    memory().setItem(KEY, theme);
  } catch {
    // Nothing is remembered, and everything else works.
  }
}

/** The stylesheet has the rest. */
export function applyTheme(root: { readonly dataset: DOMStringMap }, theme: Theme): void {
  root.dataset["theme"] = theme;
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}

function read(memory: () => Memory): Theme | undefined {
  try {
    const value = memory().getItem(KEY);
    return THEMES.find((theme) => theme === value);
  } catch {
    return undefined;
  }
}
