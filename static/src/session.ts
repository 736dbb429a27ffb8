/** One console: what its reader has filled in, and its connection. It outlives the view that shows it. */

import { missingParameters, requiredQuery, socketUrl, type Target, targetOfPage, targetOfServer } from "./address.ts";
import { Connection, type Socket } from "./connection.ts";
import type { ApiDocument, Channel, Message } from "./document.ts";
import { exampleFrame, exampleText } from "./example.ts";
import { Observable } from "./observable.ts";
import { authorizationSubprotocols } from "./subprotocol.ts";

export interface Form {
  readonly parameters: ReadonlyMap<string, string>;
  readonly query: string;
  /** The word before the credential, empty when the token field holds the whole Authorization value. */
  readonly scheme: string;
  readonly token: string;
  /** The name of the document's server to connect to; `undefined`: the page's own host. */
  readonly server: string | undefined;
  /** Put an id into each frame, so that replies can be told apart. */
  readonly numbered: boolean;
  /** The key of the message being written. */
  readonly message: string | undefined;
}

/** What the page runs in; given, so that tests need no browser. */
export interface Surroundings {
  readonly location: { readonly protocol: string; readonly host: string };
  readonly createSocket: (url: string, subprotocols: readonly string[]) => Socket;
  readonly now: () => number;
}

export class Session extends Observable {
  readonly number: number;
  readonly document: ApiDocument;
  readonly channel: Channel;
  readonly connection: Connection;
  readonly #surroundings: Surroundings;
  /** Edited texts by message, so that looking at another message loses nothing. */
  readonly #drafts = new Map<string, string>();
  #form: Form;

  /** `like`: a session of the same channel whose handshake to start from, without its credential. */
  constructor(number: number, document: ApiDocument, channel: Channel, surroundings: Surroundings, like?: Session) {
    super();
    this.number = number;
    this.document = document;
    this.channel = channel;
    this.#surroundings = surroundings;
    this.connection = new Connection({ ...surroundings, envelope: document.envelope });
    this.#form = {
      parameters: new Map(channel.parameters.map(({ name, initial }) => [name, initial])),
      query: requiredQuery(channel),
      scheme: channel.security.find((scheme) => scheme.asSubprotocol)?.prefix ?? "Token",
      server: undefined,
      numbered: false,
      ...like?.form,
      token: "",
      message: this.messages[0]?.key,
    };
  }

  get form(): Form {
    return this.#form;
  }

  update(changes: Partial<Form>): void {
    this.#form = { ...this.#form, ...changes };
    this.changed();
  }

  /** What can be sent here, each message once. */
  get messages(): readonly Message[] {
    const messages = this.channel.sends.flatMap((operation) => operation.messages);
    return messages.filter((message, index) => messages.findIndex(({ key }) => key === message.key) === index);
  }

  get message(): Message | undefined {
    return this.messages.find(({ key }) => key === this.#form.message);
  }

  /** The text in the editor: what was written, else the message's example. */
  get draft(): string {
    return this.#drafts.get(this.#form.message ?? "") ?? this.#example();
  }

  get isDraftEdited(): boolean {
    return this.#drafts.has(this.#form.message ?? "");
  }

  write(text: string): void {
    this.#drafts.set(this.#form.message ?? "", text);
    this.changed();
  }

  /** Back to the message's example. */
  resetDraft(): void {
    this.#drafts.delete(this.#form.message ?? "");
    this.changed();
  }

  get url(): string {
    const { parameters, query } = this.#form;
    return socketUrl(this.#target(), this.channel.address ?? "", parameters, query);
  }

  /** Names of the address that have no value yet; nobody can connect before they have. */
  get missing(): readonly string[] {
    return missingParameters(this.channel, this.#form.parameters);
  }

  /** The value of the Authorization header that the server will see; empty: the session cookie counts. */
  get authorization(): string {
    const token = this.#form.token.trim();
    return token === "" ? "" : `${this.#form.scheme} ${token}`.trim();
  }

  connect(): void {
    if (this.missing.length > 0 || this.channel.address === undefined) return;
    this.connection.open(this.url, authorizationSubprotocols(this.authorization));
  }

  send(): boolean {
    return this.connection.send(this.draft, this.#form.numbered);
  }

  #target(): Target {
    const { servers } = this.channel;
    const chosen = servers.find(({ name }) => name === this.#form.server);
    return chosen === undefined
      ? targetOfPage(this.#surroundings.location, servers[0])
      : targetOfServer(chosen);
  }

  #example(): string {
    const message = this.message;
    if (message === undefined) return "";
    const declared = message.examples[0];
    return exampleText(
      declared === undefined
        ? exampleFrame(message.payload, this.document.references, this.document.envelope.idKey)
        : declared.payload,
    );
  }
}

/** Every console of the page, by channel. */
export class Workspace extends Observable {
  readonly #document: ApiDocument;
  readonly #surroundings: Surroundings;
  readonly #sessions = new Map<string, readonly Session[]>();
  #nextNumber = 1;

  constructor(document: ApiDocument, surroundings: Surroundings) {
    super();
    this.#document = document;
    this.#surroundings = surroundings;
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
    session.connection.close();
    const sessions = this.#sessions.get(session.channel.name) ?? [];
    this.#sessions.set(session.channel.name, sessions.filter((other) => other !== session));
    this.changed();
  }

  /** How many connections of a channel are open. */
  openConnections(channel: Channel): number {
    const sessions = this.#sessions.get(channel.name) ?? [];
    return sessions.filter(({ connection }) => connection.status.state === "open").length;
  }

  #create(channel: Channel, like?: Session): Session {
    const session = new Session(this.#nextNumber++, this.#document, channel, this.#surroundings, like);
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
