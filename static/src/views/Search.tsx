import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { ApiDocument } from "../document.ts";
import { type Found, type FoundKind, SearchIndex } from "../search.ts";

const KINDS: Readonly<Record<FoundKind, string>> = {
  channel: "Channel",
  sent: "You send",
  received: "You receive",
  operation: "Operation",
  schema: "Schema",
};

interface Props {
  readonly document: ApiDocument;
  readonly onClose: () => void;
}

/** A dialog over the page: words in, places out; all by keyboard. */
export function Search({ document, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const index = useMemo(() => new SearchIndex(document), [document]);
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useMemo(() => index.search(words), [index, words]);
  const list = useId();
  useEffect(() => dialog.current?.showModal(), []);

  const go = (target: Found | undefined): void => {
    if (target === undefined) return;
    dialog.current?.close();
    window.location.hash = target.href;
  };
  const move = (by: number): void => setChosen((chosen + by + found.length) % Math.max(found.length, 1));
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => go(found[chosen]),
  };
  return (
    <dialog
      ref={dialog}
      class="search"
      aria-label="Search"
      data-testid="search"
      onClose={onClose}
      // A click beside the box is one on the dialog itself, whose padding is none.
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="search-box">
        <input
          type="text"
          role="combobox"
          aria-label="Channels, operations, messages, schemas"
          aria-expanded={found.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
          placeholder="Channels, operations, messages, schemas"
          data-testid="search-words"
          autocomplete="off"
          spellcheck={false}
          autofocus
          value={words}
          onInput={(event) => {
            setWords(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            const action = keys[event.key];
            if (action === undefined || event.isComposing) return;
            event.preventDefault();
            action();
          }}
        />
        <ul id={list} role="listbox" aria-label="Found" class="search-found">
          {found.map((each, position) => (
            <Option
              key={each.kind + each.href}
              id={`${list}-${position}`}
              found={each}
              isChosen={position === chosen}
              onPoint={() => setChosen(position)}
              onChoose={() => go(each)}
            />
          ))}
        </ul>
        <p class="search-note" role="status">
          {words.trim() === "" ? "↑ ↓ to choose, Enter to open, Esc to close" : found.length === 0 ? "Nothing found." : ""}
        </p>
      </div>
    </dialog>
  );
}

interface OptionProps {
  readonly id: string;
  readonly found: Found;
  readonly isChosen: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

function Option({ id, found, isChosen, onPoint, onChoose }: OptionProps) {
  const option = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) option.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li
      ref={option}
      id={id}
      role="option"
      aria-selected={isChosen}
      data-testid="found"
      data-kind={found.kind}
      onMouseMove={onPoint}
      onClick={onChoose}
    >
      <span class={`found-kind ${found.kind}`}>{KINDS[found.kind]}</span>
      <span class="found-title">
        {found.title}
        {found.deprecated && <span class="tag">deprecated</span>}
      </span>
      <span class="found-place">{found.place}</span>
    </li>
  );
}
