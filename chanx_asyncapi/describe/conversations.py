"""What travels over a connection of a consumer: what it receives, with the replies, and what it sends otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from chanx.generic.system_messages import system_messages
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import (
    AuthenticationMessage,
    CompleteMessage,
    ErrorMessage,
    GroupCompleteMessage,
    PongMessage,
)
from chanx.messages.resuming import PositionsMessage, ResumedMessage, ResumeMessage
from chanx.registry import ConsumerSpec, HandlerSpec
from chanx_asyncapi.describe.names import class_path, key, path_key
from chanx_asyncapi.describe.overridden import description_of, is_deprecated, is_excluded, method_of
from chanx_asyncapi.describe.texts import clean
from chanx_asyncapi.overrides import Override, override_of

Direction = Literal["received", "sent"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A message in one direction, seen from the server: the two have different schemas."""

    message: type[BaseMessage]
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message that the server receives."""

    frame: Frame
    #: What may answer it, system frames included.
    replies: tuple[Frame, ...]
    #: The handler may answer any number of times.
    streams: bool
    description: str | None
    #: What ``@asyncapi`` says about the handler, if there is one.
    override: Override
    #: The handler is not to be used any more.
    deprecated: bool
    #: A client may send it again: seconds for which it is known again. None: it may not.
    repeatable_for: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that the server sends of its own accord."""

    frame: Frame
    description: str | None
    #: What ``@asyncapi`` says about the handler of the event that makes the server send it, if there is one.
    override: Override
    #: That handler is not to be used any more.
    deprecated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything that may travel over a connection, except for what is excluded from documents."""

    received: tuple[Received, ...]
    sent: tuple[Sent, ...]
    #: The key of each frame among the messages of the channel.
    keys: Mapping[Frame, str]
    #: What another member of a group may have sent as JSON: it then carries ``is_mine`` and ``is_current``.
    relayed: frozenset[Frame]
    #: Those of them that also carry their place in the history of the group.
    numbered: frozenset[Frame]

    @property
    def repeatable(self) -> frozenset[Frame]:
        """Those that a client may send again."""
        return frozenset(each.frame for each in self.received if each.repeatable_for is not None)


def conversation(spec: ConsumerSpec) -> Conversation:
    """What travels over a connection of a consumer, by its declarations and the settings of this moment."""
    received = tuple(_received(spec))
    sent = tuple(_sent(spec))
    keys = _keys(received, sent)
    relayed = frozenset(frame for frame in keys if spec.hears_groups and frame.direction == "sent")
    numbered = relayed if spec.history is not None else frozenset[Frame]()
    return Conversation(received=received, sent=sent, keys=keys, relayed=relayed, numbered=numbered)


def _received(spec: ConsumerSpec) -> Iterator[Received]:
    own = system_messages(spec)
    for message in dict.fromkeys(spec.messages.values()):
        handler = spec.message_handlers.get(message)
        method = method_of(spec, handler)
        override = override_of(method)
        if override.exclude or is_excluded(message):
            continue
        replies: list[type[BaseMessage]] = list(handler.replies) if handler else []
        if message is PingMessage and PongMessage in own:
            replies.append(PongMessage)
        if message is ResumeMessage and ResumedMessage in own and ResumedMessage not in replies:
            replies.append(ResumedMessage)
        replies.append(ErrorMessage)
        if CompleteMessage in own:
            replies.append(CompleteMessage)
        yield Received(
            frame=Frame(message, "received"),
            replies=tuple(Frame(reply, "sent") for reply in dict.fromkeys(replies) if not is_excluded(reply)),
            streams=handler is not None and handler.streams,
            description=(
                clean(override.description) or _words_of(handler) or description_of(message) or override.summary
            ),
            override=override,
            deprecated=is_deprecated(method),
            repeatable_for=spec.deduplication.window if spec.deduplication and message in spec.deduplicated else None,
        )


def _sent(spec: ConsumerSpec) -> Iterator[Sent]:
    own = system_messages(spec)
    senders: dict[type[BaseMessage], HandlerSpec | None] = {}
    if AuthenticationMessage in own:
        senders[AuthenticationMessage] = None
    senders |= {message: None for message in (PositionsMessage, ResumedMessage) if message in own}
    senders |= dict.fromkeys(spec.presence_messages)
    for handler in dict.fromkeys(spec.event_handlers.values()):
        if not override_of(method_of(spec, handler)).exclude:
            for message in handler.replies:
                senders.setdefault(message, handler)
    others: list[type[BaseMessage]] = [*spec.group_messages.values(), *spec.outgoing_messages, ErrorMessage]
    for message in others:
        senders.setdefault(message, None)
    for message in (CompleteMessage, GroupCompleteMessage):
        if message in own:
            senders[message] = None
    for message, sender in senders.items():
        if is_excluded(message):
            continue
        method = method_of(spec, sender)
        override = override_of(method)
        yield Sent(
            frame=Frame(message, "sent"),
            description=(
                clean(override.description) or description_of(message) or _words_of(sender) or override.summary
            ),
            override=override,
            deprecated=is_deprecated(method),
        )


def _keys(received: tuple[Received, ...], sent: tuple[Sent, ...]) -> dict[Frame, str]:
    """The action names a message; the dotted path names one whose action another message of the channel has."""
    frames = [
        *(each.frame for each in received),
        *(reply for each in received for reply in each.replies),
        *(each.frame for each in sent),
    ]
    keys: dict[Frame, str] = {}
    for frame in dict.fromkeys(frames):
        short = message_name(frame.message)
        taken = keys.values()
        keys[frame] = short if short not in taken else f"{path_key(class_path(frame.message))}-{frame.direction}"
    return keys


def message_name(message: type[BaseMessage]) -> str:
    """What programs call a message: its action, or its class where several actions mean it."""
    actions = message.discriminator_values()
    return key(actions[0] if len(actions) == 1 else message.__name__)


def _words_of(handler: HandlerSpec | None) -> str | None:
    return None if handler is None else clean(handler.doc)
