"""What one document describes, in the terms that two documents are compared in: who sends which message where.

Whatever the tools and people who write documents leave to references, defaults and traits is resolved here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chanx_asyncapi.diff.schemas.fits import Direction
from chanx_asyncapi.diff.schemas.types import values
from chanx_asyncapi.diff.schemas.views import Views, choice
from chanx_asyncapi.json_values import as_list, as_object, as_text
from chanx_asyncapi.validation.tree import Where

# https://www.asyncapi.com/docs/reference/specification/v3.1.0#channelAddressExpressions
_EXPRESSION: Final = re.compile(r"\{[^{}]*\}")
#: Choices within choices that are looked into for the action of a message.
_MAX_DEPTH: Final = 8


@dataclass(eq=False, slots=True, kw_only=True)
class Message:
    """A message of a channel."""

    key: str
    value: Mapping[str, Any]
    #: The component that it is.
    component: str | None
    #: What is on the wire and tells it from others: its action, or all constants that it requires.
    tag: frozenset[tuple[str, str]]
    directions: set[Direction] = field(default_factory=set[Direction])

    @property
    def label(self) -> str:
        """What people call it: its action, or else its name."""
        if len(self.tag) == 1:
            ((_, action),) = self.tag
            return action
        return as_text(self.value.get("name")) or self.key


@dataclass(eq=False, slots=True, kw_only=True)
class Reply:
    """What answers an operation."""

    value: Mapping[str, Any]
    channel: "Channel"
    #: The channel that it says, and that is not to be found.
    lost: Any
    messages: list[Message]


@dataclass(eq=False, slots=True, kw_only=True)
class Operation:
    """An operation on a channel, ``action`` being ``receive`` or ``send`` in a valid document."""

    key: str
    action: str
    value: Mapping[str, Any]
    messages: list[Message]
    reply: Reply | None

    @property
    def direction(self) -> Direction:
        return Direction.RECEIVED if self.action == "receive" else Direction.SENT


@dataclass(eq=False, slots=True, kw_only=True)
class Channel:
    """A channel, with what travels over it."""

    key: str
    value: Mapping[str, Any]
    #: Its messages by the places that references to them lead to.
    messages: dict[Where, Message] = field(default_factory=dict[Where, Message])
    operations: list[Operation] = field(default_factory=list[Operation])

    @property
    def address(self) -> str | None:
        return as_text(self.value.get("address"))

    @property
    def shape(self) -> str | None:
        """The address without the names of its parameters, which nobody sees on the wire."""
        return None if self.address is None else _EXPRESSION.sub("{}", self.address)

    @property
    def label(self) -> str:
        return self.key if self.address is None else self.address


class Inventory:
    """The channels of a document."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._source = views.source
        envelope = as_object(self._source.document.get("x-envelope"))
        self._action_key = as_text(envelope.get("actionKey")) or "action"
        #: By the places that references to them lead to; one channel may be there under several keys.
        self._by_place: dict[Where, list[Channel]] = {}
        self.channels: list[Channel] = [*self._read_channels()]
        self.lost: dict[str, Any] = {}
        for key, operation in as_object(self._source.document.get("operations")).items():
            self._read_operation(key, self._source.object(operation))

    def _read_channels(self) -> Iterator[Channel]:
        for key, value in as_object(self._source.document.get("channels")).items():
            place = self._source.follow(value).where or ("channels", key)
            channel = Channel(key=key, value=self._source.object(value))
            for name, message in as_object(channel.value.get("messages")).items():
                where = self._source.follow(message).where or (*place, "messages", name)
                channel.messages[where] = self._message(name, message)
            self._by_place.setdefault(place, []).append(channel)
            yield channel

    def _read_operation(self, key: str, value: Mapping[str, Any]) -> None:
        channels = self._channels(value.get("channel"))
        if not channels:
            self.lost[key] = value
        for channel in channels:
            operation = Operation(
                key=key,
                action=str(value.get("action")),
                value=value,
                messages=self._messages(channel, value),
                reply=self._reply(channel, value),
            )
            channel.operations.append(operation)
            for message in operation.messages:
                message.directions.add(operation.direction)
            for message in operation.reply.messages if operation.reply else ():
                answers_client = operation.direction is Direction.RECEIVED
                message.directions.add(Direction.SENT if answers_client else Direction.RECEIVED)

    def _reply(self, channel: Channel, operation: Mapping[str, Any]) -> Reply | None:
        if "reply" not in operation:
            return None
        value = self._source.object(operation["reply"])
        # Without a channel of its own a reply comes over that of what it answers.
        others = self._channels(value.get("channel"))
        found = channel if channel in others or not others else others[0]
        messages = self._messages(found, value) if "messages" in value or "channel" in value else []
        return Reply(value=value, channel=found, lost=None if others else value.get("channel"), messages=messages)

    def _channels(self, reference: Any) -> list[Channel]:
        where = self._source.follow(reference).where
        return [] if where is None else self._by_place.get(where, [])

    def _messages(self, channel: Channel, value: Mapping[str, Any]) -> list[Message]:
        """The messages that an operation or a reply names; without any, all of the channel's."""
        if "messages" not in value:
            return [*channel.messages.values()]
        found: list[Message] = []
        for number, reference in enumerate(as_list(value["messages"])):
            where = self._source.follow(reference).where or ("", channel.key, str(number))
            if where not in channel.messages:
                # Not allowed, and often seen: a message of the components that the channel does not list.
                channel.messages[where] = self._message(where[-1], reference)
            found.append(channel.messages[where])
        return found

    def _message(self, key: str, value: Any) -> Message:
        found = self._source.object(value)
        return Message(
            key=key,
            value=found,
            component=self._source.follow(value).name,
            tag=self._tag(payload(found)[0]),
        )

    def _tag(self, schema: Any) -> frozenset[tuple[str, str]]:
        view = as_object(self._views.follow(schema).value)
        if actions := self._actions(view, 0):
            return frozenset((self._action_key, action) for action in actions)
        required = as_list(view.get("required"))
        return frozenset(
            (name, constant)
            for name, member in as_object(view.get("properties")).items()
            if name in required and isinstance(constant := self._constant(member), str)
        )

    def _actions(self, view: Mapping[str, Any], depth: int) -> frozenset[str]:
        if (schema := as_object(view.get("properties")).get(self._action_key)) is not None:
            listed = values(as_object(self._views.follow(schema).value)) or {}
            return frozenset(value for value in listed.values() if isinstance(value, str))
        if choice(view) is None or depth == _MAX_DEPTH:
            return frozenset()
        alternatives = self._views.alternatives(view) or []
        found = [self._actions(as_object(self._views.follow(item).value), depth + 1) for item in alternatives]
        return frozenset().union(*found) if all(found) else frozenset()

    def _constant(self, schema: Any) -> Any:
        listed = values(as_object(self._views.follow(schema).value))
        return next(iter(listed.values())) if listed is not None and len(listed) == 1 else None


def payload(message: Mapping[str, Any], field: str = "payload") -> tuple[Any, str | None]:
    """The schema of a message's ``field``, and its format where it is not AsyncAPI's own.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#multiFormatSchemaObject
    """
    schema = message.get(field, True)
    if isinstance(schema, dict) and "schemaFormat" in schema:
        name = as_text(schema["schemaFormat"]) or ""
        is_ours = name.startswith(("application/vnd.aai.asyncapi", "application/schema+"))
        return schema.get("schema", True), None if is_ours else name
    return schema, None
