/** A socket for the runtime of generated clients, on which everything that passes can be seen as it travels. */

import type { SocketLike } from "../../chanx_asyncapi/codegen/typescript/runtime/runtime.ts";

/** The part of `WebSocket` that is used, so that a test can play the server. */
export interface Socket {
  readonly protocol: string;
  binaryType: BinaryType;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface Listener {
  opened(protocol: string): void;
  received(data: unknown): void;
  sent(text: string): void;
  closed(code: number, reason: string): void;
}

/** The listener hears of everything before the runtime does, and goes on to hear when the runtime has turned away. */
export class Tap implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  /** There is no use for it: an error says nothing, and in a browser a close always follows. */
  onerror: SocketLike["onerror"] = null;
  readonly #socket: Socket;
  readonly #listener: Listener;

  constructor(socket: Socket, listener: Listener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.binaryType = "arraybuffer";
    socket.onopen = (event) => {
      listener.opened(socket.protocol);
      this.onopen?.(event);
    };
    socket.onmessage = (event) => {
      listener.received(event.data);
      this.onmessage?.(event);
    };
    socket.onclose = (event) => {
      listener.closed(event.code, event.reason);
      this.onclose?.(event);
    };
  }

  send(text: string): void {
    this.#socket.send(text);
    this.#listener.sent(text);
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  /** Nothing more of this socket is of interest. */
  mute(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
  }
}
