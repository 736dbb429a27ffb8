import { useEffect, useState } from "preact/hooks";
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
  return parseRoute(hash);
}
