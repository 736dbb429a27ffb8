"""What a client needs to know of a service, in no language: frozen values, seen from the client.

The document speaks for the server, which *receives* and *sends*. Here it is the other way round, once and for all:
a client *sends* what the server receives. Names are in :mod:`chanx_asyncapi.codegen.names`' one form, ``PascalCase``;
a target that writes them otherwise derives its own from that. Keys on the wire are never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

#: A value of JSON that is neither an array nor an object.
Scalar: TypeAlias = str | int | float | bool | None


class Absent(Enum):
    """Stands where there is no default: null is one."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Any value: the schema allows everything, or it cannot be expressed, which then is among the problems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """No value at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string."""

    format: str | None = None
    #: In characters, that is Unicode code points.
    min_length: int | None = None
    max_length: int | None = None
    #: A regular expression of ECMA 262, searched for, not matched from the beginning.
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number; with ``integer``, one without a fraction, which JSON may still write as ``1.0``."""

    integer: bool = False
    format: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """Null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of these values: a constant, when there is one only. ``1``, ``1.0`` and ``true`` are told apart by type."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """A list of values of one type."""

    items: "Type"
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuple:
    """A list whose items have types by their position."""

    items: tuple["Type", ...]
    #: How many of the items are always there; those behind may be missing, from the end.
    required: int
    #: The type of further items; None when there are none.
    rest: "Type | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A key of an object that the schema names. ``name`` is what is on the wire, whatever characters it holds."""

    name: str
    type: "Type"
    required: bool
    description: str | None = None
    deprecated: bool = False
    read_only: bool = False
    #: What the server takes when the client leaves the key out, as a value of JSON; ABSENT without one.
    default: Any = field(default=ABSENT, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object. Without properties, but with ``extra``, it is a map."""

    properties: tuple[Property, ...] = ()
    #: The type of keys that are not among the properties, where the schema says that there are such. Without it,
    #: other keys mean nothing, and are refused when the object is closed.
    extra: "Type | None" = None
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """One of several types. Several may fit the same value."""

    members: tuple["Type", ...]
    #: The property by whose constant value the members, all of them objects, are told apart.
    discriminator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """The type of a definition, by the definition's key."""

    key: str


Type: TypeAlias = Unknown | Never | Text | Number | Boolean | Null | Choice | Array | Tuple | Object | Union | Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A type with a name: a schema of the components, or an object or enumeration inside of one."""

    #: Identity. The key of the component, and for what is inside of one the steps to it, behind a "#".
    key: str
    name: str
    #: Never a Ref to itself, directly or through unions; an Object only in here, or as a map without properties.
    type: Type
    description: str | None = None
    deprecated: bool = False
    #: The JSON Schema (draft-07) that the type was made of; references in it are keys of definitions.
    schema: Any = field(default=True, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, that is a frame. Messages of several channels may be the same one."""

    #: Identity: the key of the component, or the channel's and the message's key.
    key: str
    name: str
    #: The type of the frame as a whole, envelope included.
    type: Type
    #: The values of the envelope's action key that say that a frame is this message; at least one.
    actions: tuple[str, ...]
    description: str | None = None
    deprecated: bool = False
    #: Whether the envelope's ``id`` (sent) or ``reply_to`` (received) ties it to another frame.
    correlates: bool = False
    #: Whole frames, values of JSON.
    examples: tuple[Any, ...] = field(default=(), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a client may send over a channel, and what comes back."""

    #: The key of the operation.
    key: str
    message: Message
    #: The answers, errors and ``complete`` not among them.
    replies: tuple[Message, ...] = ()
    #: What is sent instead of an answer.
    errors: tuple[Message, ...] = ()
    #: Tells that there are no more answers.
    completion: Message | None = None
    #: Whether there may be more than one answer.
    streams: bool = False
    #: Seconds for which a client may send it again, without its being handled twice; None: it must not.
    repeatable_for: float | None = None
    summary: str | None = None
    description: str | None = None
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """What a client may receive over a channel: answers, and what comes by itself."""

    message: Message
    #: The key of the operation that sends it; None for what only answers.
    key: str | None = None
    summary: str | None = None
    description: str | None = None
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A ``{name}`` in an address."""

    name: str
    type: Type
    description: str | None = None
    default: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subprotocol:
    """How a credential travels among the subprotocols of a handshake, for clients that cannot send headers."""

    #: Offered as well, and selected by the server.
    select: str
    #: Holds ``{base64url}``, where the unpadded base64url form of a whole Authorization value goes.
    authorization: str
    #: Holds ``{token}``, where a Bearer token goes as it is.
    bearer: str | None = None
    #: What stands before the token in the Authorization value, such as ``Token``.
    prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """One way to say who is there."""

    key: str
    #: The specification's word: ``httpApiKey``, ``http``, ``oauth2``, …
    kind: str
    #: Of an API key: the name of the header, cookie or query parameter, and which of these it is.
    name: str | None = None
    location: str | None = None
    #: Of ``http``: ``bearer``, ``basic``.
    scheme: str | None = None
    subprotocol: Subprotocol | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the service is."""

    key: str
    #: ``ws`` or ``wss``.
    protocol: str
    host: str
    #: What all addresses begin with, without a slash at its end.
    pathname: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """An address, and the conversation over it."""

    key: str
    name: str
    #: A path with ``{names}`` of the parameters.
    address: str
    parameters: tuple[Parameter, ...] = ()
    #: An object of the query string's keys, without credentials that travel there; None when it means nothing.
    query: Type | None = None
    #: Whether the query string may be left out.
    query_optional: bool = True
    sends: tuple[Sending, ...] = ()
    receives: tuple[Receiving, ...] = ()
    #: The first frame of a connection, which says whether the client was let in; None when the service sends none.
    authentication: Message | None = None
    #: Any of these lets a client in.
    security: tuple[SecurityScheme, ...] = ()
    #: Whether a client without credentials may be let in.
    security_optional: bool = True
    servers: tuple[Server, ...] = ()
    #: Whether the service remembers what a client missed.
    resumable: bool = False
    title: str | None = None
    description: str | None = None
    deprecated: bool = False


Retry: TypeAlias = Literal["no", "backoff", "after_token_refresh", "after_retry_after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCode:
    """Why a server closes a connection, and whether the client may come back."""

    code: int
    #: Sent instead by servers that allow applications no code below 3000; the same as the code otherwise.
    twin: int
    name: str
    meaning: str
    retry: Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The keys of frames that belong to the protocol."""

    action_key: str = "action"
    payload_key: str = "payload"
    id_key: str | None = None
    reply_to_key: str | None = None
    #: In characters, of an ``id`` that is a text.
    id_max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A service."""

    title: str
    version: str
    description: str | None
    #: The SHA-256 of the document's data, whatever file it was in.
    sha256: str
    channels: tuple[Channel, ...]
    #: In the order of their keys, those that are inside of others right behind these.
    definitions: Mapping[str, Definition]
    close_codes: tuple[CloseCode, ...]
    envelope: Envelope
    servers: tuple[Server, ...]
