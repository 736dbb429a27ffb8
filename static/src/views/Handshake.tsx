import { parameterProblem } from "../console/handshakeCheck.ts";
import { queryValue, withQueryValue } from "../console/query.ts";
import { credentialInWords } from "../credentials.ts";
import type { Parameter, SecurityScheme } from "../document.ts";
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
          <button type="button" data-testid="disconnect" disabled={state === "closing"} onClick={() => session.disconnect()}>
            {state === "connecting" ? "Give up" : "Disconnect"}
          </button>
        ) : (
          <button type="submit" class="primary" data-testid="connect" disabled={missing.length > 0}>
            {state === "closed" || state === "failed" ? "Reconnect" : "Connect"}
          </button>
        )}
      </div>
      <div class="dial-options">
        <label
          class="check"
          title="As generated clients do: pings in a silence, waits longer after each failure, stops if the document says so"
        >
          <input
            type="checkbox"
            data-testid="auto-reconnect"
            checked={connection.isKept}
            onChange={(event) => (connection.isKept = event.currentTarget.checked)}
          />
          reconnect by itself
        </label>
        {connection.isWaiting && (
          <button type="button" class="small" data-testid="stop-reconnect" onClick={() => connection.stopWaiting()}>
            Stop trying
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
      {session.authorization === "" ? (
        "your session on this site"
      ) : (
        <>
          {session.form.scheme} <code data-testid="credential">{shortened(session.form.token.trim())}</code>
        </>
      )}
    </p>
  );
}

/** Enough to tell two tokens apart, and not enough for who looks over a shoulder. */
function shortened(token: string): string {
  return token.length <= 8 ? "…" : `${token.slice(0, 4)}…`;
}

function Fields({ session }: { session: Session }) {
  const { channel, form, document } = session;
  const hosts = channel.servers.filter(({ host }) => host !== "" && host !== window.location.host);
  return (
    <div class="fields">
      {channel.parameters.map((parameter) => {
        const value = form.parameters.get(parameter.name) ?? "";
        return (
          <ParameterField
            key={parameter.name}
            id={`address-${session.number}-${parameter.name}`}
            testId={`param-${parameter.name}`}
            parameter={parameter}
            required
            value={value}
            problem={parameterProblem(parameter, value, document.references)}
            onChange={(text) => session.update({ parameters: new Map([...form.parameters, [parameter.name, text]]) })}
          />
        );
      })}
      {channel.query.map((parameter) => {
        const value = queryValue(form.query, parameter.name) ?? "";
        const problem = parameter.required && value === "" ? "Is required" : parameterProblem(parameter, value, document.references);
        return (
          <ParameterField
            key={parameter.name}
            id={`query-${session.number}-${parameter.name}`}
            testId={`query-${parameter.name}`}
            parameter={parameter}
            required={parameter.required}
            value={value}
            problem={problem}
            onChange={(text) =>
              session.update({ query: withQueryValue(form.query, parameter.name, text === "" ? undefined : text) })
            }
          />
        );
      })}
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
      <SignIn session={session} />
    </div>
  );
}

/** How each of the declared ways to sign in works from a page, and which does not. */
function SignIn({ session }: { session: Session }) {
  const { security, securityOptional } = session.channel;
  if (security.length === 0) return null;
  return (
    <details class="sign-in" data-testid="sign-in">
      <summary>
        Sign-in: {security.map((scheme) => credentialInWords(scheme).title).join(" or ")}
        {securityOptional && ", optional"}
      </summary>
      <dl>
        {security.map((scheme) => (
          <div key={scheme.name}>
            <dt>{credentialInWords(scheme).title}</dt>
            <dd>
              {credentialInWords(scheme).words} {hereInWords(scheme, session.isOwnHost)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** What that means for this form. */
function hereInWords({ asSubprotocol, place, key }: SecurityScheme, isOwnHost: boolean): string {
  if (asSubprotocol) return "Put it into the field Token.";
  if (place === "query") return `Put it into the query as ${key ?? "its parameter"}.`;
  if (place === "cookie" && !isOwnHost) return "To another host it goes only if its SameSite attribute allows that.";
  return place === "cookie" ? "Leave the field Token empty." : "It cannot be sent from here.";
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
          // Not a password field: the browser would offer to keep it.
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
  readonly id: string;
  readonly testId: string;
  readonly parameter: Parameter;
  readonly required: boolean;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

function ParameterField({ id, testId, parameter, required, value, problem, onChange }: FieldProps) {
  const marks = {
    id,
    "data-testid": testId,
    "aria-invalid": problem !== undefined,
    ...(problem === undefined ? {} : { "aria-describedby": `${id}-problem` }),
  };
  return (
    <div class="field">
      <label class="field-name" for={id} title={parameter.description}>
        <code>{parameter.name}</code>
      </label>
      <div>
        {parameter.choices.length > 0 ? (
          <select {...marks} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
            {!required && <option value="">none</option>}
            {parameter.choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...marks}
            type="text"
            autocomplete="off"
            spellcheck={false}
            inputMode={parameter.type === "integer" ? "numeric" : "text"}
            placeholder={required ? (parameter.type ?? "text") : `${parameter.type ?? "text"}, optional`}
            value={value}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
        {problem !== undefined && (
          <p class="field-problems" id={`${id}-problem`}>
            {problem}
          </p>
        )}
      </div>
    </div>
  );
}
