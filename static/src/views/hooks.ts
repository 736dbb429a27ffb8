import { useEffect, useMemo, useState } from "preact/hooks";
import type { Observable } from "../observable.ts";
import { parseRoute, type Route } from "../route.ts";

/** Milliseconds over which changes are gathered into one drawing. */
const GATHER = 16;

/** Draw again when the thing changes; a burst of a thousand frames is a few drawings. */
export function useObservable(source: Observable): void {
  useObservables([source]);
}

/** As `useObservable`, for several things. */
export function useObservables(sources: readonly Observable[]): void {
  const version = (): number => sources.reduce((sum, source) => sum + source.version, 0);
  const [, setVersion] = useState(version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      setVersion(version());
    };
    const unsubscribe = sources.map((source) =>
      source.subscribe(() => {
        timer ??= setTimeout(draw, GATHER);
      }),
    );
    // What changed between the drawing and this effect would otherwise wait for the next change.
    draw();
    return () => {
      for (const stop of unsubscribe) stop();
      clearTimeout(timer);
    };
  }, [...sources]);
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
      // From within a shadow root, as the editor's, the event's target is the host alone.
      const [target] = event.composedPath();
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(target);
      if (!isCommand && !isSlash) return;
      event.preventDefault();
      onSearch();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [onSearch]);
}

function isWriting(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Milliseconds of work at a time, so that whatever the reader does is answered in between. */
const SLICE = 8;

/** Do the steps one after another while the page has nothing else to do; true when all are done. */
export function useIdle(steps: Iterable<unknown>): boolean {
  const [done, setDone] = useState(false);
  useEffect(() => {
    const iterator = steps[Symbol.iterator]();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const work = (): void => {
      const end = performance.now() + SLICE;
      while (performance.now() < end) {
        if (iterator.next().done === true) {
          setDone(true);
          return;
        }
      }
      timer = setTimeout(work, SLICE);
    };
    timer = setTimeout(work, SLICE);
    return () => clearTimeout(timer);
  }, [steps]);
  return done;
}

/** How many of `total` things to draw: `first` at first, and `step` more each time until all are there. */
export function useGradually(total: number, first: number, step: number): number {
  const [shown, setShown] = useState(first);
  useEffect(() => {
    if (shown >= total) return undefined;
    const timer = setTimeout(() => setShown(shown + step), 2 * SLICE);
    return () => clearTimeout(timer);
  }, [shown, total, step]);
  return Math.min(shown, total);
}
