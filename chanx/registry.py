"""What chanx knows about each consumer class: a frozen spec, in a plain registry keyed by dotted path."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chanx.deduplication.declaration import Deduplication
from chanx.history.declaration import GroupHistory
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.presence import presence_messages
from chanx.presence.declaration import GroupPresence

if TYPE_CHECKING:
    from chanx.generic.websocket import AsyncJsonWebsocketConsumer


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerSpec:
    """A method that handles one or more messages or channel events, and what it sends back."""

    #: Name of the method.
    name: str
    receives: tuple[type[BaseMessage] | type[BaseChannelEvent], ...]
    #: The classes in its return annotation; empty when it replies nothing.
    replies: tuple[type[BaseMessage], ...]
    #: It is an async generator: each value that it yields is sent.
    streams: bool
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConsumerSpec:
    """Everything that a consumer class declares. Two specs are equal only when they are the same object."""

    #: Dotted path: the identity of the class.
    path: str
    consumer: "type[AsyncJsonWebsocketConsumer[Any, Any, Any, Any]]"
    #: It serves no connections itself: marked so, generic arguments open, or ``receive_message`` missing.
    abstract: bool
    module: str
    #: The docstring of the class itself, cleaned; empty when it has none.
    doc: str

    #: The generic arguments as written: unions of classes, or None.
    incoming_type: Any
    event_type: Any
    outgoing_group_type: Any
    model: Any

    #: Received messages by ``action``, channel events by ``handler``, group messages by ``action``.
    messages: Mapping[str, type[BaseMessage]]
    events: Mapping[str, type[BaseChannelEvent]]
    group_messages: Mapping[str, type[BaseGroupMessage]]
    #: What ``outgoing_messages`` names.
    outgoing_messages: tuple[type[BaseMessage], ...]
    #: Handlers by the class that they receive; empty where ``receive_message``/``receive_event`` is written.
    message_handlers: Mapping[type[BaseMessage], HandlerSpec]
    event_handlers: Mapping[type[BaseChannelEvent], HandlerSpec]

    #: The class attributes; None means DRF's defaults.
    authentication_classes: Sequence[Any] | None
    permission_classes: Sequence[Any] | None
    throttle_classes: Sequence[Any] | None
    #: Its connections are about an object: it has a queryset, or its own get_queryset() or get_object().
    looks_up_object: bool
    #: What reads the query string of the handshake; None when nothing does.
    query_params_class: type[BaseModel] | None
    #: Groups that every connection joins, whatever ``build_groups`` adds.
    groups: tuple[str, ...]
    #: It has a ``build_groups()`` of its own.
    builds_groups: bool
    #: What its groups remember; None when they remember nothing.
    history: GroupHistory | None
    #: What is remembered of requests; None when nothing is.
    deduplication: Deduplication | None
    #: The received messages that are then requests.
    deduplicated: frozenset[type[BaseMessage]]
    #: How its groups know who is in them; None when they do not.
    presence: GroupPresence | None
    #: What it tells about each member: the return annotation of ``presence_info()``.
    presence_info: Any
    #: It says what it sends (a @handler or ``outgoing_messages``), so that sending anything else is a mistake.
    declares_sent: bool

    @property
    def hears_groups(self) -> bool:
        """Whether something may be relayed to its connections: group messages, or what other members send."""
        return bool(self.group_messages or self.groups) or self.builds_groups

    @property
    def presence_messages(self) -> tuple[type[BaseMessage], ...]:
        """The messages that tell who is in its groups; none where nobody is told."""
        return () if self.presence is None else presence_messages(self.presence_info)

    @property
    def sent_messages(self) -> tuple[type[BaseMessage], ...]:
        """Every message of the user's that the consumer declares to send, each once, in declared order."""
        handlers = [*self.message_handlers.values(), *self.event_handlers.values()]
        return tuple(
            dict.fromkeys(
                [
                    *(reply for handler in handlers for reply in handler.replies),
                    *self.outgoing_messages,
                    *self.group_messages.values(),
                ]
            )
        )


class Registry:
    """Consumer specs by dotted path, in the order of definition.

    Defining a path again, as a reload does, replaces the spec.
    """

    def __init__(self) -> None:
        self._specs: dict[str, ConsumerSpec] = {}

    def register(self, spec: ConsumerSpec) -> None:
        """Adds a spec, or replaces the one of the same path."""
        self._specs[spec.path] = spec

    def __getitem__(self, path: str) -> ConsumerSpec:
        """The spec of a dotted path; raises KeyError naming the known ones."""
        try:
            return self._specs[path]
        except KeyError:
            known = ", ".join(self._specs) or "none"
            raise KeyError(f"no consumer {path!r} is registered; known: {known}") from None

    def __contains__(self, path: object) -> bool:
        return path in self._specs

    def __iter__(self) -> Iterator[ConsumerSpec]:
        return iter(tuple(self._specs.values()))

    def __len__(self) -> int:
        return len(self._specs)

    def concrete(self) -> tuple[ConsumerSpec, ...]:
        """The specs of consumers that serve connections."""
        return tuple(spec for spec in self if not spec.abstract)


#: Where consumer classes are recorded.
registry = Registry()

_recording: ContextVar[Registry] = ContextVar("chanx_registry", default=registry)


def current_registry() -> Registry:
    """The registry that records classes which are being defined now."""
    return _recording.get()


@contextmanager
def use_registry(fresh: Registry) -> Generator[Registry]:
    """Consumers defined inside the block are recorded in ``fresh`` only, for instance in a test."""
    token = _recording.set(fresh)
    try:
        yield fresh
    finally:
        _recording.reset(token)
