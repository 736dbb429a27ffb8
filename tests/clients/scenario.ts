/**
 * What a front end does with the client of the demo, against a real server: in Node.js, and in a browser.
 *
 * Takes what differs between the two, and gives what has happened, as data.
 */

import {
  type ChatChannel,
  type Client,
  connectAssistant,
  connectChat,
  connectNotifications,
  RequestFailed,
  RequestTimeout,
  SocketClosed,
} from "./sdk/index.ts";

export interface Environment {
  /** Where the demo is. */
  host: string;
  /** Tokens of users, the first of whom owns the room that nobody else may enter. */
  alice: string;
  bob: string;
  /** Has the server end, and begin anew at the same address. */
  restart: () => Promise<void>;
}

/** Counts the sockets that are opened: a storm of attempts would be seen. */
let sockets = 0;
const counted = (url: string, subprotocols: string[]): WebSocket => {
  sockets += 1;
  return new WebSocket(url, subprotocols);
};

const named = (error: unknown): unknown[] =>
  error instanceof SocketClosed
    ? [error.name, error.code]
    : error instanceof RequestFailed || error instanceof RequestTimeout
      ? [error.name]
      : [String(error)];

const refusal = (promise: Promise<unknown>): Promise<unknown[]> => promise.then(() => ["nothing"], named);

/** The next frame that fits; fails after half a minute. */
async function until<T>(frames: AsyncIterableIterator<T>, fits: (frame: T) => boolean = () => true): Promise<T> {
  const limit = setTimeout(() => void frames.return?.(), 30_000);
  for await (const frame of frames)
    if (fits(frame)) {
      clearTimeout(limit);
      return frame;
    }
  throw new Error("no such frame came");
}

function chatOf(environment: Environment, token: string, pk = 1): Client<ChatChannel> {
  return connectChat({ host: environment.host, params: { pk }, auth: () => ({ token }), socket: counted });
}

export async function scenario(environment: Environment): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  const alice = chatOf(environment, environment.alice);
  const bob = connectChat({
    host: environment.host,
    params: { pk: 1 },
    // The first token has expired.
    auth: ({ refresh }) => ({ token: refresh ? environment.bob : "expired" }),
    socket: counted,
    retry: { min: 50, max: 500 },
  });
  const bobsStates: unknown[] = [];
  bob.watch((state, { reconnected, close }) => bobsStates.push([state, reconnected, close?.code ?? null]));
  await Promise.all([alice.connect(), bob.connect()]);
  seen["refreshed"] = [...bobsStates];

  // Every operation of the chat.
  const toBob = bob.stream("message_posted", "user_typing");
  const posted = await alice.request("post_message", { payload: { text: "Hello, @bob!" } });
  seen["posted"] = posted.action === "posted" ? [posted.payload.author, posted.payload.text] : posted;
  const message = await until(toBob, ({ action }) => action === "message_posted");
  seen["relayed"] = message.action === "message_posted" ? [message.payload.text, message.is_mine] : message;
  const typing = bob.stream("user_typing");
  alice.send("set_typing", { payload: { typing: true } });
  seen["typing"] = (await until(typing)).payload;
  const history = await bob.request("fetch_history", { payload: { limit: 1 } });
  seen["history"] = history.payload.messages.map(({ text }) => text);
  seen["defaults"] = (await bob.request("fetch_history")).action;
  seen["pong"] = (await bob.request("ping")).action;

  // Errors.
  const failed = await alice
    .request("post_message", { payload: { text: "" } })
    .catch((error: unknown) => error as RequestFailed<ChatChannel["failure"]>);
  seen["failed"] = failed instanceof RequestFailed && Array.isArray(failed.payload) ? failed.payload[0]?.type : failed;
  const controller = new AbortController();
  const aborted = refusal(alice.request("ping", {}, { signal: controller.signal }));
  controller.abort(new Error("changed my mind"));
  seen["aborted"] = await aborted;

  // An answer in pieces.
  const assistant = connectAssistant({ host: environment.host, socket: counted });
  const ready = assistant.stream("ready");
  await assistant.connect();
  seen["ready"] = typeof (await until(ready)).payload.session;
  const question = { payload: { question: "How do I log in?" } };
  // Each piece of the answer takes longer than that.
  seen["late"] = await refusal(assistant.request("ask", question, { timeout: 5 }));
  const pieces: string[] = [];
  for await (const reply of assistant.replies("ask", question)) {
    if (reply.action === "done") {
      seen["done"] = [reply.payload.reason, reply.payload.tokens === pieces.length];
      break;
    }
    pieces.push(reply.payload.text);
  }
  assistant.close();

  // Another channel.
  const notifications = connectNotifications({
    host: environment.host,
    auth: () => ({ token: environment.bob }),
    socket: counted,
  });
  const unread = notifications.stream("unread");
  await notifications.connect();
  seen["unread"] = (await until(unread)).payload.count > 0;
  const afterwards = notifications.stream("unread");
  notifications.send("mark_read");
  seen["read"] = (await until(afterwards)).payload.count;
  notifications.close();

  // Refused for good: one socket each, and no other one afterwards.
  const before = sockets;
  const refused = chatOf(environment, environment.bob, 2);
  const missing = chatOf(environment, environment.bob, 9_999);
  const stranger = connectChat({ host: environment.host, params: { pk: 1 }, socket: counted });
  const wrong = connectChat({
    host: environment.host,
    params: { pk: 1 },
    auth: () => ({ token: "wrong" }),
    socket: counted,
  });
  seen["refused"] = await Promise.all([refused, missing, stranger, wrong].map((chat) => refusal(chat.connect())));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  seen["sockets"] = sockets - before;

  // The server begins anew.
  bobsStates.length = 0;
  alice.close();
  const frames = bob.stream("message_posted");
  await environment.restart();
  await bob.connect();
  seen["restarted"] = bobsStates.map((state) => (state as unknown[]).slice(0, 2));
  const again = chatOf(environment, environment.alice);
  await again.connect();
  await again.request("post_message", { payload: { text: "Still here?" } });
  seen["afterwards"] = (await until(frames)).payload.text;
  again.close();
  bob.close();
  seen["states"] = [alice, bob, refused].map(({ state }) => state);
  return seen;
}
