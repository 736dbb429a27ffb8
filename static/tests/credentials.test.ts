import { expect, test } from "vitest";
import { credentialInWords } from "../src/credentials.ts";
import { readDocument } from "../src/read.ts";
import type { JsonObject } from "../src/json.ts";
import { carrying } from "./fixtures.ts";

class OfferingSocket {
  readonly offered: readonly string[];

  constructor(_url: string, offered: readonly string[]) {
    this.offered = offered;
  }
}

type Offering = (url: string, socket: typeof OfferingSocket) => readonly string[];

function inWords(scheme: JsonObject) {
  const document = readDocument({ asyncapi: "3.1.0", components: { securitySchemes: { scheme } } });
  return credentialInWords(document.securitySchemes[0]!);
}

test("a token in a header goes as a subprotocol from a browser", () => {
  const subprotocol = { select: "chanx.v1", authorization: "chanx.auth.{base64url}", prefix: "Token" };
  const words = inWords({ type: "httpApiKey", in: "header", name: "Authorization", "x-subprotocol": subprotocol });
  expect(words.title).toBe("Header Authorization");
  expect(words.words).toContain("as a subprotocol");
  // What it says is what it does.
  const offered = new Function("url", "WebSocket", `${words.code}; return socket.offered;`) as Offering;
  expect(offered("ws://x", OfferingSocket)).toEqual(carrying("Token YOUR-TOKEN"));
});

test("where a browser can do nothing, the words say so", () => {
  const words = inWords({ type: "http", scheme: "bearer" });
  expect(words.title).toBe("Header Authorization");
  expect(words.words).toContain("Bearer and the credential");
  expect(words.words).toContain("other clients only");
  expect(words.code).toBeUndefined();
});

test.each([
  [{ type: "httpApiKey", in: "cookie", name: "sessionid" }, "Cookie sessionid", "sends it by itself"],
  [{ type: "httpApiKey", in: "query", name: "token" }, "Query parameter token", "logs may keep it"],
  [{ type: "apiKey", in: "user" }, "API key", "as the user of the connection"],
  [{ type: "oauth2" }, "OAuth 2.0", ""],
  [{ type: "constructor" }, "constructor", ""],
])("%j", (scheme, title, words) => {
  const found = inWords(scheme);
  expect(found.title).toBe(title);
  expect(found.words).toContain(words);
  expect(found.code).toBeUndefined();
});
