/** A browser cannot send an Authorization header with a WebSocket: the credential travels as a subprotocol. */

/** The subprotocol that the server selects when a credential came beside it. */
const SELECTED = "chanx.v1";
const CREDENTIAL = "chanx.auth.";

/**
 * The subprotocols to offer for the value of an Authorization header, such as `Token 9944b0`.
 *
 * None without a value: a browser ends the connection when it offered subprotocols and the server chose none.
 */
export function authorizationSubprotocols(authorization: string): readonly string[] {
  const value = authorization.trim();
  return value === "" ? [] : [SELECTED, CREDENTIAL + base64Url(value)];
}

/** RFC 4648, 5, over UTF-8 and without padding: `=` may not stand in a subprotocol's name. */
export function base64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
