/** One console: what its reader has filled in, and its connection. It outlives the view that shows it. */

import { missingParameters, requiredQuery, socketUrl, type Target, targetOfPage, targetOfServer } from "./address.ts";
import { channelRules } from "./channelRules.ts";
import { Connection } from "./connection.ts";
import { FrameCheck } from "./console/check.ts";
import { type Draft, exampleOf, readDraft, textOf } from "./console/draft.ts";
import type { Library } from "./console/library.ts";
import { formatPrefill, type Prefill } from "./console/prefill.ts";
import { secretParameters, withoutParameters } from "./console/query.ts";
import { type Later, Replay } from "./console/replay.ts";
import { asCode, payloadOf, type SdkSnippets } from "./console/sdkSnippets.ts";
import { holdsSecret } from "./console/secrets.ts";
import { type Snippet, snippets } from "./console/snippets.ts";
import type { TextStorage } from "./console/storage.ts";
import { type Origin, readTranscript } from "./console/transcript.ts";
import type { Tree } from "./console/tree.ts";
import { accepts } from "./console/validate.ts";
import type { ApiDocument, Channel, Message } from "./document.ts";
import { get, getList, getObject } from "./json.ts";
import { type Counter, Log } from "./log.ts";
import { Observable } from "./observable.ts";
import { channelHref } from "./route.ts";
import { flatten } from "./schema.ts";
import type { Socket } from "./tap.ts";

export interface Form {
  /** What the reader calls this connection; empty: its number. */
  readonly label: string;
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
  readonly location: { readonly protocol: string; readonly host: string; readonly pathname: string };
  readonly createSocket: (url: string, subprotocols: readonly string[]) => Socket;
  readonly now: () => number;
  readonly later: Later;
  readonly storage: TextStorage | undefined;
  /** The text of the server's snippets; rejects where there are none. */
  readonly loadSnippets: () => Promise<string>;
}

/** What the consoles of a page have in common. */
export interface Shared {
  readonly surroundings: Surroundings;
  readonly library: Library;
  readonly sdkSnippets: SdkSnippets;
  /** One order for the entries of all logs. */
  readonly nextKey: Counter;
}

export class Session extends Observable {
  readonly number: number;
  readonly document: ApiDocument;
  readonly channel: Channel;
  readonly connection: Connection;
  readonly replay: Replay;
  readonly library: Library;
  readonly sdkSnippets: SdkSnippets;
  readonly #surroundings: Surroundings;
  /** Edited texts by message, so that looking at another message loses nothing. */
  readonly #drafts = new Map<string, string>();
  #form: Form;
  #read: { readonly draft: Draft; readonly message: Message | undefined } | undefined;

