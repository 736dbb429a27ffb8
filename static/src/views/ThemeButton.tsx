import { useState } from "preact/hooks";
import { applyTheme, nextTheme, rememberedTheme, rememberTheme, type Theme } from "../theme.ts";

const WORDS: Readonly<Record<Theme, { readonly symbol: string; readonly text: string }>> = {
  system: { symbol: "◐", text: "as the system" },
  light: { symbol: "○", text: "light" },
  dark: { symbol: "●", text: "dark" },
};

/** From one theme to the next; the choice is remembered in this browser. */
export function ThemeButton({ fallback }: { fallback: string | undefined }) {
  const [theme, setTheme] = useState(() => rememberedTheme(() => window.localStorage, fallback));
  const { symbol, text } = WORDS[theme];
  return (
    <button
      type="button"
      class="small theme"
      data-testid="theme"
      aria-label={`Colours: ${text}`}
      title={`Colours: ${text}`}
      onClick={() => {
        const next = nextTheme(theme);
        applyTheme(document.documentElement, next);
        rememberTheme(() => window.localStorage, next);
        setTheme(next);
      }}
    >
      <span aria-hidden="true">{symbol}</span>
    </button>
  );
}
