/** The server for unit tests, as the tests of an application use it. */

import { expect, it } from "vitest";
import { type ChannelSpec, open, type Protocol } from "../../../chanx_asyncapi/codegen/typescript/runtime/runtime.ts";
import { mockServer } from "../../../chanx_asyncapi/codegen/typescript/runtime/testing.ts";

interface Chat extends Protocol {
  params: Record<never, never>;
  query: Record<never, never>;
  receives: { said: { action: "said"; payload: string } };
  sends: { say: { payload: string } };
  replies: { say: { action: "said"; payload: string } };
  streams: Record<never, never>;
  failure: unknown;
}

const SPEC: ChannelSpec = {
  address: "/chat/",
  host: "ws://localhost",
  keys: ["action", "payload", "id", "reply_to"],
  closeCodes: { 4401: "refresh", 4403: "no" },
  schemes: [],
  authenticates: true,
  pings: false,
  resumes: false,
};

it("answers, pushes, remembers and drops", async () => {
  const server = mockServer<Chat>();
  server.on("say", ({ payload }) => ({ action: "said", payload: String(payload).toUpperCase() }));
  const chat = open<Chat>(SPEC, { socket: server.socket, retry: false });
  await chat.connect();
  const pushed: string[] = [];
  chat.on("said", ({ payload }) => pushed.push(payload));

  expect((await chat.request("say", { payload: "hello" })).payload).toBe("HELLO");
  server.emit("said", { payload: "by itself" });
  expect(pushed).toEqual(["HELLO", "by itself"]);
  expect(server.received.map(({ action, payload }) => [action, payload])).toEqual([["say", "hello"]]);
  expect(server.connections.map(({ url }) => url)).toEqual(["ws://localhost/chat/"]);

  server.drop(4403);
  expect(chat.state).toBe("closed");
});

it("refuses the next connection", async () => {
  const server = mockServer<Chat>();
  server.refuse(4401, 401);
  const asked: boolean[] = [];
  const chat = open<Chat>(SPEC, {
    socket: server.socket,
    auth: ({ refresh }) => {
      asked.push(refresh);
      return { token: "x" };
    },
  });
  await chat.connect();
  expect([asked, chat.state]).toEqual([[false, true], "open"]);
  chat.close();
});
