import { useEffect, useRef, useState } from "preact/hooks";
import type { Editor, EditorProblem } from "../console/editor/editor.ts";
import { propose } from "../console/complete.ts";
import { pathInWords } from "../console/path.ts";
import { rangeOf } from "../console/tree.ts";
import type { Session } from "../session.ts";

interface Props {
  readonly session: Session;
  readonly onSubmit: () => void;
}

/** The frame as JSON: an editor that knows the schema, and a plain field until, or unless, the editor has come. */
export function JsonEditor({ session, onSubmit }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const [editor, setEditor] = useState<Editor | undefined>();
  // What the editor calls is what the latest drawing was given.
  const latest = useRef({ session, onSubmit });
  latest.current = { session, onSubmit };

  useEffect(() => {
    let created: Editor | undefined;
    let gone = false;
    import("../console/editor/editor.ts").then(
      ({ createEditor }) => {
        if (gone || host.current === null) return;
        const field = document.activeElement === plain.current ? plain.current : null;
        created = createEditor({
          parent: host.current,
          selection: field === null ? undefined : { from: field.selectionStart, to: field.selectionEnd },
          label: "Frame as JSON",
          text: latest.current.session.text,
          onChange: (text) => latest.current.session.write(text),
          onSubmit: () => latest.current.onSubmit(),
          propose: (cursor) => {
            const { message, document } = latest.current.session;
            return propose(message?.payload, cursor, document.references);
          },
        });
        // Whoever is writing goes on writing: the focus moves before the plain field goes, and not to what is hidden.
        host.current.hidden = false;
        if (field !== null) created.focus();
        setEditor(created);
      },
      // Without its script the plain field does what is needed.
      () => undefined,
    );
    return () => {
      gone = true;
      created?.destroy();
    };
  }, []);

  const { draft } = session;
  useEffect(() => {
    editor?.setText(draft.text);
    editor?.setProblems(problemsOf(session));
  }, [editor, session, draft]);

  return (
    <div class="json-editor">
      <div ref={host} class="editor-host" hidden={editor === undefined} />
      {editor === undefined && (
        <textarea
          ref={plain}
          class="editor"
          data-testid="editor"
          aria-label="Frame as JSON"
          spellcheck={false}
          rows={9}
          value={draft.text}
          onInput={(event) => session.write(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

function problemsOf({ draft, message }: Session): readonly EditorProblem[] {
  const { tree, syntax, problems } = draft;
  // Whoever sends anything else may send what is no JSON.
  if (syntax !== undefined) return message === undefined ? [] : [syntax];
  if (tree === undefined) return [];
  return problems.map(({ path, message: words }) => ({ ...rangeOf(tree, path), message: `${pathInWords(path)} ${words}`.trim() }));
}
