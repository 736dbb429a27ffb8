import type { ComponentChildren, VNode } from "preact";
import { useMemo } from "preact/hooks";
import { useGradually } from "./hooks.ts";

/** Elements drawn together: at first a screenful, then a few of these at a time. */
const STEP = 12;
const LATER = 8 * STEP;

/** Long lists come in steps, each drawn once: the first is there at once, and the rest does not hold the page up. */
export function Gradual<T>({ items, draw }: { items: readonly T[]; draw: (item: T) => VNode }) {
  const shown = useGradually(items.length, STEP, LATER);
  // Preact passes over an element that is the same object as before.
  const steps = useMemo(() => {
    const made = new Map<number, ComponentChildren>();
    return (start: number): ComponentChildren => {
      const step = made.get(start) ?? items.slice(start, start + STEP).map(draw);
      made.set(start, step);
      return step;
    };
  }, [items]);
  const starts = Array.from({ length: Math.ceil(shown / STEP) }, (_, index) => index * STEP);
  return <>{starts.map(steps)}</>;
}
