/** Components under StrictMode, which mounts each effect twice, and what becomes of their connections. */

import { createElement, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import type { ChatChannel } from "./sdk/index.ts";
import { useChat, useMessage, useSocketState } from "./sdk/react.ts";
import { mockServer } from "./sdk/testing.ts";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

export async function strictMode(container: HTMLElement): Promise<Record<string, unknown>> {
  const server = mockServer<ChatChannel>();
  let opened = 0;
  let closed = 0;
  let mounts = 0;
  let go: (pk: number) => void = () => {};
  const socket: typeof server.socket = (...given) => {
    opened += 1;
    const made = server.socket(...given);
    const close = made.close.bind(made);
    made.close = (code) => {
      closed += 1;
      close(code);
    };
    return made;
  };

  function Room(): ReturnType<typeof createElement> {
    const [pk, setPk] = useState(1);
    const [texts, setTexts] = useState<string[]>([]);
    const chat = useChat({ params: { pk }, socket });
    // In its latest form: it sees the number of the room that is shown.
    useMessage(chat, "message_posted", ({ payload }) => setTexts((all) => [...all, `${pk}: ${payload.text}`]));
    mounts += 1;
    go = setPk;
    return createElement("p", {}, `${useSocketState(chat)} ${texts.join(" ")}`);
  }

  const say = (text: string): void =>
    server.emit("message_posted", {
      payload: { id: 1, kind: "message", author: "alice", text, created_at: "2025-01-31T12:00:00Z" },
    });
  const seen: Record<string, unknown> = {};
  const root = createRoot(container);
  root.render(createElement(StrictMode, {}, createElement(Room)));
  await pause();
  say("hello");
  await pause();
  seen["mounted"] = [opened, closed, container.textContent];
  seen["mounted more than once"] = mounts > 1;
  go(2);
  await pause();
  say("there");
  await pause();
  seen["moved"] = [opened, closed, container.textContent, server.connections.map(({ url }) => new URL(url).pathname)];
  root.unmount();
  await pause();
  say("nobody hears");
  seen["unmounted"] = [opened, closed, container.textContent];
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  seen["afterwards"] = [opened, closed];
  return seen;
}
