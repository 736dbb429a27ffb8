"""From a document to the model that clients are generated from.

The only place that turns the server's view round, and with :mod:`chanx_asyncapi.codegen.schemas` the only one of the
generator that reads the document. Documents may come from any tool: what is not as the specification wants it becomes
a problem, and the rest is still made.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from chanx_asyncapi.codegen import parts
from chanx_asyncapi.codegen.model import (
    Api,
    Channel,
    Definition,
    Message,
    Object,
    Receiving,
    SecurityScheme,
    Sending,
    Server,
    Type,
)
from chanx_asyncapi.codegen.names import key_hash, names, pascal_case
from chanx_asyncapi.codegen.schemas import Schemas
from chanx_asyncapi.diff import inventory as read
from chanx_asyncapi.diff.schemas.views import Views
from chanx_asyncapi.json_values import as_list, as_object, as_text
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.source import Source
from chanx_asyncapi.spec import Document

#: The actions of the protocol's own frames (docs/protocol.md).
AUTHENTICATION: Final = "authentication"
ERROR: Final = "error"
COMPLETE: Final = "complete"
#: docs/protocol.md, "Resuming": what a client sends, and what it gets.
RESUME: Final = "resume"
POSITIONS: Final = "positions"
RESUMED: Final = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """What was made of a document."""

    api: Api
    #: What clients lack or cannot rely on.
    problems: tuple[Problem, ...]


def lower(document: Document | Mapping[str, Any]) -> Lowered:
    """What a client needs to know of the service that a document describes.

    :param document: of AsyncAPI 3, or its JSON shape.
    :raises UnsupportedVersionError: for another version of AsyncAPI.
    :raises RecursionError: for a document whose values are nested too deeply.
    """
    return _Lowering(document.to_wire() if isinstance(document, Document) else document).lowered()


@dataclass(slots=True)
class _Types:
    """The types of a channel's parts, while the definitions have no names yet."""

    parameters: dict[str, Type]
    query: Type | None


