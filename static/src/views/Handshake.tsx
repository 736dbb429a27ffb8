import type { Parameter } from "../document.ts";
import type { Session } from "../session.ts";

/** Everything that is settled when the socket opens; while there is one, just what was settled. */
export function Handshake({ session }: { session: Session }) {
  const { connection, missing } = session;
  const { state } = connection.status;
  return (
    <form
      class="handshake"
      onSubmit={(event) => {
        event.preventDefault();
        session.connect();
      }}
    >
      {connection.isActive ? <Settled session={session} /> : <Fields session={session} />}
      <div class="dial">
        <output class="url" data-testid="url" aria-label="URL">
          {session.url}
        </output>
        {connection.isActive ? (
          <button type="button" data-testid="disconnect" disabled={state === "closing"} onClick={() => connection.close()}>
            {state === "connecting" ? "Give up" : "Disconnect"}
          </button>
        ) : (
          <button type="submit" class="primary" data-testid="connect" disabled={missing.length > 0}>
            Connect
          </button>
        )}
      </div>
      {missing.length > 0 && <p class="hint">Fill in {missing.join(", ")} to connect.</p>}
    </form>
  );
}

function Settled({ session }: { session: Session }) {
  return (
    <p class="settled">
      as{" "}
      {session.authorization === "" ? "your session on this site" : <code data-testid="credential">{session.authorization}</code>}
    </p>
  );
}

function Fields({ session }: { session: Session }) {
  const { channel, form } = session;
  const hosts = channel.servers.filter(({ host }) => host !== "" && host !== window.location.host);
  return (
    <div class="fields">
      {channel.parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={form.parameters.get(parameter.name) ?? ""}
          onChange={(value) => session.update({ parameters: new Map([...form.parameters, [parameter.name, value]]) })}
        />
      ))}
      <TokenField session={session} />
      <label class="field">
        <span class="field-name">Query</span>
        <input
          type="text"
          data-testid="query"
          autocomplete="off"
          spellcheck={false}
          placeholder={channel.query.length > 0 ? channel.query.map(({ name }) => `${name}=…`).join("&") : "optional"}
          value={form.query}
          onInput={(event) => session.update({ query: event.currentTarget.value })}
        />
      </label>
      {hosts.length > 0 && (
        <label class="field">
          <span class="field-name">Server</span>
          <select
            data-testid="server"
            value={form.server ?? ""}
            onChange={(event) => session.update({ server: event.currentTarget.value || undefined })}
          >
            <option value="">this page’s, {window.location.host}</option>
            {hosts.map(({ name, host }) => (
              <option key={name} value={name}>
                {name}, {host}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

/** The words that Django projects put before a credential. */
const SCHEMES = ["Token", "Bearer", "Basic"];

function TokenField({ session }: { session: Session }) {
  const { form, number } = session;
  const schemes = SCHEMES.includes(form.scheme) || form.scheme === "" ? SCHEMES : [...SCHEMES, form.scheme];
  return (
    <div class="field">
      <label class="field-name" for={`token-${number}`}>
        Token
      </label>
      <div class="joined">
        <select
          aria-label="Word before the token"
          data-testid="token-scheme"
          value={form.scheme}
          onChange={(event) => session.update({ scheme: event.currentTarget.value })}
        >
          {schemes.map((scheme) => (
            <option key={scheme} value={scheme}>
              {scheme}
            </option>
          ))}
          <option value="">as written</option>
        </select>
        <input
          type="text"
          id={`token-${number}`}
          data-testid="token"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="empty: your session"
          value={form.token}
          onInput={(event) => session.update({ token: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

interface FieldProps {
  readonly parameter: Parameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ParameterField({ parameter, value, onChange }: FieldProps) {
  const testId = `param-${parameter.name}`;
  return (
    <label class="field">
      <span class="field-name">
        <code>{parameter.name}</code>
      </span>
      {parameter.choices.length > 0 ? (
        <select data-testid={testId} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {parameter.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          type="text"
          data-testid={testId}
          autocomplete="off"
          spellcheck={false}
          required
          inputMode={parameter.type === "integer" ? "numeric" : "text"}
          placeholder={parameter.type ?? "text"}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </label>
  );
}
