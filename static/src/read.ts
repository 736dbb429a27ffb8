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
  type Message,
  type MessageExample,
  type Operation,
  type Parameter,
  type Permission,
  type SecurityScheme,
  type Server,
} from "./document.ts";
import { get, getList, getNumber, getObject, getText, isObject, type Json, type JsonObject } from "./json.ts";
import { pointerName, References } from "./references.ts";
import { flatten } from "./schema.ts";

/** Read a parsed document. Raises `DocumentError` when it is not AsyncAPI 3; anything smaller is left out. */
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

  constructor(root: JsonObject) {
    this.#root = root;
    this.#references = new References(root);
    this.#envelope = readEnvelope(getObject(root, "x-envelope"));
  }

  read(asyncapi: string): ApiDocument {
    const info = getObject(this.#root, "info");
    const servers = Object.entries(getObject(this.#root, "servers")).map(([name, value]) => this.#server(name, value));
    const schemes = getObject(getObject(this.#root, "components"), "securitySchemes");
    return {
      title: getText(info, "title") ?? "WebSocket API",
      version: getText(info, "version") ?? "",
      description: getText(info, "description"),
      asyncapi,
      servers,
      securitySchemes: Object.entries(schemes).map(([name, value]) => this.#securityScheme(name, value)),
      channels: Object.entries(getObject(this.#root, "channels")).map(([name, value]) =>
        this.#channel(name, value, servers),
      ),
      closeCodes: getList(this.#root, "x-close-codes").flatMap(readCloseCode),
      envelope: this.#envelope,
      references: this.#references,
    };
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
      prefix: httpScheme === undefined ? undefined : httpScheme.charAt(0).toUpperCase() + httpScheme.slice(1),
    };
  }

  #channel(name: string, value: Json, servers: readonly Server[]): Channel {
    const channel = this.#references.object(value);
    const operations = this.#operationsOf(channel);
    const receives = operations.filter(({ action }) => action === "send").map(({ operation }) => operation);
    const sends = operations.filter(({ action }) => action === "receive").map(({ operation }) => operation);
    const incoming = [...receives.flatMap(({ messages }) => messages), ...sends.flatMap(({ replies }) => replies)];
    const chosen = getList(channel, "servers").map((reference) => this.#references.object(reference));
    const own = Object.values(getObject(this.#root, "servers")).map((server) => this.#references.object(server));
    const reachable = chosen.length === 0 ? servers : servers.filter((_, i) => chosen.includes(own[i] ?? {}));
    const security = [
      ...reachable.flatMap((server) => server.security),
      ...operations.flatMap((operation) => operation.security),
    ];
    const query = this.#references.object(get(getObject(getObject(channel, "bindings"), "ws"), "query"));
    const required = getList(query, "required");
    return {
      name,
      address: getText(channel, "address"),
      title: getText(channel, "title"),
      summary: getText(channel, "summary"),
      description: getText(channel, "description"),
      deprecated: isDeprecated(channel),
      parameters: Object.entries(getObject(channel, "parameters")).map(([key, parameter]) =>
        this.#parameter(key, parameter),
      ),
      query: Object.entries(getObject(query, "properties")).map(([key, schema]) => {
        const { keywords } = flatten(schema, this.#references);
        return { ...readParameter(key, keywords, keywords), required: required.includes(key) };
      }),
      permissions: getList(channel, "x-permissions").flatMap(readPermission),
      security: uniqueBy(security, (scheme) => scheme.name),
      servers: reachable,
      sends,
      receives,
      incoming: uniqueBy(incoming, (message) => message.key),
    };
  }

  #parameter(name: string, value: Json): Parameter {
    const parameter = this.#references.object(value);
    return readParameter(name, parameter, flatten(get(parameter, "x-schema"), this.#references).keywords);
  }

  /** The operations whose `channel` leads to the same object, whatever way the reference is written. */
  #operationsOf(channel: JsonObject): readonly FoundOperation[] {
    return Object.entries(getObject(this.#root, "operations")).flatMap(([name, value]) => {
      const operation = this.#references.object(value);
      if (this.#references.object(get(operation, "channel")) !== channel) return [];
      const listed = get(operation, "messages");
      return [
        {
          action: getText(operation, "action"),
          security: this.#security(operation),
          operation: {
            name,
            title: getText(operation, "title"),
            summary: getText(operation, "summary"),
            description: getText(operation, "description"),
            deprecated: isDeprecated(operation),
            // Without a list an operation may use every message of its channel.
            messages: listed === undefined ? this.#allMessages(channel) : this.#messages(listed),
            replies: this.#messages(get(this.#references.object(get(operation, "reply")), "messages")),
          },
        },
      ];
    });
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

function readEnvelope(envelope: JsonObject): Envelope {
  return {
    actionKey: getText(envelope, "actionKey") ?? "action",
    payloadKey: getText(envelope, "payloadKey") ?? "payload",
    idKey: getText(envelope, "idKey"),
    replyToKey: getText(envelope, "replyToKey"),
  };
}

function readParameter(name: string, parameter: JsonObject, schema: JsonObject): Parameter {
  const words = (values: readonly Json[]): string[] =>
    values.filter((value) => value !== null && typeof value !== "object").map(String);
  const choices = words([...getList(parameter, "enum"), ...(parameter === schema ? [] : getList(schema, "enum"))]);
  const examples = words([...getList(parameter, "examples"), ...(parameter === schema ? [] : getList(schema, "examples"))]);
  const fallback = get(parameter, "default") ?? get(schema, "default");
  return {
    name,
    description: getText(parameter, "description"),
    choices: [...new Set(choices)],
    initial: words(fallback === undefined ? [] : [fallback])[0] ?? choices[0] ?? examples[0] ?? "",
    type: getText(schema, "format") ?? getText(schema, "type"),
  };
}

/** `x-permissions` is a list of names, or of objects that describe themselves. */
function readPermission(value: Json): readonly Permission[] {
  if (typeof value === "string") return [{ name: value, description: undefined }];
  if (!isObject(value)) return [];
  const name = getText(value, "name") ?? getText(value, "class");
  return name === undefined ? [] : [{ name, description: getText(value, "description") }];
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
