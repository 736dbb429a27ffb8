/** Every console of the page, by channel. */

import { Library } from "./console/library.ts";
import type { Prefill } from "./console/prefill.ts";
import { SdkSnippets } from "./console/sdkSnippets.ts";
import { Keeper } from "./console/storage.ts";
import { get, isObject } from "./json.ts";
import type { ApiDocument, Channel } from "./document.ts";
import { counter } from "./log.ts";
import { Observable } from "./observable.ts";
import { Session, type Shared, type Surroundings } from "./session.ts";

/** How a frame is written, and how the logs of several connections are shown. */
export interface Preferences {
  readonly composer: "form" | "json";
  readonly logs: "each" | "merged";
}

export class Workspace extends Observable {
  readonly library: Library;
  readonly #document: ApiDocument;
  readonly #shared: Shared;
  readonly #keeper: Keeper;
  readonly #sessions = new Map<string, readonly Session[]>();
  readonly #followed = new Set<string>();
  #nextNumber = 1;

  constructor(document: ApiDocument, surroundings: Surroundings) {
    super();
    this.#document = document;
    this.#keeper = new Keeper(surroundings.storage, `chanx:${surroundings.location.pathname}:`);
    this.library = new Library(this.#keeper);
    const sdkSnippets = new SdkSnippets(surroundings.loadSnippets);
    this.#shared = { surroundings, library: this.library, sdkSnippets, nextKey: counter() };
  }

  get preferences(): Preferences {
    const kept = this.#keeper.read("preferences");
    const one = (name: string): unknown => (isObject(kept) ? get(kept, name) : undefined);
    return {
      composer: one("composer") === "json" ? "json" : "form",
      logs: one("logs") === "merged" ? "merged" : "each",
    };
  }

  prefer(changes: Partial<Preferences>): void {
    this.#keeper.write("preferences", { ...this.preferences, ...changes });
    this.changed();
  }

  /** The consoles of a channel; a first one is made when it is looked at. */
  sessions(channel: Channel): readonly Session[] {
    const existing = this.#sessions.get(channel.name);
    if (existing !== undefined) return existing;
    const first = [this.#create(channel)];
    this.#sessions.set(channel.name, first);
    return first;
  }

  /** Another console on the channel: a second user, a second tab. */
  add(channel: Channel): void {
    const sessions = this.sessions(channel);
    this.#sessions.set(channel.name, [...sessions, this.#create(channel, sessions.at(-1))]);
    this.changed();
  }

  /** Close and forget a console. */
  remove(session: Session): void {
    session.disconnect();
    const sessions = this.#sessions.get(session.channel.name) ?? [];
    this.#sessions.set(session.channel.name, sessions.filter((other) => other !== session));
    this.changed();
  }

  /**
   * Fill what a link brought into a console that is not connected; another one is made when all are.
   *
   * Each link once, whatever way leads back to it: what its reader has changed since must stay. Returns whether this
   * was the first time.
   */
  fill(channel: Channel, prefill: Prefill, link: string): boolean {
    if (this.#followed.has(link)) return false;
    this.#followed.add(link);
    const isFree = (session: Session): boolean => !session.connection.isActive;
    if (!this.sessions(channel).some(isFree)) this.add(channel);
    this.sessions(channel).find(isFree)?.fill(prefill);
    return true;
  }

  /** How many connections of a channel are open. */
  openConnections(channel: Channel): number {
    const sessions = this.#sessions.get(channel.name) ?? [];
    return sessions.filter(({ connection }) => connection.status.state === "open").length;
  }

  #create(channel: Channel, like?: Session): Session {
    const session = new Session(this.#nextNumber++, this.#document, channel, this.#shared, like);
    let state = session.connection.status.state;
    session.connection.subscribe(() => {
      // Frames come by the thousand; the page beside the console only shows who is connected.
      if (session.connection.status.state === state) return;
      state = session.connection.status.state;
      this.changed();
    });
    return session;
  }
}
