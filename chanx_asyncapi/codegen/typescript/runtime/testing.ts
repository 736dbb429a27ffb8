/**
 * A server for unit tests: no network, no timers. Give its `socket` to a
 * client: `connect…({ socket: server.socket })`.
 */

import type { Protocol, SocketFactory, SocketLike } from "./runtime.ts";

// chanx:keys
const ACTION: string = "action";
const PAYLOAD: string = "payload";
const ID: string = "id";
const REPLY_TO: string = "reply_to";

type Frame = Record<string, any>;

export interface MockServer<P extends Protocol> {
  /** What a client opens instead of a WebSocket. */
  readonly socket: SocketFactory;
  /** Frames that clients have sent, pings and all. */
  readonly received: Frame[];
  /** Connections that were opened, each with what the client asked for. */
  readonly connections: { url: string; subprotocols: string[] }[];
  /** Sends a frame to everybody who is connected. */
  emit<A extends keyof P["receives"] & string>(
    action: A,
    body?: Partial<P["receives"][A]>,
  ): void;
  /** Answers such frames with what `answer` returns: one frame or several. */
  on<A extends keyof P["sends"] & string>(
    action: A,
    answer: (frame: Frame) => Frame | Frame[] | void,
  ): void;
  /** Closes all connections; without a code as if the network were gone. */
  drop(code?: number, reason?: string): void;
  /** Refuses the next connection: a close code, and an HTTP status. */
  refuse(code: number, status?: number, data?: unknown): void;
}

export function mockServer<P extends Protocol = Protocol>(): MockServer<P> {
  const sockets = new Set<SocketLike>();
  const answers = new Map<string, (frame: Frame) => Frame | Frame[] | void>();
  let refusal: { code: number; status: number; data: unknown } | undefined;
  const give = (socket: SocketLike, frame: Frame): void =>
    socket.onmessage?.({ data: JSON.stringify(frame) });
  const drop = (socket: SocketLike, code: number, reason: string): void => {
    if (sockets.delete(socket)) socket.onclose?.({ code, reason });
  };
  const greet = (socket: SocketLike): void => {
    const { code, status, data } = refusal ?? {
      code: 0,
      status: 200,
      data: {},
    };
    refusal = undefined;
    socket.onopen?.({});
    give(socket, {
      [ACTION]: "authentication",
      [PAYLOAD]: { status_code: status, status_text: "", data },
    });
    if (code) drop(socket, code, "");
  };
  const server: MockServer<P> = {
    received: [],
    connections: [],
    socket(url, subprotocols) {
      server.connections.push({ url, subprotocols });
      const socket: SocketLike = {
        onopen: null,
        onmessage: null,
        onclose: null,
        onerror: null,
        send(text) {
          const frame: Frame = JSON.parse(text);
          server.received.push(frame);
          const answer = (answers.get(frame[ACTION])?.(frame) ?? []) as Frame;
          const id = frame[ID];
          for (const each of [answer].flat())
            give(socket, id == null ? each : { ...each, [REPLY_TO]: id });
        },
        close: (code = 1005) => drop(socket, code, ""),
      };
      sockets.add(socket);
      queueMicrotask(() => greet(socket));
      return socket;
    },
    emit(action, body) {
      for (const socket of [...sockets])
        give(socket, { [ACTION]: action, ...body });
    },
    on: (action, answer) => void answers.set(action, answer),
    drop(code = 1006, reason = "") {
      for (const socket of [...sockets]) drop(socket, code, reason);
    },
    refuse(code, status = 403, data = {}) {
      refusal = { code, status, data };
    },
  };
  return server;
}
