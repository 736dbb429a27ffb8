import { describe, expect, test } from "vitest";
import { addressParameters, socketUrl, targetOfPage, targetOfServer } from "../src/address.ts";
import { readDocument } from "../src/read.ts";
import { chatDocument } from "./fixtures.ts";

const [server] = readDocument(chatDocument).servers;
const page = { protocol: "wss:", host: "h", pathname: "" } as const;

test("the page's host, the document's path, the scheme of the page", () => {
  expect(targetOfPage({ protocol: "https:", host: "here:8000" }, server)).toEqual({
    protocol: "wss:",
    host: "here:8000",
    pathname: "/live",
  });
  expect(targetOfPage({ protocol: "http:", host: "here" }, undefined)).toEqual({ protocol: "ws:", host: "here", pathname: "" });
});

test("a server of the document, when it is chosen", () => {
  expect(targetOfServer(server!)).toEqual({ protocol: "wss:", host: "example.com", pathname: "/live" });
});

test("parameters in the order of the address", () => {
  expect(addressParameters("/a/{one}/b-{two}")).toEqual(["one", "two"]);
});

describe("the URL", () => {
  const url = (address: string, values: Record<string, string> = {}, query = "", pathname = "") =>
    socketUrl({ ...page, pathname }, address, new Map(Object.entries(values)), query);

  test.each([
    ["/ws/chat/{room}/", { room: "a b/ü?#%" }, "wss://h/ws/chat/a%20b%2F%C3%BC%3F%23%25/"],
    ["/ws/{room}/", {}, "wss://h/ws/{room}/"],
    ["/ws/{room}/", { room: "$&" }, "wss://h/ws/%24%26/"],
    ["ws/plain", {}, "wss://h/ws/plain"],
    ["/", {}, "wss://h/"],
  ])("%s with %j", (address, values, expected) => expect(url(address, values)).toBe(expected));

  test.each([
    ["/live", "/chat", "wss://h/live/chat"],
    ["/live/", "chat", "wss://h/live/chat"],
    ["live", "/chat/", "wss://h/live/chat/"],
    ["/", "/chat", "wss://h/chat"],
    ["/live", "/", "wss://h/live"],
  ])("path %s and address %s", (pathname, address, expected) => expect(url(address, {}, "", pathname)).toBe(expected));

  test("a query with and without its question mark", () => {
    expect(url("/a", {}, "?x=1&y=2")).toBe("wss://h/a?x=1&y=2");
    expect(url("/a", {}, " x=1 ")).toBe("wss://h/a?x=1");
    expect(url("/a", {}, " ")).toBe("wss://h/a");
  });
});
