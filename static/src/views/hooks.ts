import { useEffect, useMemo, useState } from "preact/hooks";
import type { Observable } from "../observable.ts";
import { parseRoute, type Route } from "../route.ts";

/** Milliseconds over which changes are gathered into one drawing. */
const GATHER = 16;

/** Draw again when the thing changes; a burst of a thousand frames is a few drawings. */
export function useObservable(source: Observable): void {
  const [, setVersion] = useState(source.version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      setVersion(source.version);
    };
    const unsubscribe = source.subscribe(() => {
      timer ??= setTimeout(draw, GATHER);
    });
    // What changed between the drawing and this effect would otherwise wait for the next change.
    draw();
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [source]);
}

export function useRoute(): Route {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = (): void => setHash(window.location.hash);
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
}

/** `/`, Ctrl-K and Cmd-K, except `/` where somebody is writing. */
export function useShortcut(onSearch: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const isCommand = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target);
      if (!isCommand && !isSlash) return;
      event.preventDefault();
      onSearch();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [onSearch]);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
