"""The metaclass of consumers: reads what a class declares, refuses what cannot work, registers the spec."""

import inspect
from abc import ABCMeta, abstractmethod, update_abstractmethods
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel

from chanx.deduplication.declaration import Deduplication
from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.handlers import by_received_class, handlers_of, hints_of
from chanx.generic.own_names import clash
from chanx.generic.parameters import generic_arguments, is_absent, is_open, union_members
from chanx.generic.query_params import query_params_class
from chanx.generic.system_messages import SYSTEM_MESSAGES
from chanx.history.declaration import GroupHistory
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from chanx.messages.resuming import ResumedMessage, ResumeMessage
from chanx.presence.declaration import GroupPresence
from chanx.registry import ConsumerSpec, HandlerSpec, current_registry

Method = TypeVar("Method", bound=Callable[..., Any])
Model = TypeVar("Model", BaseMessage, BaseGroupMessage, BaseChannelEvent)

_EXAMPLE: Final = "Write for instance: class ChatConsumer(AsyncJsonWebsocketConsumer[NewMessage | PingMessage]): ..."


_DEFAULT: Final = "_chanx_default"

#: The method of the root class that does the work of another by calling handlers.
_BY_HANDLER: Final = {"receive_message": "_receive_by_handler", "receive_event": "_receive_event_by_handler"}


if TYPE_CHECKING:
    # A type checker cannot know that handlers may stand in for the method. It would call each consumer that has
    # handlers abstract, and refuse it where a class is wanted.
    def abstract_at_run_time(method: Method) -> Method:
        """Marks a method that a class must have before it can be instantiated."""
        return method
else:
    abstract_at_run_time = abstractmethod


def _own_handler(name: str, receives: type[BaseMessage], reply: type[BaseMessage]) -> HandlerSpec:
    return HandlerSpec(
        name=name, receives=(receives,), replies=(reply,), streams=False, doc=inspect.cleandoc(receives.__doc__ or "")
    )


#: The messages that chanx answers itself.
_OWN_HANDLERS: Final[Mapping[type[BaseMessage], HandlerSpec]] = {
    PingMessage: _own_handler("_pong", PingMessage, PongMessage),
    ResumeMessage: _own_handler("_resume", ResumeMessage, ResumedMessage),
}


def default_method(method: Method) -> Method:
    """Marks chanx's own stand-in for a method that users write, or leave to handlers."""
    setattr(method, _DEFAULT, True)
    return method


class ConsumerMeta(ABCMeta):
    """Metaclass of :class:`~chanx.generic.websocket.AsyncJsonWebsocketConsumer`.

    Gives each class its :class:`~chanx.registry.ConsumerSpec` as ``spec`` and records it in the current registry.
    Class keyword ``abstract=True`` marks a class that serves no connections itself.

    Raises :class:`~chanx.exceptions.ConsumerDefinitionError` for a class that cannot work.
    """

    spec: ConsumerSpec

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        abstract: bool = False,
        **kwargs: Any,
    ) -> "ConsumerMeta":
        cls = super().__new__(mcs, name, bases, namespace, **kwargs)
        cls.spec = _Reader(cls, namespace).read(abstract=abstract)
        current_registry().register(cls.spec)
        return cls


