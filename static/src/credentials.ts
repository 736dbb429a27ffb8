/** What a security scheme asks of a client, in words, and how a browser can do it. */

import type { SecurityScheme } from "./document.ts";

export interface Credential {
  /** `Header Authorization`, `Cookie sessionid`. */
  readonly title: string;
  readonly words: string;
  /** JavaScript for a browser, which cannot set headers on a WebSocket. */
  readonly code: string | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  userPassword: "User name and password",
  apiKey: "API key",
  X509: "Client certificate",
  symmetricEncryption: "Symmetric encryption",
  asymmetricEncryption: "Asymmetric encryption",
  oauth2: "OAuth 2.0",
  openIdConnect: "OpenID Connect",
};

export function credentialInWords(scheme: SecurityScheme): Credential {
  const { place, key, prefix, type } = scheme;
  const value = prefix === undefined ? "the credential" : `${prefix} and the credential`;
  switch (place) {
    case "cookie":
      return {
        title: `Cookie ${key ?? ""}`.trim(),
        words: "Your browser sends it by itself when you are signed in on this site, from origins that the server allows.",
        code: undefined,
      };
    case "query":
      return {
        title: `Query parameter ${key ?? ""}`.trim(),
        words: "It stands in the address, where logs may keep it.",
        code: undefined,
      };
    case "header":
      return {
        title: `Header ${key ?? "Authorization"}`,
        words: scheme.asSubprotocol
          ? `The header holds ${value}. A browser cannot set it on a WebSocket: there it goes as a subprotocol.`
          : `The header holds ${value}. A browser cannot set it on a WebSocket, so this works for other clients only.`,
        code: scheme.asSubprotocol ? subprotocolCode(prefix) : undefined,
      };
    default:
      return {
        title: Object.hasOwn(TYPES, type) ? (TYPES[type] ?? type) : type,
        words: place === undefined ? "" : `It goes as the ${place} of the connection.`,
        code: undefined,
      };
  }
}

/** RFC 4648, 5: what `btoa` writes, without the characters that may not stand in a subprotocol. */
function subprotocolCode(prefix: string | undefined): string {
  const value = JSON.stringify(`${prefix === undefined ? "" : `${prefix} `}YOUR-TOKEN`);
  return [
    `const credential = btoa(${value})`,
    '  .replaceAll("+", "-").replaceAll("/", "_")',
    '  .replace(/=+$/, "");',
    'const protocols = ["chanx.v1", "chanx.auth." + credential];',
    "const socket = new WebSocket(url, protocols);",
  ].join("\n");
}
