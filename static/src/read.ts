/**
 * From a parsed AsyncAPI 3 document to what the page shows.
 *
 * The document's viewpoint is the server; the reader is a client. This module is the one place where the two are
 * exchanged: an operation with the action `receive` is something *you send*.
 */

import {
  type ApiDocument,
  type Channel,
  type CloseCode,
  DocumentError,
  type Envelope,
  type Link,
  type Message,
  type MessageExample,
  type Operation,
  type Parameter,
  type Permission,
  type QueryParameter,
  type Resume,
  type SecurityScheme,
  type Server,
  type Tag,
} from "./document.ts";
import { get, getList, getNumber, getObject, getText, isObject, type Json, type JsonObject } from "./json.ts";
import { safeHref } from "./links.ts";
import { escapeToken, pointerName, References } from "./references.ts";
import { flatten } from "./schema.ts";

/**
 * Read a parsed document. Raises `DocumentError` when it is not AsyncAPI 3; anything smaller is left out.
 *
 * What a channel sends and receives is read when somebody looks at it, so references that lead nowhere are all known
 * only after every channel has been looked at.
 */
export function readDocument(json: Json | undefined): ApiDocument {
  if (!isObject(json)) {
    throw new DocumentError("The document is not a JSON object.", "Check that its URL serves the AsyncAPI document.");
  }
  const asyncapi = getText(json, "asyncapi");
  if (asyncapi === undefined) {
    throw new DocumentError("The document has no key “asyncapi”.", "Check that its URL serves the AsyncAPI document.");
  }
  if (!asyncapi.startsWith("3.")) {
    throw new DocumentError(`The document is AsyncAPI ${asyncapi}.`, "This page reads 3.x: generate it as 3.1.0 or 3.0.0.");
  }
  return new Reader(json).read(asyncapi);
}

class Reader {
  readonly #root: JsonObject;
  readonly #references: References;
  readonly #envelope: Envelope;
  /** By the channel that they belong to, still unread: a large document has thousands, and a reader sees a few. */
  readonly #operations = new Map<JsonObject, [name: string, operation: JsonObject][]>();
  #declaredServers: readonly JsonObject[] = [];
  /** By their key and where they stand: a message is mentioned by its channel, its operations and their replies. */
  readonly #messagesRead = new Map<JsonObject, Map<string, Message>>();

  constructor(root: JsonObject) {
    this.#root = root;
    this.#references = new References(root);
    this.#envelope = readEnvelope(getObject(root, "x-envelope"));
  }

