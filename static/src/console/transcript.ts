/**
 * A session as a file: in a format of our own, or as browsers save WebSockets in a HAR 1.2 (`_webSocketMessages`). Both
 * can be read again. What is read may be anything.
 */

import { get, getList, getNumber, getObject, getText, isObject, type Json, parseJson } from "../json.ts";
import type { LogEntry } from "../log.ts";
import type { Direction } from "./check.ts";

export interface Transcript {
  /** The channel's key in its document; `undefined` in a HAR. */
  readonly channel: string | undefined;
  readonly url: string | undefined;
  readonly frames: readonly TranscriptFrame[];
}

export interface TranscriptFrame {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly direction: Direction;
  readonly text: string;
}

const FORMAT = "chanx-session";
const VERSION = 1;

/** Where the entries come from. `url` must hold no credential: a file is passed on. */
export interface Origin {
  readonly channel: string;
  readonly url: string;
  readonly title: string;
}

/** Binary frames are not in it: their bytes were not kept. */
export function asSessionFile(entries: readonly LogEntry[], { channel, url, title }: Origin): string {
  const lines = entries.flatMap((entry): Json[] => {
    const at = new Date(entry.at).toISOString();
    if (entry.kind === "frame") return entry.isBinary ? [] : [{ at, [entry.direction]: entry.text }];
    const event = { at, event: entry.event, text: entry.text };
    return [entry.code === undefined ? event : { ...event, code: entry.code }];
  });
  return JSON.stringify({ format: FORMAT, version: VERSION, title, channel, url, entries: lines }, undefined, 2);
}

/** HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/, with the field in which Chromium keeps the frames. */
export function asHar(entries: readonly LogEntry[], { url, title }: Origin): string {
  const frames = entries.flatMap((entry) => (entry.kind === "frame" && !entry.isBinary ? [entry] : []));
  const started = new Date(entries[0]?.at ?? 0).toISOString();
  const time = (entries.at(-1)?.at ?? 0) - (entries[0]?.at ?? 0);
  const nothing = { httpVersion: "HTTP/1.1", cookies: [], headers: [], headersSize: -1, bodySize: -1 };
  const log = {
    version: "1.2",
    creator: { name: "chanx playground", version: String(VERSION) },
    pages: [],
    entries: [
      {
        startedDateTime: started,
        time,
        comment: title,
        request: { ...nothing, method: "GET", url, queryString: [] },
        response: {
          ...nothing,
          status: 101,
          statusText: "Switching Protocols",
          redirectURL: "",
          content: { size: 0, mimeType: "x-unknown" },
        },
        cache: {},
        timings: { send: 0, wait: 0, receive: time },
        _resourceType: "websocket",
        _webSocketMessages: frames.map(({ direction, at, text }) => ({
          type: direction === "sent" ? "send" : "receive",
          time: at / 1_000,
          opcode: 1,
          data: text,
        })),
      },
    ],
  };
  return JSON.stringify({ log }, undefined, 2);
}

/** The file is neither: what it is, for the person who chose it. */
export class TranscriptError extends Error {
  override readonly name = "TranscriptError";
}

/** Raises `TranscriptError`. */
export function readTranscript(text: string): Transcript {
  const json = parseJson(text);
  if (json === undefined) throw new TranscriptError("The file is not JSON.");
  if (!isObject(json)) throw new TranscriptError("The file is JSON, but no session and no HAR.");
  if (get(json, "format") === FORMAT) {
    const version = getNumber(json, "version");
    if (version !== VERSION) throw new TranscriptError(`The session has version ${version}; this page reads ${VERSION}.`);
    const frames = getList(json, "entries").flatMap(readEntry);
    return { channel: getText(json, "channel"), url: getText(json, "url"), frames };
  }
  const sockets = getList(getObject(json, "log"), "entries").filter(
    (entry) => isObject(entry) && Array.isArray(get(entry, "_webSocketMessages")),
  );
  if (sockets.length === 0) throw new TranscriptError("The file holds no session and no HAR with a WebSocket.");
  const frames = sockets.flatMap((entry) => (isObject(entry) ? getList(entry, "_webSocketMessages") : [])).flatMap(readHarFrame);
  const first = sockets[0];
  return { channel: undefined, url: isObject(first) ? getText(getObject(first, "request"), "url") : undefined, frames };
}

function readEntry(value: Json): readonly TranscriptFrame[] {
  if (!isObject(value)) return [];
  const at = Date.parse(getText(value, "at") ?? "");
  for (const direction of ["sent", "received"] as const) {
    const text = getText(value, direction);
    if (text !== undefined && !Number.isNaN(at)) return [{ at, direction, text }];
  }
  return [];
}

function readHarFrame(value: Json): readonly TranscriptFrame[] {
  if (!isObject(value) || (getNumber(value, "opcode") ?? 1) !== 1) return [];
  const [type, seconds, text] = [getText(value, "type"), getNumber(value, "time"), getText(value, "data")];
  if (text === undefined || seconds === undefined || (type !== "send" && type !== "receive")) return [];
  return [{ at: seconds * 1_000, direction: type === "send" ? "sent" : "received", text }];
}
