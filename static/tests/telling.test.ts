import { describe, expect, test } from "vitest";
import type { Channel, Message, Operation } from "../src/document.ts";
import type { Json } from "../src/json.ts";
import { readDocument } from "../src/read.ts";
import { tell, tellRepeats, tellResume } from "../src/telling.ts";
import { changed, chatDocument } from "./fixtures.ts";

const chat = readDocument(chatDocument).channels[0]!;
const post = chat.sends[0]!;
const message: Message = { ...post.messages[0]!, summary: undefined, description: undefined, title: undefined };

function inChannel(own: Message, operation: Partial<Operation>): Channel {
  return { ...chat, receives: [], sends: [{ ...post, description: undefined, messages: [own], ...operation }] };
}

test("the message's summary leads, then what its operation and it say, each text once", () => {
  const own = { ...message, summary: "Short.", description: "Say something.\n\nIn full." };
  const channel = inChannel(own, { summary: "Short.", description: "Say something." });
  expect(tell(own, channel)).toEqual({ lead: "Short.", rest: "Say something.\n\nIn full." });
});

test("an operation's description leads where the message says nothing", () => {
  expect(tell(message, inChannel(message, { description: "Does this.\n\nAnd that." }))).toEqual({
    lead: "Does this.",
    rest: "And that.",
  });
});

test("an operation that has nothing to do with the message is silent; then the title leads, unless it is the name", () => {
  const titled = { ...message, title: "New chat" };
  expect(tell(titled, inChannel({ ...message, key: "other" }, { description: "Other." }))).toEqual({
    lead: "New chat",
    rest: undefined,
  });
  expect(tell({ ...message, title: message.name }, inChannel(message, {})).lead).toBeUndefined();
});

describe("what a client gets that comes back", () => {
  const channel = (resume: Json) => readDocument(changed("channels", { c: { "x-resume": resume } })).channels[0]!;

  test.each([
    [{ size: 1000, ttl: 3600 }, "keeps the last 1,000 messages of each group until 1 hour after the newest."],
    [{ size: 1, ttl: 90 }, "keeps the last 1 message of each group until 90 seconds after the newest."],
    [{ size: 20, ttl: 172_800 }, "until 2 days after the newest."],
    [{ ttl: 60 }, "keeps messages of each group until 1 minute after the newest."],
    [{ size: "many" }, "keeps messages of each group. A client"],
  ])("%j", (kept, words) => {
    expect(tellResume(channel({ supported: true, ...kept }).resume!)).toContain(words);
  });

  test.each([{ supported: false, size: 5 }, { size: 5, ttl: 5 }, true, null])("%j: there is nothing to tell", (resume) => {
    expect(channel(resume).resume).toBeUndefined();
  });
});

describe("what may be sent again", () => {
  const operations = chatDocument["operations"] as Record<string, Json>;
  const sends = (told: Json, key = Object.keys(operations)[0]!): readonly Operation[] => {
    const named = Object.entries(operations).map(([name, operation]): [string, Json] => {
      const given = operation as Record<string, Json>;
      return [name, given["action"] === "receive" && name === key ? { ...given, "x-deduplication": told } : given];
    });
    return readDocument(changed("operations", Object.fromEntries(named))).channels[0]!.sends;
  };

  test.each([
    [300, "for 5 minutes"],
    [1, "for 1 second"],
    [0.5, "for 0.5 seconds"],
  ])("for %d seconds", (window, words) => {
    const told = tellRepeats(sends({ window }));
    expect(told).toContain(words);
    expect(told).toContain("are handled once: ");
  });

  test.each([{}, { window: 0 }, { window: -1 }, { window: "long" }, null, true])("%j: nothing", (told) => {
    expect(tellRepeats(sends(told))).toBeUndefined();
  });

  test("the shortest time counts, and each name is there once", () => {
    const both = [60, 120, undefined].map((repeatableFor) => ({ ...post, repeatableFor }));
    expect(tellRepeats(both)).toBe(
      `After a lost connection these may be sent again for 1 minute, and are handled once: ${post.messages[0]!.name}.`,
    );
  });
});
