/**
 * The parts of an AsyncAPI 3 document that the page shows, in the reader's words. `read.ts` fills them.
 * https://www.asyncapi.com/docs/reference/specification/v3.1.0
 */

import type { Json } from "./json.ts";
import type { References } from "./references.ts";

export interface ApiDocument {
  readonly title: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly asyncapi: string;
  /** Who answers, under which terms, and what else there is to read. */
  readonly links: readonly Link[];
  readonly tags: readonly Tag[];
  readonly servers: readonly Server[];
  readonly securitySchemes: readonly SecurityScheme[];
  readonly channels: readonly Channel[];
  /** The schemas that have a name, in the order of the document. */
  readonly schemas: readonly NamedSchema[];
  readonly closeCodes: readonly CloseCode[];
  readonly envelope: Envelope;
  readonly references: References;
}

/** Text that leads somewhere; without an address just text. */
export interface Link {
  readonly text: string;
  /** Followed by readers, so never one that runs. */
  readonly href: string | undefined;
}

export interface Tag {
  readonly name: string;
  readonly description: string | undefined;
  readonly link: Link | undefined;
}

export interface NamedSchema {
  /** Its key among the components. */
  readonly name: string;
  readonly pointer: string;
  readonly schema: Json;
}

export interface Server {
  readonly name: string;
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly security: readonly SecurityScheme[];
}

export interface SecurityScheme {
  readonly name: string;
  readonly type: string;
  readonly description: string | undefined;
  /** What travels and where: `cookie sessionid`, `header Authorization`, `http bearer`. */
  readonly carrier: string;
  /** A credential of this scheme may come as a subprotocol, which is all that a browser can send. */
  readonly asSubprotocol: boolean;
  /** The word before the credential in the Authorization value, where the document tells it. */
  readonly prefix: string | undefined;
  /** Where the credential stands: `header`, `cookie`, `query`, or what else the type implies. */
  readonly place: string | undefined;
  /** The name of the header, cookie or query parameter. */
  readonly key: string | undefined;
}

export interface Channel {
  readonly name: string;
  /** `undefined` where the document leaves it open: then nobody can connect from here. */
  readonly address: string | undefined;
  readonly title: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  readonly tags: readonly string[];
  readonly link: Link | undefined;
  readonly parameters: readonly Parameter[];
  /** Query parameters of the handshake, from the `ws` binding. */
  readonly query: readonly QueryParameter[];
  /** Headers of the handshake, from the `ws` binding. */
  readonly headers: readonly Parameter[];
  readonly permissions: readonly Permission[];
  readonly security: readonly SecurityScheme[];
  /** Who has none of the credentials is let in as well. */
  readonly securityOptional: boolean;
  readonly servers: readonly Server[];
  /** What the service keeps for clients that come back; `undefined` when it keeps nothing. */
  readonly resume: Resume | undefined;
  /** What the reader sends, each with what answers it. */
  readonly sends: readonly Operation[];
  /** What the reader receives unasked. */
  readonly receives: readonly Operation[];
  /** Everything the reader may receive, replies included, each message once. */
  readonly incoming: readonly Message[];
}

export interface Resume {
  /** How many of the last frames of each group are kept. */
  readonly size: number | undefined;
  /** Seconds for which a frame is kept. */
  readonly ttl: number | undefined;
}

export interface QueryParameter extends Parameter {
  /** Nobody is let in without it. */
  readonly required: boolean;
}

export interface Parameter {
  readonly name: string;
  readonly description: string | undefined;
  readonly choices: readonly string[];
  readonly initial: string;
  readonly type: string | undefined;
  readonly schema: Json | undefined;
}

export interface Permission {
  readonly name: string;
  readonly description: string | undefined;
}

export interface Operation {
  readonly name: string;
  readonly title: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  readonly tags: readonly string[];
  readonly link: Link | undefined;
  /** The answer to a message comes in any number of frames. */
  readonly streams: boolean;
  /** Seconds for which a message may be sent again, without its being handled twice; `undefined` when it may not. */
  readonly repeatableFor: number | undefined;
  readonly messages: readonly Message[];
  readonly replies: readonly Message[];
}

export interface Message {
  /** Its key in the channel: what links on the page use. */
  readonly key: string;
  /** The value of the action key in a frame, or the message's name where the schema fixes none. */
  readonly name: string;
  readonly title: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  readonly tags: readonly string[];
  readonly link: Link | undefined;
  readonly contentType: string | undefined;
  /** The schema of what travels beside the payload, where a protocol has such a thing. */
  readonly headers: Json | undefined;
  readonly payload: Json | undefined;
  readonly examples: readonly MessageExample[];
}

export interface MessageExample {
  readonly name: string | undefined;
  readonly summary: string | undefined;
  readonly payload: Json;
}

export interface CloseCode {
  readonly code: number;
  /** Its twin under daphne, which lets an application close only with 1000 or 3000 to 4999. */
  readonly daphne: number | undefined;
  readonly name: string;
  readonly meaning: string;
  readonly retry: string | undefined;
}

/** The root's `x-envelope`: how this service spells the keys around a payload. */
export interface Envelope {
  readonly actionKey: string;
  readonly payloadKey: string;
  readonly idKey: string | undefined;
  readonly replyToKey: string | undefined;
}

/** The JSON is no document that the page can show: `message` says what is wrong, `advice` what to do. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
