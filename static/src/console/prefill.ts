/**
 * A link that opens a console with something in it. It carries what can be shown to anybody, never a credential, and
 * opening it sends nothing: the reader looks at what is there, connects and sends.
 */

export interface Prefill {
  readonly parameters: ReadonlyMap<string, string>;
  readonly query: string | undefined;
  readonly server: string | undefined;
  /** The key of the message in its channel. */
  readonly message: string | undefined;
  /** What stands in the editor. */
  readonly text: string | undefined;
}

/** A longer text would make an address that is cut somewhere on its way. */
export const MAX_LINK_TEXT = 6_000;

const PARAMETER = "address.";

/** What follows the `?` in the fragment; `undefined` without anything. Names that are not known here are ignored. */
export function parsePrefill(text: string): Prefill | undefined {
  if (text === "") return undefined;
  const given = new URLSearchParams(text);
  const parameters = new Map<string, string>();
  for (const [name, value] of given) {
    if (name.startsWith(PARAMETER)) parameters.set(name.slice(PARAMETER.length), value);
  }
  const one = (name: string): string | undefined => given.get(name) ?? undefined;
  return { parameters, query: one("query"), server: one("server"), message: one("message"), text: one("text") };
}

/** The part of a link behind the fragment's path. */
export function formatPrefill(prefill: Prefill): string {
  const given = new URLSearchParams();
  for (const [name, value] of prefill.parameters) if (value !== "") given.set(PARAMETER + name, value);
  for (const name of ["query", "server", "message", "text"] as const) {
    const value = prefill[name];
    if (value !== undefined && (name !== "text" || value.length <= MAX_LINK_TEXT)) given.set(name, value);
  }
  // A + for a space would be taken for a plus by whoever reads the link by hand.
  return `?${given.toString().replaceAll("+", "%20")}`;
}
