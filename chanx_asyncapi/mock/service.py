"""What a document says about a service, as a server needs it: addresses, and what is answered with what."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from chanx_asyncapi.diff.inventory import Channel, Inventory, Message, payload
from chanx_asyncapi.diff.schemas.views import Views
from chanx_asyncapi.json_values import as_list, as_object, as_text
from chanx_asyncapi.source import Source
from chanx_asyncapi.validation.values import misfit, validator

#: What chanx itself sends; none of it is a push.
AUTHENTICATION: Final = "authentication"
ERROR: Final = "error"
COMPLETE: Final = "complete"
GROUP_COMPLETE: Final = "group_complete"
_SYSTEM: Final = frozenset({AUTHENTICATION, ERROR, COMPLETE, GROUP_COMPLETE, "pong"})
#: Where the document says that clients resume: the mock has no history, and clients would believe what it makes up.
_RESUMING: Final = frozenset({"positions", "resumed"})

_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")
_ID_MAX_LENGTH: Final = 64
_TRUTH: Final = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


class NothingToServeError(Exception):
    """The document has no channel that a client could connect to; ``str()`` says so."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The keys of frames, as the document's ``x-envelope`` names them."""

    action: str = "action"
    payload: str = "payload"
    id: str = "id"
    reply_to: str = "reply_to"
    id_max_length: int = _ID_MAX_LENGTH

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Envelope":
        given = as_object(document.get("x-envelope"))
        longest = given.get("idMaxLength")
        return cls(
            action=as_text(given.get("actionKey")) or "action",
            payload=as_text(given.get("payloadKey")) or "payload",
            id=as_text(given.get("idKey")) or "id",
            reply_to=as_text(given.get("replyToKey")) or "reply_to",
            id_max_length=longest if isinstance(longest, int) else _ID_MAX_LENGTH,
        )

    def key(self, name: str) -> str:
        """The wire form of a key of chanx's own frames: camelCase where the keys of the envelope are."""
        if "_" in self.reply_to:
            return name
        first, *others = name.split("_")
        return first + "".join(map(str.capitalize, others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the messages of a channel."""

    action: str
    schema: Mapping[str, Any]
    #: The payloads of its examples, in their order.
    examples: Sequence[Any]
    #: Whether the frame carries the envelope's key that ties a reply to what it answers.
    is_correlated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A message that the server receives, and what answers it."""

    kind: Kind
    #: Without the error message.
    replies: Sequence[Kind]
    is_stream: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A channel: what a client connects to."""

    key: str
    #: The path as it is requested, with the prefix of the server: ``/ws/chat/{room_id}/``.
    address: str
    parameters: Mapping[str, Mapping[str, Any]]
    #: The schema of the query string; None where the document does not say.
    query: Mapping[str, Any] | None
    received: Mapping[str, Exchange]
    sent: Mapping[str, Kind]
    #: The actions that the server sends of its own accord, without chanx's own.
    pushes: Sequence[str]
    _pattern: re.Pattern[str] = field(repr=False, compare=False)

    def match(self, path: str) -> Mapping[str, str] | None:
        """The parameters of the address, decoded, when ``path`` is one of this channel's."""
        found = self._pattern.fullmatch(path)
        return (
            None
            if found is None
            else {name: unquote(value) for name, value in zip(self.parameters, found.groups(), strict=True)}
        )


class Service:
    """The channels of a document.

    :raises NothingToServeError: when it has none with an address.
    :raises UnsupportedVersionError: for another version of AsyncAPI than 3.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Final = document
        self.envelope: Final = Envelope.of(document)
        self._source = Source(document)
        found = Inventory(Views(self._source)).channels
        self.lines: Final[Sequence[Line]] = [self._line(channel) for channel in found if channel.address is not None]
        if not self.lines:
            raise NothingToServeError("The document has no channel with an address: there is nothing to serve.")

    def find(self, path: str) -> tuple[Line, Mapping[str, str]] | None:
        """The channel at a path, and the parameters of its address; None when no channel is there."""
        for line in self.lines:
            given = line.match(path)
            if given is not None and self._parameters_fit(line, given):
                return line, given
        return None

    def query_errors(self, line: Line, query: str) -> Mapping[str, list[str]]:
        """What is wrong with a query string, texts by key, as the document declares it. Undeclared keys are allowed."""
        if line.query is None:
            return {}
        properties = as_object(line.query.get("properties"))
        given = parse_qs(query, keep_blank_values=True)
        errors: dict[str, list[str]] = {
            str(name): ["Field required"] for name in as_list(line.query.get("required")) if name not in given
        }
        for name, values in given.items():
            if name in properties:
                schema = properties[name]
                is_list = as_object(self._source.follow(schema).value).get("type") == "array"
                if is_list:
                    items = as_object(self._source.follow(schema).value).get("items", {})
                    wrong = self._text_misfit(schema, [self._readings(items, value)[0] for value in values])
                else:
                    wrong = self._misfit_of_text(schema, values[-1])
                if wrong is not None:
                    errors[name] = [wrong]
        return errors

    def misfit(self, schema: Mapping[str, Any], value: Any) -> str | None:
        """Why a value does not fit ``schema``; None where it does."""
        return misfit(schema, value, self.document)

    def errors(self, schema: Mapping[str, Any], value: Any) -> Iterable[Any]:
        """The errors of jsonschema, when a value is held against ``schema``."""
        return validator(schema, self.document).iter_errors(value)

    def follow(self, value: Any) -> Any:
        """What ``value`` is or refers to."""
        return self._source.follow(value).value

    def _parameters_fit(self, line: Line, given: Mapping[str, str]) -> bool:
        for name, parameter in line.parameters.items():
            allowed = as_list(parameter.get("enum"))
            if allowed and given[name] not in allowed:
                return False
            if "x-schema" in parameter and self._misfit_of_text(parameter["x-schema"], given[name]) is not None:
                return False
        return True

    def _misfit_of_text(self, schema: Any, text: str) -> str | None:
        wrong = [self._text_misfit(schema, reading) for reading in self._readings(schema, text)]
        return None if None in wrong else wrong[0]

    def _text_misfit(self, schema: Any, value: Any) -> str | None:
        return self.misfit(schema if isinstance(schema, dict) else {}, value)

    def _readings(self, schema: Any, text: str) -> list[Any]:
        """What a text in an address may mean where a schema wants a number or a boolean: the likeliest first."""
        readings: list[Any] = []
        for read in (int, float):
            try:
                readings.append(read(text))
            except ValueError:
                continue
        if text.lower() in _TRUTH:
            readings.append(_TRUTH[text.lower()])
        wanted = as_object(self.follow(schema)).get("type")
        return [text, *readings] if wanted == "string" else [*readings, text]

    def _line(self, channel: Channel) -> Line:
        address = self._prefix(channel) + (channel.address or "")
        given = as_object(channel.value.get("parameters"))
        binding = as_object(as_object(channel.value.get("bindings")).get("ws"))
        received: dict[str, Exchange] = {}
        sent: dict[str, Kind] = {}
        pushes: list[str] = []
        resumes = as_object(channel.value.get("x-resume")).get("supported") is True
        own = _SYSTEM | _RESUMING if resumes else _SYSTEM
        for operation in channel.operations:
            kinds = [kind for message in operation.messages for kind in self._kinds(message)]
            if operation.action != "receive":
                sent |= {kind.action: kind for kind in kinds}
                pushes += [kind.action for kind in kinds if kind.action not in own]
                continue
            answers = operation.reply.messages if operation.reply is not None else ()
            replies = [kind for message in answers for kind in self._kinds(message)]
            sent |= {kind.action: kind for kind in replies}
            is_stream = operation.reply is not None and operation.reply.value.get("x-stream") is True
            others = [kind for kind in replies if kind.action not in (ERROR, COMPLETE)]
            for kind in kinds:
                received[kind.action] = Exchange(kind=kind, replies=others, is_stream=is_stream)
        names: list[str] = _PARAMETER.findall(address)
        parts = _PARAMETER.split(address)
        return Line(
            key=channel.key,
            address=address,
            parameters={name: as_object(self.follow(given.get(name))) for name in names},
            query=binding.get("query"),
            received=received,
            sent=sent,
            pushes=[*dict.fromkeys(pushes)],
            _pattern=re.compile("([^/]+)".join(map(re.escape, parts[::2]))),
        )

    def _prefix(self, channel: Channel) -> str:
        """The path of the first server of the channel, its variables being what they are by default."""
        servers = as_list(channel.value.get("servers")) or [*as_object(self.document.get("servers")).values()]
        for reference in servers:
            server = as_object(self.follow(reference))
            pathname = as_text(server.get("pathname")) or ""
            for name, variable in as_object(server.get("variables")).items():
                pathname = pathname.replace(f"{{{name}}}", str(as_object(self.follow(variable)).get("default", "")))
            return pathname.rstrip("/")
        return ""

    def _kinds(self, message: Message) -> list[Kind]:
        schema = payload(message.value)[0]
        located = as_text(as_object(message.value.get("correlationId")).get("location")) or ""
        tied = {f"$message.payload#/{key}" for key in (self.envelope.id, self.envelope.reply_to)}
        actions = sorted(value for key, value in message.tag if key == self.envelope.action)
        return [
            Kind(
                action=action,
                schema=schema if isinstance(schema, dict) else {},
                examples=[
                    example["payload"]
                    for example in as_list(message.value.get("examples"))
                    if isinstance(example, dict) and self._names(example.get("payload"), action)
                ],
                is_correlated=located in tied,
            )
            for action in actions
        ]

    def _names(self, frame: Any, action: str) -> bool:
        return isinstance(frame, dict) and frame.get(self.envelope.action) == action


def path_and_query(target: str) -> tuple[str, str]:
    """The two parts of a request's target (RFC 9112, 3.2)."""
    path, _, query = target.partition("?")
    return path, query
