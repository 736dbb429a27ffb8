import { useState } from "preact/hooks";
import type { KeptFrame } from "../console/library.ts";
import type { Session } from "../session.ts";
import { Menu } from "./Menu.tsx";

/** Frames that were saved, and those that were sent last; both stay in this browser. */
export function KeptFrames({ session }: { session: Session }) {
  const { library, channel } = session;
  const [name, setName] = useState("");
  const [refused, setRefused] = useState(false);
  const saved = library.saved(channel.name);
  const history = library.history(channel.name);
  const save = (): void => {
    const frame = { name: name.trim(), message: session.form.message, text: session.text, at: Date.now() };
    const kept = !session.holdsSecret && library.save(channel.name, frame);
    setRefused(!kept);
    if (kept) setName("");
  };
  return (
    <Menu label="Saved and sent" testId="kept">
      {(close) => {
        const take = (frame: KeptFrame): void => {
          session.compose(frame.text, frame.message);
          close();
        };
        return (
          <>
            <form
              class="save-frame"
              onSubmit={(event) => {
                event.preventDefault();
                save();
              }}
            >
              <input
                type="text"
                aria-label="Name for this frame"
                placeholder="Save this frame as…"
                data-testid="save-name"
                autocomplete="off"
                maxLength={80}
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
              />
              <button type="submit" class="small" data-testid="save" disabled={name.trim() === ""}>
                Save
              </button>
            </form>
            {refused && <p class="hint">It holds a secret, is too long to be kept, or a hundred frames are saved already.</p>}
            {saved.length > 0 && (
              <ul aria-label="Saved frames">
                {saved.map((frame) => (
                  <li key={frame.name} class="kept">
                    <button type="button" class="link" data-testid="saved-frame" title={frame.text} onClick={() => take(frame)}>
                      {frame.name}
                    </button>
                    <button
                      type="button"
                      class="small"
                      aria-label={`Forget ${frame.name}`}
                      onClick={() => library.forget(channel.name, frame.name)}
                    >
                      Forget
                    </button>
                  </li>
                ))}
              </ul>
            )}
            <p class="menu-title">Sent last</p>
            {history.length === 0 ? (
              <p class="hint">Nothing yet.</p>
            ) : (
              <>
                <ul aria-label="Frames that were sent last">
                  {history.map((frame) => (
                    <li key={frame.at + frame.text} class="kept">
                      <button type="button" class="link" data-testid="sent-frame" title={frame.text} onClick={() => take(frame)}>
                        {frame.name}
                      </button>
                      <span class="kept-text">{frame.text.replace(/\s+/g, " ").slice(0, 200)}</span>
                    </li>
                  ))}
                </ul>
                <button type="button" class="small" onClick={() => library.forgetHistory(channel.name)}>
                  Forget them
                </button>
              </>
            )}
          </>
        );
      }}
    </Menu>
  );
}
