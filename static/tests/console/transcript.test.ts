import { describe, expect, test } from "vitest";
import { asHar, asSessionFile, readTranscript, TranscriptError } from "../../src/console/transcript.ts";
import { Log } from "../../src/log.ts";
import { frame } from "../fixtures.ts";

const origin = { channel: "chat", url: "ws://h/a", title: "Demo" };
const log = new Log();
log.append({ kind: "event", event: "connecting", at: 500, text: "Connecting to ws://h/a", code: undefined });
log.append(frame('{"action":"a"}', { direction: "sent", at: 1_000 }));
log.append(frame("no json", { at: 1_250 }));
log.append(frame("binary frame of 3 bytes", { at: 1_300, isBinary: true }));
log.append({ kind: "event", event: "closed", at: 2_000, text: "Closed with 1000", code: 1000 });
const frames = [
  { at: 1_000, direction: "sent", text: '{"action":"a"}' },
  { at: 1_250, direction: "received", text: "no json" },
];

test("a session file is read again as it was", () => {
  const text = asSessionFile(log.entries, origin);
  expect(readTranscript(text)).toEqual({ channel: "chat", url: "ws://h/a", frames });
  expect((JSON.parse(text) as { entries: unknown[] }).entries.at(-1)).toEqual({
    at: "1970-01-01T00:00:02.000Z",
    event: "closed",
    text: "Closed with 1000",
    code: 1000,
  });
});

test("a HAR is read again, and has what readers of HAR 1.2 demand", () => {
  const text = asHar(log.entries, origin);
  expect(readTranscript(text)).toEqual({ channel: undefined, url: "ws://h/a", frames });
  const { log: har } = JSON.parse(text) as { log: { version: string; entries: Record<string, unknown>[] } };
  expect(har.version).toBe("1.2");
  expect(har.entries[0]).toMatchObject({
    startedDateTime: "1970-01-01T00:00:00.500Z",
    time: 1_500,
    _webSocketMessages: [{ type: "send", time: 1, opcode: 1 }, { type: "receive", time: 1.25 }],
  });
});

describe("a file of somebody else", () => {
  test.each([
    ["no json", "not JSON"],
    ["[]", "no session and no HAR"],
    ["{}", "holds no session"],
    ['{"log": {"entries": [{}]}}', "holds no session"],
    ['{"format": "chanx-session", "version": 2}', "version 2"],
  ])("%s is refused in words", (text, words) => {
    expect(() => readTranscript(text)).toThrow(TranscriptError);
    expect(() => readTranscript(text)).toThrow(words);
  });

  test("entries that are none are left out", () => {
    const entries = [null, 3, { at: "never", sent: "a" }, { at: "2030-01-01T00:00:00Z", sent: 3 }, { at: "2030-01-01T00:00:00Z", received: "b" }];
    expect(readTranscript(JSON.stringify({ format: "chanx-session", version: 1, entries })).frames.map(({ text }) => text)).toEqual(["b"]);
    const messages = [{ type: "send", time: 1, opcode: 2, data: "AAA=" }, { type: "other", time: 1, data: "a" }, { type: "receive", time: 2, opcode: 1, data: "c" }];
    expect(readTranscript(JSON.stringify({ log: { entries: [{ _webSocketMessages: messages }] } })).frames.map(({ text }) => text)).toEqual(["c"]);
  });
});
