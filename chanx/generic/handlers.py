"""``@handler``: methods that say by their annotations what they receive and what they send back."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, TypeVar, get_args, get_origin

from typing_extensions import get_type_hints

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.parameters import union_members
from chanx.messages.base import BaseChannelEvent, BaseMessage
from chanx.registry import HandlerSpec

Method = TypeVar("Method", bound=Callable[[Any, Any], Awaitable[BaseMessage | None] | AsyncIterator[BaseMessage]])

_MARK: Final = "_chanx_handler"

_EXAMPLE: Final = "Write for instance: async def post(self, message: NewMessage) -> Posted | Refused"


def handler(method: Method) -> Method:
    """Marks a method that handles the message, or the channel event, which its parameter is annotated with.

    What the method returns is sent to the client, and its return annotation is the documented reply::

        @handler
        async def post(self, message: NewMessage) -> Posted | Refused: ...

    ``-> None`` replies nothing. An async generator, ``-> AsyncIterator[Token | Done]``, sends each value that it
    yields. The metaclass checks that the handlers of a consumer cover its messages exactly.
    """
    setattr(method, _MARK, True)
    return method


def handlers_of(cls: type, owner: str) -> Iterator[HandlerSpec]:
    """The handlers that a class defines or inherits, in the order of definition, bases first.

    Raises :class:`~chanx.exceptions.ConsumerDefinitionError` for a handler whose annotations say too little.
    """
    # The attribute that wins in the method resolution order: an override without the mark is no handler.
    attributes = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
    for name, method in attributes.items():
        if getattr(method, _MARK, False):
            yield _read(name, method, owner)


def by_received_class(
    specs: list[HandlerSpec], owner: str, wire_name: Callable[[Any], str]
) -> Mapping[Any, HandlerSpec]:
    """Handlers by the class that they receive; raises ConsumerDefinitionError where two receive the same."""
    found: dict[Any, HandlerSpec] = {}
    for spec in specs:
        for received in spec.receives:
            if received in found:
                raise ConsumerDefinitionError(
                    owner,
                    f"both {found[received].name}() and {spec.name}() receive {wire_name(received)}.",
                    "A consumer handles each message once: merge the handlers, or rename one message.",
                )
            found[received] = spec
    return found


def _read(name: str, method: Any, owner: str) -> HandlerSpec:
    where = f"{owner}.{name}()"
    if not (inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)):
        raise ConsumerDefinitionError(where, "a handler must be asynchronous.", _EXAMPLE)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    required = [parameter for parameter in parameters if parameter.default is inspect.Parameter.empty]
    if not parameters or len(required) > 1 or parameters[0].kind is inspect.Parameter.KEYWORD_ONLY:
        raise ConsumerDefinitionError(where, "a handler takes one argument, the message.", _EXAMPLE)
    hints = hints_of(method, where)
    if parameters[0].name not in hints:
        raise ConsumerDefinitionError(where, f"`{parameters[0].name}` has no annotation.", _EXAMPLE)
    if "return" not in hints:
        raise ConsumerDefinitionError(
            where,
            "it has no return annotation, so nobody can know what it replies.",
            "Annotate the messages that it returns, or `-> None` when it replies nothing.",
        )
    streams = inspect.isasyncgenfunction(method)
    returned = hints["return"]
    if streams and get_origin(returned) in (AsyncIterator, AsyncGenerator):
        returned = get_args(returned)[0]
    return HandlerSpec(
        name=name,
        receives=tuple(_received(hints[parameters[0].name], where)),
        replies=tuple(_replied(returned, where)),
        streams=streams,
        doc=inspect.cleandoc(method.__doc__ or ""),
    )


def hints_of(method: Any, where: str) -> dict[str, Any]:
    """The annotations of a method; raises :class:`~chanx.exceptions.ConsumerDefinitionError` when they cannot be
    read."""
    try:
        return get_type_hints(method, include_extras=True)
    except NameError as error:
        raise ConsumerDefinitionError(
            where,
            f"its annotations cannot be read: {error}.",
            "Define or import the classes at module level, and not only under TYPE_CHECKING.",
        ) from error


def _received(annotation: Any, where: str) -> list[Any]:
    members = union_members(annotation)
    for base in (BaseMessage, BaseChannelEvent):
        if members and all(isinstance(member, type) and issubclass(member, base) for member in members):
            return members
    raise ConsumerDefinitionError(
        where,
        f"it receives {annotation!r}; a handler receives subclasses of BaseMessage, or of BaseChannelEvent.",
        _EXAMPLE,
    )


def _replied(annotation: Any, where: str) -> list[Any]:
    members = union_members(annotation)
    for member in members:
        if not (isinstance(member, type) and issubclass(member, BaseMessage)):
            raise ConsumerDefinitionError(
                where,
                f"it returns {member!r}; a handler returns subclasses of BaseMessage, or None.",
                _EXAMPLE,
            )
    return members
