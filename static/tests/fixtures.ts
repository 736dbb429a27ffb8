import type { Json, JsonObject } from "../src/json.ts";
import type { Draft, FrameEntry } from "../src/log.ts";
import type { Surroundings } from "../src/session.ts";
import type { Socket } from "../src/tap.ts";

/** A chat as the server describes it: parameters, a reply, a broadcast, a recursive schema. */
export const chatDocument: JsonObject = {
  asyncapi: "3.1.0",
  info: { title: "Demo", version: "1.2.3", description: "A demo." },
  servers: {
    main: {
      host: "example.com",
      protocol: "wss",
      pathname: "/live",
      security: [{ $ref: "#/components/securitySchemes/token" }],
    },
    other: { host: "other.example.com", protocol: "wss" },
  },
  channels: {
    chat: {
      address: "/ws/chat/{room}/{side}",
      servers: [{ $ref: "#/servers/main" }],
      parameters: {
        room: { description: "Which room.", "x-schema": { type: "integer" }, examples: ["7"] },
        side: { $ref: "#/components/parameters/side" },
      },
      messages: {
        new_chat: { $ref: "#/components/messages/NewChat" },
        posted: { $ref: "#/components/messages/Posted" },
        error: { $ref: "#/components/messages/Error" },
      },
      bindings: {
        ws: {
          query: {
            type: "object",
            properties: {
              since: { type: "string", format: "date-time" },
              kind: { type: "string", enum: ["b & c", "d"] },
            },
            required: ["kind"],
          },
        },
      },
      "x-permissions": ["IsAuthenticated", { name: "IsMember", description: "Only members." }],
    },
    news: { address: "/ws/news", messages: { item: { payload: { type: "string" } } } },
  },
  operations: {
    post: {
      action: "receive",
      channel: { $ref: "#/channels/chat" },
      description: "Say something.",
      messages: [{ $ref: "#/channels/chat/messages/new_chat" }],
      reply: {
        channel: { $ref: "#/channels/chat" },
        messages: [{ $ref: "#/channels/chat/messages/posted" }, { $ref: "#/channels/chat/messages/error" }],
      },
    },
    broadcast: {
      action: "send",
      channel: { $ref: "#/channels/chat" },
      messages: [{ $ref: "#/channels/chat/messages/posted" }],
    },
    tell: { action: "send", channel: { $ref: "#/channels/news" } },
  },
  components: {
    parameters: { side: { enum: ["left", "right"], default: "right" } },
    securitySchemes: { token: { type: "http", scheme: "bearer", "x-subprotocol": "chanx.auth" } },
    messages: {
      NewChat: {
        name: "new_chat",
        summary: "A new text.",
        payload: { $ref: "#/components/schemas/NewChat" },
      },
      Posted: { name: "Posted", payload: { $ref: "#/components/schemas/Posted" } },
      Error: { name: "error", payload: { type: "object", properties: { action: { enum: ["error"] } } } },
    },
    schemas: {
      NewChat: {
        type: "object",
        required: ["action", "payload"],
        properties: { action: { const: "new_chat" }, payload: { $ref: "#/components/schemas/Text" } },
      },
      Text: {
        type: "object",
        required: ["text"],
        properties: {
          text: { type: "string", minLength: 1, maxLength: 200 },
          parent: { anyOf: [{ $ref: "#/components/schemas/Text" }, { type: "null" }], default: null },
        },
      },
      Posted: {
        type: "object",
        required: ["action"],
        properties: { action: { const: "posted" }, payload: { allOf: [{ $ref: "#/components/schemas/Text" }] } },
      },
    },
  },
  "x-envelope": { actionKey: "action", payloadKey: "payload", idKey: "id", replyToKey: "reply_to", idMaxLength: 64 },
  "x-close-codes": [
    { code: 1001, daphne: 4001, name: "GOING_AWAY", meaning: "The server stops.", retry: "yes" },
    { code: 4401, daphne: 4401, name: "not authenticated", meaning: "Who are you?", retry: "no" },
  ],
};

/** The document with one part replaced. */
export function changed(key: string, value: Json): JsonObject {
  return { ...chatDocument, [key]: value };
}

/** A socket whose server is the test. */
export class FakeSocket implements Socket {
  readonly url: string;
  readonly offered: readonly string[];
  readonly sent: string[] = [];
  protocol = "";
  binaryType: BinaryType = "blob";
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  closedWith: number | undefined;

  constructor(url: string, offered: readonly string[] = []) {
    this.url = url;
    this.offered = offered;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  accept(protocol = ""): void {
    this.protocol = protocol;
    this.onopen?.({} as Event);
  }

  deliver(data: unknown): void {
    this.onmessage?.({ data } as MessageEvent);
  }

  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason } as CloseEvent);
  }
}

/** A connection that is being opened has its socket: the runtime asks for a credential first. */
export async function dialled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

/** The subprotocols that carry the value of an Authorization header. */
export function carrying(authorization: string): readonly string[] {
  return ["chanx.v1", `chanx.auth.${Buffer.from(authorization).toString("base64url")}`];
}

/** A received frame of which nobody knows more than its text. */
export function frame(text: string, changes: Partial<Draft<FrameEntry>> = {}): Draft<FrameEntry> {
  return {
    kind: "frame",
    direction: "received",
    at: 0,
    text,
    isBinary: false,
    verdict: { state: "unchecked" },
    name: undefined,
    id: undefined,
    replyTo: undefined,
    isError: false,
    request: undefined,
    answer: undefined,
    ...changes,
  };
}

/** A browser's storage that forgets when the test ends, and says no when it is told to. */
export class FakeStorage {
  readonly texts = new Map<string, string>();
  refuses = false;

  getItem(key: string): string | null {
    if (this.refuses) throw new DOMException("no", "SecurityError");
    return this.texts.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.refuses) throw new DOMException("full", "QuotaExceededError");
    this.texts.set(key, value);
  }
}

/** A page on `here:8000` whose sockets, clock and timers are the test's. */
export class FakePage implements Surroundings {
  readonly location = { protocol: "http:", host: "here:8000", pathname: "/ws-docs/" };
  readonly storage = new FakeStorage();
  readonly sockets: FakeSocket[] = [];
  /** What waits for its time. */
  readonly waiting: { readonly wait: number; readonly call: () => void }[] = [];
  time = 0;

  readonly createSocket = (url: string, offered: readonly string[]): FakeSocket => {
    const socket = new FakeSocket(url, offered);
    this.sockets.push(socket);
    return socket;
  };

  readonly now = (): number => this.time;

  readonly later = (wait: number, call: () => void): (() => void) => {
    const entry = { wait, call };
    this.waiting.push(entry);
    return () => {
      const at = this.waiting.indexOf(entry);
      if (at >= 0) this.waiting.splice(at, 1);
    };
  };

  /** What the server has for this; without it there is none. */
  snippets: string | undefined;
  readonly loadSnippets = (): Promise<string> =>
    this.snippets === undefined ? Promise.reject(new Error("404")) : Promise.resolve(this.snippets);

  /** The time of the next one has come. Returns how long it waited. */
  tick(): number | undefined {
    const next = this.waiting.shift();
    if (next === undefined) return undefined;
    this.time += next.wait;
    next.call();
    return next.wait;
  }
}