  read(asyncapi: string): ApiDocument {
    const info = getObject(this.#root, "info");
    const servers = Object.entries(getObject(this.#root, "servers")).map(([name, value]) => this.#server(name, value));
    const components = getObject(this.#root, "components");
    this.#declaredServers = Object.values(getObject(this.#root, "servers")).map((server) => this.#references.object(server));
    this.#sortOperations();
    return {
      title: getText(info, "title") ?? "WebSocket API",
      version: getText(info, "version") ?? "",
      description: getText(info, "description"),
      asyncapi,
      links: this.#links(info),
      tags: getList(info, "tags").flatMap((value) => this.#tag(value)),
      servers,
      securitySchemes: Object.entries(getObject(components, "securitySchemes")).map(([name, value]) =>
        this.#securityScheme(name, value),
      ),
      channels: Object.entries(getObject(this.#root, "channels")).map(([name, value]) =>
        this.#channel(name, value, servers),
      ),
      schemas: Object.entries(getObject(components, "schemas")).map(([name, schema]) => ({
        name,
        pointer: `#/components/schemas/${escapeToken(name)}`,
        schema,
      })),
      closeCodes: getList(this.#root, "x-close-codes").flatMap(readCloseCode),
      envelope: this.#envelope,
      references: this.#references,
    };
  }

  #links(info: JsonObject): readonly Link[] {
    const [contact, license] = [getObject(info, "contact"), getObject(info, "license")];
    const email = getText(contact, "email");
    const who = getText(contact, "name");
    const contactUrl = getText(contact, "url");
    return [
      ...linkTo(who ?? contactUrl ?? email, contactUrl ?? (email === undefined ? undefined : `mailto:${email}`)),
      ...(email !== undefined && contactUrl !== undefined ? linkTo(email, `mailto:${email}`) : []),
      ...linkTo(getText(license, "name"), getText(license, "url")),
      ...(getText(info, "termsOfService") === undefined ? [] : linkTo("Terms of service", getText(info, "termsOfService"))),
      ...definite(this.#externalDocs(info)),
    ];
  }

  #externalDocs(owner: JsonObject): Link | undefined {
    const docs = this.#references.object(get(owner, "externalDocs"));
    const url = getText(docs, "url");
    return linkTo(getText(docs, "description") ?? url, url)[0];
  }

  #tag(value: Json): readonly Tag[] {
    const tag = this.#references.object(value);
    const name = getText(tag, "name");
    return name === undefined
      ? []
      : [{ name, description: getText(tag, "description"), link: this.#externalDocs(tag) }];
  }

  #tags(owner: JsonObject): readonly string[] {
    return getList(owner, "tags").flatMap((value) => this.#tag(value).map(({ name }) => name));
  }

  #server(name: string, value: Json): Server {
    const server = this.#references.object(value);
    return {
      name,
      protocol: getText(server, "protocol") ?? "ws",
      host: getText(server, "host") ?? "",
      pathname: getText(server, "pathname") ?? "",
      title: getText(server, "title"),
      description: getText(server, "description"),
      security: this.#security(server),
    };
  }

  #security(owner: JsonObject): readonly SecurityScheme[] {
    return getList(owner, "security").map((value) => {
      const pointer = isObject(value) ? getText(value, "$ref") : undefined;
      return this.#securityScheme(pointer === undefined ? "" : pointerName(pointer), value);
    });
  }

  #securityScheme(name: string, value: Json): SecurityScheme {
    const scheme = this.#references.object(value);
    const type = getText(scheme, "type") ?? "unknown";
    const httpScheme = getText(scheme, "scheme");
    const place = getText(scheme, "in");
    const key = getText(scheme, "name");
    const subprotocol = get(scheme, "x-subprotocol");
    return {
      name,
      type,
      description: getText(scheme, "description"),
      carrier: [place ?? (type === "http" ? "http" : undefined), httpScheme, key].filter(Boolean).join(" "),
      asSubprotocol: subprotocol !== undefined && subprotocol !== false,
      prefix:
        (isObject(subprotocol) ? getText(subprotocol, "prefix") : undefined) ??
        (httpScheme === undefined ? undefined : httpScheme.charAt(0).toUpperCase() + httpScheme.slice(1)),
      place: place ?? (type === "http" ? "header" : undefined),
      key: key ?? (type === "http" ? "Authorization" : undefined),
    };
  }

  #channel(name: string, value: Json, servers: readonly Server[]): Channel {
    const channel = this.#references.object(value);
    const chosen = getList(channel, "servers").map((reference) => this.#references.object(reference));
    const reachable =
      chosen.length === 0 ? servers : servers.filter((_, i) => chosen.includes(this.#declaredServers[i] ?? {}));
    const talk = once(() => this.#talk(channel, reachable));
    const binding = this.#references.object(get(this.#references.object(get(channel, "bindings")), "ws"));
    return {
      name,
      address: getText(channel, "address"),
      title: getText(channel, "title"),
      summary: getText(channel, "summary"),
      description: getText(channel, "description"),
      deprecated: isDeprecated(channel),
      tags: this.#tags(channel),
      link: this.#externalDocs(channel),
      parameters: Object.entries(getObject(channel, "parameters")).map(([key, parameter]) =>
        this.#parameter(key, parameter),
      ),
      query: this.#bound(get(binding, "query")),
      headers: this.#bound(get(binding, "headers")),
      permissions: getList(channel, "x-permissions").flatMap(readPermission),
      get security() {
        return talk().security;
      },
      securityOptional: get(channel, "x-security-optional") === true,
      servers: reachable,
      resume: readResume(getObject(channel, "x-resume")),
      get sends() {
        return talk().sends;
      },
      get receives() {
        return talk().receives;
      },
      get incoming() {
        return talk().incoming;
      },
    };
  }

  /** What is said on a channel, and who may say it. */
  #talk(channel: JsonObject, servers: readonly Server[]): Pick<Channel, "security" | "sends" | "receives" | "incoming"> {
    const found = this.#operations.get(channel) ?? [];
    const operations = found.map(([name, operation]) => this.#operation(name, operation, channel));
    const receives = operations.filter(({ action }) => action === "send").map(({ operation }) => operation);
    const sends = operations.filter(({ action }) => action === "receive").map(({ operation }) => operation);
    const incoming = [...receives.flatMap(({ messages }) => messages), ...sends.flatMap(({ replies }) => replies)];
    const security = [...servers, ...operations].flatMap((owner) => owner.security);
    return {
      sends,
      receives,
      incoming: uniqueBy(incoming, (message) => message.key),
      security: uniqueBy(security, (scheme) => scheme.name),
    };
  }

  #parameter(name: string, value: Json): Parameter {
    const parameter = this.#references.object(value);
    const schema = get(parameter, "x-schema");
    return readParameter(name, parameter, schema, flatten(schema, this.#references).keywords);
  }

  /** The properties of a schema in a binding: parameters of the query, headers. */
  #bound(value: Json | undefined): readonly QueryParameter[] {
    const { keywords } = flatten(value, this.#references);
    const required = getList(keywords, "required");
    return Object.entries(getObject(keywords, "properties")).map(([key, schema]) => {
      const { keywords: own } = flatten(schema, this.#references);
      return { ...readParameter(key, own, schema, own), required: required.includes(key) };
    });
  }

  /** Each operation goes to the object that its `channel` leads to, whatever way the reference is written. */
  #sortOperations(): void {
    for (const [name, value] of Object.entries(getObject(this.#root, "operations"))) {
      const operation = this.#references.object(value);
      const channel = this.#references.object(get(operation, "channel"));
      const found = this.#operations.get(channel) ?? [];
      this.#operations.set(channel, found);
      found.push([name, operation]);
    }
  }

  #operation(name: string, operation: JsonObject, channel: JsonObject): FoundOperation {
    const listed = get(operation, "messages");
    const reply = this.#references.object(get(operation, "reply"));
    return {
      action: getText(operation, "action"),
      security: this.#security(operation),
      operation: {
        name,
        title: getText(operation, "title"),
        summary: getText(operation, "summary"),
        description: getText(operation, "description"),
        deprecated: isDeprecated(operation),
        tags: this.#tags(operation),
        link: this.#externalDocs(operation),
        streams: get(reply, "x-stream") === true,
        repeatableFor: readWindow(getObject(operation, "x-deduplication")),
        // Without a list an operation may use every message of its channel.
        messages: listed === undefined ? this.#allMessages(channel) : this.#messages(listed),
        replies: this.#messages(get(reply, "messages")),
      },
    };
  }

  #allMessages(channel: JsonObject): readonly Message[] {
    return Object.entries(getObject(channel, "messages")).map(([key, value]) => this.#message(key, value));
  }

  #messages(listed: Json | undefined): readonly Message[] {
    if (!Array.isArray(listed)) return [];
    return listed.map((value: Json) => {
      const pointer = isObject(value) ? getText(value, "$ref") : undefined;
      return this.#message(pointer === undefined ? "" : pointerName(pointer), value);
    });
  }

  #message(key: string, value: Json): Message {
    const message = this.#references.object(value);
    const read = this.#messagesRead.get(message) ?? new Map<string, Message>();
    this.#messagesRead.set(message, read);
    const made = read.get(key) ?? this.#readMessage(key, message);
    read.set(key, made);
    return made;
  }

  #readMessage(key: string, message: JsonObject): Message {
    const wrapped = get(message, "payload");
    // A payload may say which schema language it is in; then the schema is one level further down.
    const inner = isObject(wrapped) && get(wrapped, "schemaFormat") !== undefined ? get(wrapped, "schema") : wrapped;
    const declared = getText(message, "name") ?? key;
    return {
      key: key === "" ? declared : key,
      name: this.#actionOf(inner) ?? declared,
      title: getText(message, "title"),
      summary: getText(message, "summary"),
      description: getText(message, "description"),
      deprecated: isDeprecated(message),
      tags: this.#tags(message),
      link: this.#externalDocs(message),
      contentType: getText(message, "contentType"),
      headers: get(message, "headers"),
      payload: inner,
      examples: getList(message, "examples").flatMap(readExample),
    };
  }

  #actionOf(payload: Json | undefined): string | undefined {
    const properties = getObject(flatten(payload, this.#references).keywords, "properties");
    const action = flatten(get(properties, this.#envelope.actionKey), this.#references).keywords;
    const values = getList(action, "enum");
    const fixed = get(action, "const") ?? (values.length === 1 ? values[0] : undefined);
    return typeof fixed === "string" ? fixed : undefined;
  }
}

interface FoundOperation {
  readonly action: string | undefined;
  readonly security: readonly SecurityScheme[];
  readonly operation: Operation;
}

/** A link, or text alone where the address may not be followed; nothing where there is no text. */
function linkTo(text: string | undefined, href: string | undefined): readonly Link[] {
  if (text === undefined || text === "") return [];
  return [{ text, href: href === undefined ? undefined : safeHref(href) }];
}

/** The value of `make`, which is called when it is first asked for, and never again. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function definite<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function readEnvelope(envelope: JsonObject): Envelope {
  return {
    actionKey: getText(envelope, "actionKey") ?? "action",
    payloadKey: getText(envelope, "payloadKey") ?? "payload",
    idKey: getText(envelope, "idKey"),
    replyToKey: getText(envelope, "replyToKey"),
  };
}

/** `keywords`: what the schema says, its references followed. */
function readParameter(name: string, parameter: JsonObject, schema: Json | undefined, keywords: JsonObject): Parameter {
  const words = (values: readonly Json[]): string[] =>
    values.filter((value) => value !== null && typeof value !== "object").map(String);
  const listed = (key: string): string[] =>
    words([...getList(parameter, key), ...(parameter === keywords ? [] : getList(keywords, key))]);
  const [choices, examples] = [listed("enum"), listed("examples")];
  const fallback = get(parameter, "default") ?? get(keywords, "default");
  return {
    name,
    description: getText(parameter, "description"),
    choices: [...new Set(choices)],
    initial: words(fallback === undefined ? [] : [fallback])[0] ?? choices[0] ?? examples[0] ?? "",
    type: getText(keywords, "format") ?? getText(keywords, "type"),
    schema,
  };
}

/** `x-permissions` is a list of names, or of objects that describe themselves. */
function readPermission(value: Json): readonly Permission[] {
  if (typeof value === "string") return [{ name: value, description: undefined }];
  if (!isObject(value)) return [];
  const name = getText(value, "name") ?? getText(value, "class");
  return name === undefined ? [] : [{ name, description: getText(value, "description") }];
}

function readResume(value: JsonObject): Resume | undefined {
  if (get(value, "supported") !== true) return undefined;
  return { size: getNumber(value, "size"), ttl: getNumber(value, "ttl") };
}

function readWindow(value: JsonObject): number | undefined {
  const window = getNumber(value, "window");
  return window !== undefined && window > 0 ? window : undefined;
}

function readExample(value: Json): readonly MessageExample[] {
  if (!isObject(value)) return [];
  const payload = get(value, "payload");
  return payload === undefined ? [] : [{ name: getText(value, "name"), summary: getText(value, "summary"), payload }];
}

function readCloseCode(value: Json): readonly CloseCode[] {
  if (!isObject(value)) return [];
  const code = getNumber(value, "code");
  if (code === undefined) return [];
  return [
    {
      code,
      daphne: getNumber(value, "daphne"),
      name: (getText(value, "name") ?? "").replaceAll("_", " ").toLowerCase(),
      meaning: getText(value, "meaning") ?? "",
      retry: getText(value, "retry"),
    },
  ];
}

function isDeprecated(owner: JsonObject): boolean {
  return get(owner, "x-deprecated") === true || get(owner, "deprecated") === true;
}

function uniqueBy<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  const first = new Map<string, T>();
  for (const value of values) if (!first.has(key(value))) first.set(key(value), value);
  return [...first.values()];
}
