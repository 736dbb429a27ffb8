import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

interface Props<Item extends { readonly key: number }> {
  readonly items: readonly Item[];
  readonly render: (item: Item, index: number) => ComponentChildren;
  /** The key of the item to bring into view, and a number that changes with every wish. */
  readonly wanted: { readonly key: number; readonly wish: number } | undefined;
  readonly label: string;
}

/** Pixels of an item that has not been drawn yet. */
const ESTIMATE = 72;
/** Pixels that are drawn before and behind what is seen. */
const MARGIN = 600;
/** Distance to the end, in pixels, within which the list keeps following it. */
const NEAR_END = 40;

/**
 * A list of any length of which only what is seen is in the document. It follows its end while the reader is there.
 *
 * A feed, https://www.w3.org/WAI/ARIA/apg/patterns/feed/: each item says which one of how many it is.
 */
export function VirtualList<Item extends { readonly key: number }>({ items, render, wanted, label }: Props<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const lastTop = useRef(0);
  const arriving = useRef<number | undefined>(undefined);
  const heights = useRef(new Map<number, number>());
  const [measured, setMeasured] = useState(0);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [isAway, setAway] = useState(false);

  const observer = useMemo(
    () =>
      new ResizeObserver((changes) => {
        let changed = false;
        for (const { target, borderBoxSize } of changes) {
          const height = borderBoxSize[0]?.blockSize ?? 0;
          const key = Number((target as HTMLElement).dataset["key"]);
          // A hidden page measures nothing.
          if (height === 0 || heights.current.get(key) === height) continue;
          heights.current.set(key, height);
          changed = true;
        }
        if (changed) setMeasured((count) => count + 1);
      }),
    [],
  );
  useEffect(() => () => observer.disconnect(), [observer]);

  const offsets = useMemo(() => {
    const found = new Float64Array(items.length + 1);
    for (let index = 0; index < items.length; index += 1) {
      found[index + 1] = (found[index] ?? 0) + (heights.current.get(items[index]?.key ?? 0) ?? ESTIMATE);
    }
    return found;
  }, [items, measured]);
  const total = offsets[items.length] ?? 0;
  const first = Math.max(indexAt(offsets, view.top - MARGIN), 0);
  const last = Math.min(indexAt(offsets, view.top + view.height + MARGIN) + 1, items.length);

  const look = useCallback(() => {
    const box = scroller.current;
    if (box !== null) setView({ top: box.scrollTop, height: box.clientHeight });
  }, []);
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    const resized = new ResizeObserver(look);
    resized.observe(box);
    return () => resized.disconnect();
  }, [look]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null || !follows.current) return;
    box.scrollTop = box.scrollHeight;
    if (Math.abs(box.scrollTop - view.top) > 1) look();
  }, [items, measured, total]);
  // Of items that were let go nothing needs to be known. Keys only grow.
  useEffect(() => {
    if (heights.current.size <= 2 * items.length + 1_000) return;
    const oldest = items[0]?.key ?? Infinity;
    for (const key of heights.current.keys()) if (key < oldest) heights.current.delete(key);
  }, [items]);
  useEffect(() => {
    const box = scroller.current;
    const index = wanted === undefined ? -1 : items.findIndex(({ key }) => key === wanted.key);
    if (box === null || index < 0) return;
    follows.current = false;
    setAway(true);
    arriving.current = wanted?.key;
    box.scrollTop = (offsets[index] ?? 0) - box.clientHeight / 3;
    look();
  }, [wanted]);
  // Where it stands was estimated; once it is drawn, it is known.
  useLayoutEffect(() => {
    const row = scroller.current?.querySelector<HTMLElement>(`[data-key="${arriving.current}"]`);
    if (row === null || row === undefined) return;
    arriving.current = undefined;
    row.scrollIntoView({ block: "nearest" });
    row.querySelector<HTMLElement>("article")?.focus({ preventScroll: true });
  }, [view, measured]);

  const toEnd = (): void => {
    const box = scroller.current;
    if (box === null) return;
    follows.current = true;
    setAway(false);
    box.scrollTop = box.scrollHeight;
    box.focus({ preventScroll: true });
    look();
  };

  const before = offsets[first] ?? 0;
  const after = total - (offsets[last] ?? 0);
  return (
    <div class="log-box">
      <div
        ref={scroller}
        class="log"
        data-testid="log"
        // A feed holds articles, or it is none.
        role={items.length > 0 ? "feed" : "region"}
        aria-label={label}
        tabIndex={0}
        onScroll={(event) => {
          const box = event.currentTarget;
          const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
          // The event comes after the scrolling: the list may have grown meanwhile, so being away from the end says
          // nothing. Only who goes up has left it.
          if (isAtEnd) follows.current = true;
          else if (box.scrollTop < lastTop.current) follows.current = false;
          lastTop.current = box.scrollTop;
          setAway(!follows.current);
          look();
        }}
      >
        <div class="log-space" style={{ height: `${before}px` }} />
        {items.slice(first, last).map((item, index) => (
          <Row key={item.key} id={item.key} observer={observer}>
            {render(item, first + index)}
          </Row>
        ))}
        <div class="log-space" style={{ height: `${after}px` }} />
      </div>
      {isAway && items.length > 0 && (
        <button type="button" class="small to-end" data-testid="to-end" onClick={toEnd}>
          ↓ To the newest
        </button>
      )}
    </div>
  );
}

interface RowProps {
  readonly id: number;
  readonly observer: ResizeObserver;
  readonly children: ComponentChildren;
}

function Row({ id, observer, children }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = row.current;
    if (box === null) return undefined;
    observer.observe(box);
    return () => observer.unobserve(box);
  }, [observer]);
  return (
    <div ref={row} data-key={id}>
      {children}
    </div>
  );
}

/** The item that is at a distance from the start, found by halves. */
function indexAt(offsets: Float64Array, distance: number): number {
  let [low, high] = [0, offsets.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= distance) low = middle;
    else high = middle - 1;
  }
  return low;
}
