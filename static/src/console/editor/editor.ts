/**
 * The JSON editor, on CodeMirror. Loaded when somebody looks at a frame as JSON, and not before.
 *
 * It lives in a shadow root: there CodeMirror's styles are a constructed sheet, while in the page they would be a
 * `<style>` element, which the policy `style-src 'self'` forbids.
 */

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Cursor, Proposal } from "../complete.ts";
import { placeOf } from "../cursor.ts";

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly label: string;
  readonly text: string;
  /** Offsets in the text. */
  readonly selection: { readonly from: number; readonly to: number } | undefined;
  readonly onChange: (text: string) => void;
  readonly onSubmit: () => void;
  readonly propose: (cursor: Cursor) => readonly Proposal[];
}

export interface EditorProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

export interface Editor {
  /** Exchange the text, when it is another one than the reader sees. */
  setText(text: string): void;
  setProblems(problems: readonly EditorProblem[]): void;
  focus(): void;
  destroy(): void;
}

/** A change of ours, which is not told to `onChange`. */
const fromOutside = Annotation.define<boolean>();

export function createEditor(options: EditorOptions): Editor {
  const root = options.parent.shadowRoot ?? options.parent.attachShadow({ mode: "open" });
  const view = new EditorView({ root, parent: root, state: stateOf(options) });
  return {
    setText(text) {
      const now = view.state.doc.toString();
      if (now === text) return;
      view.dispatch({ ...leastChange(now, text), annotations: fromOutside.of(true) });
    },
    setProblems(problems) {
      const length = view.state.doc.length;
      const diagnostics = problems.map(({ from, to, message }): Diagnostic => {
        const start = Math.min(from, length);
        return { from: start, to: Math.min(Math.max(to, start), length), message, severity: "error" };
      });
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/** Only what differs is exchanged, so that the cursor and the history of the rest stay. */
function leastChange(before: string, after: string) {
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { changes: { from: start, to: before.length - end, insert: after.slice(start, after.length - end) } };
}

function stateOf({ text, selection, label, onChange, onSubmit, propose }: EditorOptions): EditorState {
  const submit = {
    key: "Mod-Enter",
    run: () => {
      onSubmit();
      return true;
    },
  };
  return EditorState.create({
    doc: text,
    ...(selection === undefined ? {} : { selection: { anchor: selection.from, head: selection.to } }),
    extensions: [
      // Tab is not ours: it leads out of the editor, for whoever has no mouse.
      Prec.highest(keymap.of([submit])),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
      history(),
      drawSelection(),
      json(),
      indentUnit.of("  "),
      bracketMatching(),
      closeBrackets(),
      autocompletion({ override: [(context) => complete(context, propose)], icons: false }),
      syntaxHighlighting(COLOURS),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, "data-testid": "editor", spellcheck: "false" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        if (update.transactions.some((transaction) => transaction.annotation(fromOutside) === true)) return;
        onChange(update.state.doc.toString());
      }),
      THEME,
    ],
  });
}

function complete(context: CompletionContext, propose: EditorOptions["propose"]): CompletionResult | null {
  const text = context.state.doc.toString();
  const place = placeOf(text, context.pos);
  if (place === undefined) return null;
  // Unasked only while something is written, or where a key or a value is about to be.
  const before = text.slice(0, context.pos).trimEnd().slice(-1);
  if (!context.explicit && place.from === place.to && !["{", ",", ":", "["].includes(before)) return null;
  const options = propose(place.cursor).map((proposal): Completion => {
    const { label, detail, info, value } = proposal;
    const insert = value === undefined || place.hasColon ? proposal.text : `${proposal.text}: ${value}`;
    return {
      label: JSON.stringify(label) === proposal.text ? proposal.text : label,
      displayLabel: label,
      detail,
      ...(info === undefined ? {} : { info }),
      apply: insert,
      type: place.cursor.wants === "key" ? "property" : "constant",
    };
  });
  return { from: place.from, to: place.to, options, filter: true };
}

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--ink)", fontWeight: "600" },
  { tag: tags.string, color: "var(--string)" },
  { tag: tags.number, color: "var(--number)" },
  { tag: [tags.bool, tags.null], color: "var(--literal)" },
]);

/** The colours are the page's: custom properties reach into a shadow root. */
const THEME = EditorView.theme({
  "&": {
    fontSize: "0.85rem",
    color: "var(--ink)",
    backgroundColor: "var(--sunken)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
  },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", maxHeight: "26rem", minHeight: "8.5rem" },
  ".cm-content": { padding: "0.6rem 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 0.75rem" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": {
    background: "none",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-tooltip": {
    background: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    overflow: "hidden",
    fontFamily: "var(--sans)",
    maxWidth: "26rem",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "0.83rem", maxHeight: "15rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", marginLeft: "0.8em" },
  "li[aria-selected] .cm-completionDetail": { color: "var(--on-accent)" },
  ".cm-completionInfo": { padding: "0.4rem 0.7rem", fontSize: "0.83rem" },
  ".cm-diagnostic": { borderLeft: "3px solid var(--error)", padding: "0.3rem 0.6rem", fontSize: "0.85rem" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--error)",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  },
});
