import { expect, test } from "vitest";
import { authorizationSubprotocols, base64Url } from "../src/subprotocol.ts";

test("the whole Authorization value, unpadded and URL-safe", () => {
  expect(authorizationSubprotocols("Token abc")).toEqual(["chanx.v1", "chanx.auth.VG9rZW4gYWJj"]);
  expect(base64Url("a")).toBe("YQ");
  expect(base64Url("??>>")).toBe("Pz8-Pg");
  expect(base64Url("ÿ?")).toBe("w78_");
});

test("nothing is offered without a credential: a server that chooses none would end the handshake", () => {
  expect(authorizationSubprotocols("  ")).toEqual([]);
});

test("the spaces around a pasted token do not travel", () => {
  expect(authorizationSubprotocols(" Token abc\n")).toEqual(authorizationSubprotocols("Token abc"));
});