  /** `like`: a session of the same channel whose handshake to start from, without its credential. */
  constructor(number: number, document: ApiDocument, channel: Channel, shared: Shared, like?: Session) {
    super();
    const { surroundings, library, sdkSnippets, nextKey } = shared;
    this.number = number;
    this.document = document;
    this.channel = channel;
    this.library = library;
    this.sdkSnippets = sdkSnippets;
    this.#surroundings = surroundings;
    this.connection = new Connection({
      ...surroundings,
      envelope: document.envelope,
      rules: channelRules(document, channel),
      log: new Log(undefined, undefined, nextKey),
      check: new FrameCheck(channel, document.references),
    });
    this.replay = new Replay((text) => this.connection.send(text), surroundings.later);
    this.#form = {
      parameters: new Map(channel.parameters.map(({ name, initial }) => [name, initial])),
      query: requiredQuery(channel),
      scheme: channel.security.find((scheme) => scheme.asSubprotocol)?.prefix ?? "Token",
      server: undefined,
      numbered: true,
      ...like?.form,
      label: "",
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
  get text(): string {
    return this.#drafts.get(this.#form.message ?? "") ?? this.#example();
  }

  /** The text, read as JSON and held against the schema of the message. */
  get draft(): Draft {
    const { message, text } = this;
    if (this.#read === undefined || this.#read.draft.text !== text || this.#read.message !== message) {
      this.#read = { draft: readDraft(text, message, this.document.references), message };
    }
    return this.#read.draft;
  }

  get isDraftEdited(): boolean {
    return this.#drafts.has(this.#form.message ?? "");
  }

  write(text: string): void {
    this.#drafts.set(this.#form.message ?? "", text);
    this.changed();
  }

  /** Write the text that the tree stands for. */
  writeTree(tree: Tree): void {
    this.write(textOf(tree));
  }

  /** Put a text into the composer, under the message that it is, or as "anything else". */
  compose(text: string, message: string | undefined): void {
    this.#form = { ...this.#form, message: this.messages.find(({ key }) => key === message)?.key };
    this.write(text);
  }

  /** Back to the message's example. */
  resetDraft(): void {
    this.#drafts.delete(this.#form.message ?? "");
    this.changed();
  }

  /** Write one of the examples that the document declares for the message. */
  writeExample(number: number): void {
    const { message, document } = this;
    if (message !== undefined) this.write(exampleOf(message, document.references, document.envelope.idKey, number));
  }

  get url(): string {
    const { parameters, query } = this.#form;
    return socketUrl(this.#target(), this.channel.address ?? "", parameters, query);
  }

  /** The URL for other eyes: without parameters that are credentials. */
  get publicUrl(): string {
    const { parameters } = this.#form;
    return socketUrl(this.#target(), this.channel.address ?? "", parameters, this.#publicQuery());
  }

  /** Whether the connection goes to the host of the page, whose cookies count. */
  get isOwnHost(): boolean {
    return this.#target().host === this.#surroundings.location.host;
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
    // Whoever waits to be connected again may fill in something else meanwhile.
    this.connection.open(() => {
      if (this.missing.length > 0) throw new Error(`Fill in ${this.missing.join(", ")} to connect.`);
      return { url: this.url, authorization: this.authorization, shown: this.publicUrl };
    });
  }

  disconnect(): void {
    this.replay.stop();
    this.connection.close();
  }

  send(): boolean {
    const sent = this.connection.send(this.text, this.#form.numbered && this.canNumber);
    const { message, text } = this;
    if (sent && !this.holdsSecret) {
      const at = this.#surroundings.now();
      this.library.remember(this.channel.name, { name: message?.name ?? "anything else", message: message?.key, text, at });
    }
    return sent;
  }

  /** Whether the frame in the composer holds what its schema calls a secret. */
  get holdsSecret(): boolean {
    const { value } = this.draft;
    return value !== undefined && holdsSecret(value, this.message?.payload, this.document.references);
  }

  /**
   * Whether an id may be put into the message in the composer. A message that declares a field of that name for itself
   * keeps it, and so may not be given one.
   */
  get canNumber(): boolean {
    const { idKey } = this.document.envelope;
    if (idKey === undefined) return false;
    const { keywords } = flatten(this.message?.payload, this.document.references);
    if (getList(keywords, "required").includes(idKey)) return false;
    return accepts("1", get(getObject(keywords, "properties"), idKey), this.document.references);
  }

  /** The message that asks whether the other side is alive, where the service has one. */
  get ping(): Message | undefined {
    return this.messages.find(({ name }) => name === "ping");
  }

  sendPing(): boolean {
    const { ping } = this;
    const { references, envelope } = this.document;
    return ping !== undefined && this.connection.send(exampleOf(ping, references, envelope.idKey), true);
  }

  /** Send the frames of the log again that were sent before. */
  startReplay(): void {
    const sent = this.connection.log.entries.filter((entry) => entry.kind === "frame" && entry.direction === "sent");
    this.connection.note("note", `Replay of ${sent.length} sent ${sent.length === 1 ? "frame" : "frames"}`);
    this.replay.start(sent.map(({ at, text }) => ({ at, text })));
  }

  /** Put the frames of a file into the log. Raises `TranscriptError` when it is none that can be read. */
  import(text: string, fileName: string): void {
    const { frames } = readTranscript(text);
    this.connection.note("note", `${frames.length} frames of ${fileName}`);
    this.connection.recall(frames.map(({ direction, text: frame, at }) => this.connection.read(direction, frame, at)));
  }

  get origin(): Origin {
    return { channel: this.channel.name, url: this.publicUrl, title: this.document.title };
  }

  /** The fragment of a link that opens a console like this one. It sends nothing and holds no credential. */
  get href(): string {
    const { parameters, server, message } = this.#form;
    const query = this.#publicQuery();
    const prefill: Prefill = {
      parameters,
      query: query === "" ? undefined : query,
      server,
      message,
      text: this.isDraftEdited && !this.holdsSecret ? this.text : undefined,
    };
    return channelHref(this.channel.name) + formatPrefill(prefill);
  }

  /** Fill in what a link brought; what this channel does not know is left out. */
  fill({ parameters, query, server, message, text }: Prefill): void {
    const known = this.channel.parameters.map(({ name }) => name);
    const given = [...parameters].filter(([name]) => known.includes(name));
    this.#form = {
      ...this.#form,
      parameters: new Map([...this.#form.parameters, ...given]),
      query: query ?? this.#form.query,
      server: this.channel.servers.find(({ name }) => name === server)?.name,
      message: this.messages.find(({ key }) => key === message)?.key ?? this.#form.message,
    };
    if (text !== undefined) this.#drafts.set(this.#form.message ?? "", text);
    this.changed();
  }

  /** The frame as code for other clients: those that are generated from the document first. */
  get snippets(): readonly Snippet[] {
    const { scheme, token } = this.#form;
    const { payloadKey } = this.document.envelope;
    const written = this.isDraftEdited ? payloadOf(this.draft.tree, payloadKey) : undefined;
    const generated = this.sdkSnippets.of(this.channel.name, this.message?.name ?? "");
    const declared = this.channel.security.some(({ asSubprotocol }) => asSubprotocol) && !this.channel.securityOptional;
    const options = { url: this.publicUrl, text: this.text, scheme: token.trim() !== "" || declared ? scheme : undefined };
    return [...generated.map((snippet) => asCode(snippet, written)), ...snippets(options)];
  }

  #publicQuery(): string {
    return withoutParameters(this.#form.query, secretParameters(this.channel.security));
  }

  #target(): Target {
    const { servers } = this.channel;
    const chosen = servers.find(({ name }) => name === this.#form.server);
    return chosen === undefined
      ? targetOfPage(this.#surroundings.location, servers[0])
      : targetOfServer(chosen);
  }

  #example(): string {
    const { message } = this;
    return message === undefined ? "" : exampleOf(message, this.document.references, this.document.envelope.idKey);
  }
}
