/** A chat on the generated client: what it says about the connection, who writes, and what was written. */

import { type ChatChannel, type Client, connectChat, SocketClosed } from "./sdk/index.ts";

interface Message {
  id: number;
  author: string;
  text: string;
}

const SAVED_TOKEN = "demo-token";
/** Milliseconds after which somebody who has said nothing more is no longer writing. */
const TYPING_SHOWN = 4_000;

const element = <T extends HTMLElement>(id: string, kind: new () => T): T => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`#${id} is missing`);
  return found;
};

const list = element("messages", HTMLOListElement);
const status = element("status", HTMLElement);
const present = element("present", HTMLElement);
const typing = element("typing", HTMLElement);
const notice = element("notice", HTMLElement);
const form = element("form", HTMLFormElement);
const text = element("text", HTMLInputElement);
const button = element("send", HTMLButtonElement);

/** The token of who is logged in: the one that is kept, unless the server has refused it. */
async function token(refresh: boolean): Promise<{ token: string } | null> {
  const saved = sessionStorage.getItem(SAVED_TOKEN);
  if (saved !== null && !refresh) return { token: saved };
  const response = await fetch("/api/demo-token/");
  if (response.status === 401 || response.status === 403) return null;
  const { token } = (await response.json()) as { token: string };
  sessionStorage.setItem(SAVED_TOKEN, token);
  return { token };
}

function show({ id, author, text }: Message): void {
  // After a reconnect the history holds what is there already.
  if (list.querySelector(`[data-id="${id}"]`)) return;
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = author;
  item.dataset["id"] = String(id);
  item.append(name, ` ${text}`);
  list.append(item);
  item.scrollIntoView({ block: "nearest" });
}

function showTyping(chat: Client<ChatChannel>): void {
  const writing = new Map<string, ReturnType<typeof setTimeout>>();
  const draw = (): void => {
    const names = [...writing.keys()];
    typing.textContent = names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} writing…`;
  };
  const stop = (user: string): void => {
    clearTimeout(writing.get(user));
    writing.delete(user);
    draw();
  };
  chat.on("user_typing", ({ payload: { user, typing } }) => {
    stop(user);
    if (!typing) return;
    writing.set(user, setTimeout(stop, TYPING_SHOWN, user));
    draw();
  });
  chat.on("message_posted", ({ payload }) => stop(payload.author));
}

/** Who is in the room: a list at first, and then what changes. */
function showPresence(chat: Client<ChatChannel>): void {
  const names = new Map<string, string>();
  let you: string | null = null;
  const draw = (count: number): void => {
    const shown = [...names].map(([id, name]) => (id === you ? `${name} (you)` : name));
    // Too many to be listed are counted.
    present.textContent = `Here: ${shown.length === count ? shown.join(", ") : count}`;
  };
  chat.on("presence", ({ payload }) => {
    you = payload.you;
    names.clear();
    for (const { id, info } of payload.members ?? []) names.set(id, info.user);
    draw(payload.count);
  });
  chat.on("presence_changed", ({ payload }) => {
    for (const id of payload.left) names.delete(id);
    for (const { id, info } of [...payload.joined, ...payload.updated]) names.set(id, info.user);
    draw(payload.count);
  });
  chat.watch((state) => {
    if (state !== "open" && state !== "connecting") present.textContent = "";
  });
}

/** Tells the others, but not at each key. */
function tellTyping(chat: Client<ChatChannel>): void {
  let told = 0;
  const tell = (typing: boolean): void => {
    if (chat.state === "open") chat.send("set_typing", { payload: { typing } });
  };
  text.addEventListener("input", () => {
    if (text.value === "") return tell(false);
    if (Date.now() - told < TYPING_SHOWN / 2) return;
    told = Date.now();
    tell(true);
  });
}

function tellState(chat: Client<ChatChannel>): void {
  chat.watch((state, { reconnected, close, delay }) => {
    status.dataset["state"] = state;
    button.disabled = state !== "open";
    status.textContent =
      state === "open"
        ? reconnected
          ? "Connected again"
          : "Connected"
        : state === "waiting"
          ? delay === Infinity
            ? "Offline"
            : `Lost the connection (${close?.code}), trying again…`
          : state === "closed"
            ? `Closed with ${close?.code}`
            : "Connecting…";
    // The client gets by itself what was written meanwhile; announcements and removals are not kept for it.
    // The connection may be gone again before the answer: then the next one asks.
    if (state === "open")
      loadHistory(chat).catch((error: unknown) => {
        if (!(error instanceof SocketClosed)) throw error;
      });
  });
}

async function loadHistory(chat: Client<ChatChannel>): Promise<void> {
  const { payload } = await chat.request("fetch_history", { payload: { limit: 50 } });
  payload.messages.forEach(show);
}

async function post(chat: Client<ChatChannel>): Promise<void> {
  notice.textContent = "";
  try {
    const answer = await chat.request("post_message", { payload: { text: text.value } });
    if (answer.action === "refused") {
      notice.textContent = answer.payload.detail;
      return;
    }
    show(answer.payload);
    text.value = "";
  } catch (error) {
    notice.textContent = `Not sent: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const chat = connectChat({
  host: location.host,
  params: { pk: Number(document.body.dataset["room"]) },
  auth: ({ refresh }) => token(refresh),
  retry: { min: 250, max: 5_000 },
});
for (const action of ["message_posted", "announcement"] as const) chat.on(action, ({ payload }) => show(payload));
chat.on("removed", ({ payload }) => list.querySelector(`[data-id="${payload.id}"]`)?.remove());
tellState(chat);
showTyping(chat);
showPresence(chat);
tellTyping(chat);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void post(chat);
});
chat.connect().catch(() => {
  // The state has told already.
});