class _Lowering:
    """Lowers one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._source = Source(document)
        self._schemas = Schemas(self._source)
        self._problems: list[Problem] = []
        self._envelope = parts.envelope(as_object(document.get("x-envelope")))
        self._servers = {key: parts.server(key, self._source.object(value)) for key, value in self._section("servers")}
        self._schemes = {
            key: parts.security_scheme(key, self._source.object(value))
            for key, value in as_object(as_object(document.get("components")).get("securitySchemes")).items()
        }
        self._messages: dict[str, tuple[read.Message, Type]] = {}

    def lowered(self) -> Lowered:
        channels = read.Inventory(Views(self._source)).channels
        types = [self._types(channel) for channel in channels]
        self._schemas.finish()
        channel_names = names(channel.key for channel in channels)
        definitions = self._definitions({f"{name}Channel" for name in channel_names.values()})
        messages = self._lowered_messages(definitions)
        info = as_object(self._document.get("info"))
        api = Api(
            title=as_text(info.get("title")) or "",
            version=as_text(info.get("version")) or "",
            description=as_text(info.get("description")),
            sha256=_sha256(self._document),
            channels=tuple(
                self._channel(channel, channel_names[channel.key], its_types, messages)
                for channel, its_types in zip(channels, types, strict=True)
            ),
            definitions=definitions,
            close_codes=tuple(parts.close_codes(self._document.get("x-close-codes"))),
            envelope=self._envelope,
            servers=tuple(self._servers.values()),
        )
        return Lowered(api=api, problems=(*self._schemas.problems, *self._problems))

    def _section(self, name: str) -> list[tuple[str, Any]]:
        return [*as_object(self._document.get(name)).items()]

    def _types(self, channel: read.Channel) -> _Types:
        where = ("channels", channel.key)
        for message in channel.messages.values():
            key = _message_key(channel, message)
            if message.directions and key not in self._messages:
                schema, foreign = read.payload(message.value)
                if foreign is not None:
                    what = f"Its payload has the format {foreign}, which is not understood."
                    self._report(Code.SCHEMA_FORMAT, (*where, "messages", message.key), what, "Use JSON Schema.")
                    schema = True
                self._messages[key] = message, self._payload_type(schema, key, message)
        parameters = {
            name: self._schemas.type_of(
                self._source.object(value).get("x-schema", parts.parameter_schema(self._source.object(value))),
                f"#/channels/{channel.key}/parameters/{name}",
                (*where, "parameters", name),
            )
            for name, value in as_object(channel.value.get("parameters")).items()
        }
        return _Types(parameters, self._query_type(channel))

    def _payload_type(self, schema: Any, key: str, message: read.Message) -> Type:
        target = self._source.follow(schema)
        if target.where is not None and target.lost is None:
            return self._schemas.type_of(schema, key, target.where)
        where = ("components", "messages", key) if message.component else ("messages", key)
        return self._schemas.define(f"#/messages/{key}", schema, (*where, "payload"))

    def _query_type(self, channel: read.Channel) -> Type | None:
        bindings = self._source.object(channel.value.get("bindings"))
        query = self._source.object(self._source.object(bindings.get("ws")).get("query"))
        credentials = {scheme.name for scheme in self._security(channel) if scheme.location == "query"}
        properties = {
            name: value for name, value in as_object(query.get("properties")).items() if name not in credentials
        }
        if not properties:
            return None
        required = [name for name in as_list(query.get("required")) if name not in credentials]
        schema = {**query, "properties": properties, "required": required}
        return self._schemas.define(
            f"#/channels/{channel.key}/query", schema, ("channels", channel.key, "bindings", "ws", "query")
        )

    def _definitions(self, taken: set[str]) -> dict[str, Definition]:
        drafts = self._schemas.drafts
        found = names({key: _asked_name(key) for key, draft in drafts.items() if draft.owner is None}, taken)
        used = taken | set(found.values())
        # What is inside of a definition is called after it: the outer ones first.
        for key in sorted((key for key in drafts if key not in found), key=lambda key: (key.count("#"), key)):
            draft = drafts[key]
            assert draft.owner is not None
            name = found.get(draft.owner, pascal_case(draft.owner)) + pascal_case(draft.step)
            found[key] = name if name not in used else f"{name}{key_hash(key)}"
            used.add(found[key])
        return {
            key: Definition(
                key=key,
                name=found[key],
                type=drafts[key].type,
                description=as_text(as_object(drafts[key].schema).get("description")),
                deprecated=as_object(drafts[key].schema).get("deprecated") is True,
                schema=drafts[key].schema,
            )
            for key in sorted(drafts)
        }

    def _lowered_messages(self, definitions: Mapping[str, Definition]) -> dict[str, Message | None]:
        """The messages by their keys; None for those that no client can tell from others."""
        found: dict[str, Message | None] = {}
        message_names = names([*self._messages])
        for key, (message, type_) in self._messages.items():
            actions = self._schemas.actions(type_, self._envelope.action_key)
            if not actions:
                what = (
                    f"No constant in {self._envelope.action_key!r} says that a frame is this message; clients lack it."
                )
                way_out = f"Require {self._envelope.action_key!r} in its payload, with a constant."
                self._report(Code.NAMELESS_MESSAGE, ("messages", key), what, way_out)
            value = message.value
            found[key] = (
                Message(
                    key=key,
                    name=message_names[key],
                    type=type_,
                    actions=actions,
                    description=as_text(value.get("description")) or as_text(value.get("summary")),
                    deprecated=value.get("x-deprecated") is True,
                    correlates="correlationId" in value,
                    examples=tuple(
                        example["payload"]
                        for example in map(self._source.object, as_list(value.get("examples")))
                        if "payload" in example
                    ),
                )
                if actions
                else None
            )
        return found

    def _channel(
        self, channel: read.Channel, name: str, types: _Types, messages: Mapping[str, Message | None]
    ) -> Channel:
        def lowered(found: list[read.Message]) -> list[Message]:
            each = (messages[_message_key(channel, message)] for message in found)
            return [message for message in each if message is not None]

        value = channel.value
        if channel.address is None:
            where = ("channels", channel.key)
            self._report(Code.CHANNEL_ADDRESS, where, "It has no address.", 'Clients connect to "/" instead.')
        resumable = as_object(value.get("x-resume")).get("supported") is True
        # The clients themselves resume: these are no affair of their users.
        own = {RESUME, POSITIONS, RESUMED} if resumable else set[str]()
        if any(_window(operation) for operation in channel.operations):
            own.add(POSITIONS)
        sends = tuple(
            sending
            for operation in channel.operations
            if operation.action == "receive"
            for sending in _sendings(operation, lowered)
            if not own & set(sending.message.actions)
        )
        receives = {
            message.key: Receiving(message=message)
            for operation in channel.operations
            if operation.action == "receive" and operation.reply is not None
            for message in lowered(operation.reply.messages)
        }
        for operation in channel.operations:
            if operation.action == "send":
                receives |= {message.key: _receiving(operation, message) for message in lowered(operation.messages)}
        security = self._security(channel)
        return Channel(
            key=channel.key,
            name=name,
            address=channel.address or "/",
            parameters=tuple(
                parts.parameter(key, self._source.object(each), types.parameters[key])
                for key, each in as_object(value.get("parameters")).items()
            ),
            query=types.query,
            query_optional=self._is_optional(types.query),
            sends=sends,
            receives=tuple(each for each in receives.values() if not own & set(each.message.actions)),
            authentication=next(
                (each.message for each in receives.values() if AUTHENTICATION in each.message.actions), None
            ),
            security=security,
            security_optional=value.get("x-security-optional") is True or not security,
            servers=tuple(self._channel_servers(value)),
            resumable=resumable,
            title=as_text(value.get("title")),
            description=as_text(value.get("description")) or as_text(value.get("summary")),
            deprecated=value.get("x-deprecated") is True,
        )

    def _is_optional(self, query: Type | None) -> bool:
        type_ = None if query is None else self._schemas.resolved(query)
        return not isinstance(type_, Object) or not any(each.required for each in type_.properties)

    def _security(self, channel: read.Channel) -> tuple[SecurityScheme, ...]:
        found: dict[str, SecurityScheme] = {}
        for operation in channel.operations:
            for each in as_list(operation.value.get("security")):
                name = self._source.follow(each).name
                if name in self._schemes:
                    found[name] = self._schemes[name]
        return tuple(found.values())

    def _channel_servers(self, channel: Mapping[str, Any]) -> Iterator[Server]:
        if "servers" not in channel:
            yield from self._servers.values()
        for each in as_list(channel.get("servers")):
            where = self._source.follow(each).where
            if where is not None and where[-1] in self._servers:
                yield self._servers[where[-1]]

    def _report(self, code: Code, where: tuple[str, ...], text: str, way_out: str) -> None:
        self._problems.append(Problem(code=code, where=where, text=text, way_out=way_out))


def _message_key(channel: read.Channel, message: read.Message) -> str:
    return message.component or f"{channel.key}.{message.key}"


def _asked_name(key: str) -> str:
    """What a definition would like to be called by: its key, or for what is no component the way to it."""
    if key.startswith("#/messages/"):
        return key.removeprefix("#/messages/")
    if key.startswith("#/channels/") and key.endswith("/query"):
        return f"{key.removeprefix('#/channels/').removesuffix('/query')}.query"
    return key.removeprefix("#/")


def _window(operation: read.Operation) -> float | None:
    """Seconds for which a message that the server receives may be sent again; None: never."""
    window = as_object(operation.value.get("x-deduplication")).get("window")
    if operation.action != "receive" or isinstance(window, bool) or not isinstance(window, int | float):
        return None
    return window if 0 < window < float("inf") else None


def _sendings(operation: read.Operation, lowered: Callable[[list[read.Message]], list[Message]]) -> Iterator[Sending]:
    value = operation.value
    answers = lowered(operation.reply.messages) if operation.reply else []
    special = {ERROR, COMPLETE}
    for message in lowered(operation.messages):
        yield Sending(
            key=operation.key,
            message=message,
            replies=tuple(each for each in answers if not special & set(each.actions)),
            errors=tuple(each for each in answers if ERROR in each.actions),
            completion=next((each for each in answers if COMPLETE in each.actions), None),
            streams=operation.reply is not None and operation.reply.value.get("x-stream") is True,
            repeatable_for=_window(operation),
            summary=as_text(value.get("summary")),
            description=as_text(value.get("description")),
            deprecated=value.get("x-deprecated") is True or message.deprecated,
        )


def _receiving(operation: read.Operation, message: Message) -> Receiving:
    value = operation.value
    return Receiving(
        message=message,
        key=operation.key,
        summary=as_text(value.get("summary")),
        description=as_text(value.get("description")),
        deprecated=value.get("x-deprecated") is True or message.deprecated,
    )


def _sha256(document: Mapping[str, Any]) -> str:
    """The same for the same data, in whatever order and format."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()