class _Reader:
    """Reads one class into its spec."""

    def __init__(self, cls: ConsumerMeta, namespace: Mapping[str, Any]) -> None:
        self.cls: Any = cls
        self.namespace = namespace
        self.path = f"{cls.__module__}.{cls.__qualname__}"
        self.root: Any = [base for base in cls.__mro__ if isinstance(base, ConsumerMeta)][-1]

    def read(self, *, abstract: bool) -> ConsumerSpec:
        cls = self.cls
        if cls is not self.root:
            self._refuse_own_names()
        arguments = self._arguments()
        is_given = {name: not is_open(argument, cls.__parameters__) for name, argument in arguments.items()}
        abstract = abstract or not all(is_given.values())
        incoming, event, group, model = (
            # Python hands a written None on as NoneType.
            arguments[name] if is_given[name] and not is_absent(arguments[name]) else None
            for name in ("IC", "Event", "OG", "M")
        )
        messages = self._members(incoming, BaseMessage, "IC")
        events = self._members(event, BaseChannelEvent, "Event")
        group_messages = self._members(group, BaseGroupMessage, "OG")
        if not messages and not abstract:
            raise ConsumerDefinitionError(
                self.path,
                "it does not say which messages it receives.",
                f"{_EXAMPLE}\nOr mark it: abstract=True.",
            )
        history = self._history()
        if history is not None and messages:
            if messages.get("resume", ResumeMessage) is not ResumeMessage:
                raise self._equal("action", "resume", messages["resume"], ResumeMessage)
            messages = MappingProxyType({**messages, "resume": ResumeMessage})
        handlers = list(handlers_of(cls, self.path))
        message_handlers = self._of_kind(handlers, BaseMessage)
        event_handlers = self._of_kind(handlers, BaseChannelEvent)
        uses_handlers = self._uses_handlers("receive_message", message_handlers, messages)
        if not abstract:
            if uses_handlers:
                message_handlers = self._with_own(message_handlers, messages)
                self._refuse_gaps("message", "IC", message_handlers, messages)
            if self._uses_handlers("receive_event", event_handlers, {}):
                self._refuse_gaps("channel event", "Event", event_handlers, events)
        self._install("receive_message", uses_handlers)
        self._install("receive_event", bool(event_handlers))
        spec = ConsumerSpec(
            path=self.path,
            consumer=cls,
            abstract=abstract or inspect.isabstract(cls),
            module=cls.__module__,
            doc=inspect.cleandoc(cls.__dict__.get("__doc__") or ""),
            incoming_type=incoming,
            event_type=event,
            outgoing_group_type=group,
            model=model,
            messages=messages,
            events=events,
            group_messages=group_messages,
            outgoing_messages=tuple(self._outgoing(cls.outgoing_messages)),
            message_handlers=MappingProxyType(message_handlers),
            event_handlers=MappingProxyType(event_handlers),
            authentication_classes=cls.authentication_classes,
            permission_classes=cls.permission_classes,
            throttle_classes=cls.throttle_classes,
            looks_up_object=self._looks_up_object(),
            query_params_class=query_params_class(cls, self.root, self.path, abstract=abstract),
            groups=tuple(cls.groups or ()),
            builds_groups=cls.build_groups is not self.root.build_groups,
            history=history,
            deduplication=cls.deduplication,
            deduplicated=self._deduplicated(messages),
            presence=self._presence(),
            presence_info=self._presence_info(),
            declares_sent=bool(handlers) or cls.outgoing_messages is not None,
        )
        self._refuse_equal_actions(spec)
        return spec

    def _refuse_own_names(self) -> None:
        if (found := clash(self.cls, self.root, self.namespace)) is not None:
            base, name = found
            raise ConsumerDefinitionError(
                self.path,
                f"{_path(base)} defines {name!r}, a name that chanx uses itself.",
                "Choose another name: chanx would find yours in place of its own.",
            )

    def _arguments(self) -> dict[str, Any]:
        if self.cls is self.root:
            return {parameter.__name__: parameter for parameter in self.root.__parameters__}
        try:
            return dict(generic_arguments(self.cls, self.root))
        except NameError as error:
            raise ConsumerDefinitionError(
                self.path,
                f"a generic argument cannot be read: {error}.",
                "Define or import the class before the consumer, and not only under TYPE_CHECKING.",
            ) from error

    def _members(self, annotation: Any, base: type[Model], parameter: str) -> Mapping[str, type[Model]]:
        """The classes of a generic argument by their literal."""
        found: dict[str, type[Model]] = {}
        for member in union_members(annotation):
            if not (isinstance(member, type) and issubclass(member, base)):
                raise ConsumerDefinitionError(
                    self.path,
                    f"its {parameter} holds {member!r}, which is not a subclass of {base.__name__}.",
                    f"Derive it from {base.__module__}.{base.__name__}.",
                )
            values = member.discriminator_values()
            if not values:
                raise ConsumerDefinitionError(
                    self.path,
                    f"{_path(member)} in its {parameter} has no `{base.discriminator}` of its own.",
                    f'Write for instance: {base.discriminator}: Literal["name"] = "name"',
                )
            for value in values:
                if found.setdefault(value, member) is not member:
                    raise self._equal(base.discriminator, value, found[value], member)
        return MappingProxyType(found)

    def _equal(self, key: str, value: str, first: type, second: type) -> ConsumerDefinitionError:
        return ConsumerDefinitionError(
            self.path,
            f"{_path(first)} and {_path(second)} both have the {key} {value!r}.",
            f"Give one of them another {key}: nothing else tells them apart on the wire.",
        )

    def _of_kind(self, handlers: list[HandlerSpec], base: type[Model]) -> dict[type[Model], HandlerSpec]:
        matching = [handler for handler in handlers if issubclass(handler.receives[0], base)]
        found = by_received_class(matching, self.path, _literals)
        return dict(found)

    def _uses_handlers(self, method: str, handlers: Mapping[Any, HandlerSpec], messages: Mapping[str, Any]) -> bool:
        """Whether handlers do the work of ``method``; refuses a class in which both do."""
        written = not getattr(getattr(self.cls, method), _DEFAULT, False)
        if handlers and written:
            name = next(iter(handlers.values())).name
            raise ConsumerDefinitionError(
                self.path,
                f"it has {method}() and the handler {name}().",
                f"Choose one: move what {method}() does into handlers, or call {name}() from it without @handler.",
            )
        # A base may have left the work to handlers of which a subclass has none any more: that is a gap.
        inherited = getattr(self.cls, method) is getattr(self.root, _BY_HANDLER[method], None)
        only_pings = bool(messages) and set(messages.values()) <= _OWN_HANDLERS.keys()
        return bool(handlers) or inherited or (only_pings and not written)

    def _with_own(
        self, handlers: dict[type[BaseMessage], HandlerSpec], messages: Mapping[str, type[BaseMessage]]
    ) -> dict[type[BaseMessage], HandlerSpec]:
        """What no handler of the class receives, and chanx answers itself."""
        for message, handler in _OWN_HANDLERS.items():
            if message in messages.values() and message not in handlers:
                handlers = {**handlers, message: handler}
        return handlers

    def _history(self) -> GroupHistory | None:
        history: object = self.cls.history
        if history is not None and not isinstance(history, GroupHistory):
            raise ConsumerDefinitionError(
                self.path,
                f"its history is {history!r}.",
                "Write for instance: history = GroupHistory(size=1000, ttl=3600)",
            )
        return history

    def _deduplicated(self, messages: Mapping[str, type[BaseMessage]]) -> frozenset[type[BaseMessage]]:
        declared = self.cls.deduplication
        if declared is None:
            return frozenset()
        if not isinstance(declared, Deduplication):
            raise ConsumerDefinitionError(
                self.path,
                f"its deduplication is {declared!r}.",
                "Write for instance: deduplication = Deduplication(window=300)",
            )
        known = set(messages.values()) - _OWN_HANDLERS.keys()
        for message in declared.only or ():
            if message not in known:
                raise ConsumerDefinitionError(
                    self.path,
                    f"its deduplication names {_path(message)}, which is no message of its own that it receives.",
                    "Name messages of its IC parameter.",
                )
        found = frozenset(known if declared.only is None else declared.only)
        for message in found:
            if taken := {"id", "retry"} & message.model_fields.keys():
                raise ConsumerDefinitionError(
                    self.path,
                    f"{_path(message)} has a field {min(taken)!r} of its own, which hides that of the envelope.",
                    "Move the field into the payload, or leave the message out: Deduplication(only=…).",
                )
        return found

    def _presence(self) -> GroupPresence | None:
        presence: object = self.cls.presence
        if presence is not None and not isinstance(presence, GroupPresence):
            raise ConsumerDefinitionError(
                self.path, f"its presence is {presence!r}.", "Write for instance: presence = GroupPresence(ttl=30)"
            )
        return presence

    def _presence_info(self) -> Any:
        """What ``presence_info()`` returns, by its annotation."""
        method: Any = self.cls.presence_info
        if method is self.root.presence_info or self.cls.presence is None:
            return None
        where = f"{self.path}.presence_info()"
        returned = hints_of(method, where).get("return", BaseModel)
        for member in union_members(returned):
            if not (isinstance(member, type) and issubclass(member, BaseModel)) or member is BaseModel:
                raise ConsumerDefinitionError(
                    where,
                    "it does not say what it tells about a member.",
                    "Annotate the pydantic model that it returns: async def presence_info(self, group: str) -> Profile",
                )
        return returned

    def _refuse_gaps(
        self, kind: str, parameter: str, handlers: Mapping[Any, HandlerSpec], declared: Mapping[str, Any]
    ) -> None:
        for received, handler in handlers.items():
            if received not in declared.values():
                raise ConsumerDefinitionError(
                    self.path,
                    f"{handler.name}() receives {_path(received)}, which is not in its {parameter}.",
                    f"Add {received.__name__} to the {parameter} parameter, or remove the handler.",
                )
        for value, received in declared.items():
            if received not in handlers:
                raise ConsumerDefinitionError(
                    self.path,
                    f"no handler receives the {kind} {value!r} ({_path(received)}) of its {parameter}.",
                    f"Write: @handler async def {value}(self, {kind.split()[-1]}: {received.__name__}) -> None: ...",
                )

    def _install(self, method: str, wanted: bool) -> None:
        if wanted:
            setattr(self.cls, method, getattr(self.root, _BY_HANDLER[method]))
            update_abstractmethods(self.cls)

    def _outgoing(self, declared: Any) -> Iterable[type[BaseMessage]]:
        members: list[Any] = (
            [inner for member in declared for inner in union_members(member)]
            if isinstance(declared, list | tuple)
            else union_members(declared)
        )
        for member in members:
            if not (isinstance(member, type) and issubclass(member, BaseMessage)):
                raise ConsumerDefinitionError(
                    self.path,
                    f"its outgoing_messages hold {member!r}, which is not a subclass of BaseMessage.",
                    "Write for instance: outgoing_messages = [Typing, Presence]",
                )
            yield member

    def _looks_up_object(self) -> bool:
        hooks = ("get_queryset", "get_object")
        return self.cls.queryset is not True or any(
            getattr(self.cls, hook) is not getattr(self.root, hook) for hook in hooks
        )

    def _refuse_equal_actions(self, spec: ConsumerSpec) -> None:
        """A client tells the messages that it receives apart by their action alone."""
        by_action: dict[str, type[BaseMessage]] = {}
        for message in (*spec.presence_messages, *spec.sent_messages):
            values = message.discriminator_values()
            if not values:
                raise ConsumerDefinitionError(
                    self.path,
                    f"it sends {_path(message)}, which has no `action` of its own.",
                    'Write for instance: action: Literal["name"] = "name"',
                )
            for action in values:
                system = SYSTEM_MESSAGES.get(action)
                if system is not None and not issubclass(message, system):
                    raise self._equal("action", action, message, system)
                if by_action.setdefault(action, message) is not message:
                    raise self._equal("action", action, by_action[action], message)


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _literals(received: Any) -> str:
    return " and ".join(repr(value) for value in received.discriminator_values()) or _path(received)
