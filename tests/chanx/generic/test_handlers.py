"""``@handler``: what is read of a method, and what is refused."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from typing_extensions import TypeAliasType

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.handlers import by_received_class, handler, handlers_of
from chanx.registry import HandlerSpec
from tests.chanx.support import Alarmed, Count, News, Noticed, Said, Say, exactly

if TYPE_CHECKING:
    from chanx.messages.base import BaseMessage as OnlyForTypeCheckers

EXAMPLE = "Write for instance: async def post(self, message: NewMessage) -> Posted | Refused"
Received = TypeAliasType("Received", Say | Count)


def read(method: Callable[..., Any], name: str = "take") -> HandlerSpec:
    """What is read of a class with one handler."""
    handler(method)
    (spec,) = handlers_of(type("Consumer", (), {name: method}), "chat.Consumer")
    return spec


def refusal(method: Callable[..., Any]) -> str:
    with pytest.raises(ConsumerDefinitionError) as caught:
        read(method)
    return str(caught.value)


def test_the_decorator_gives_back_the_very_function() -> None:
    async def post(self: object, message: Say) -> Said:
        return Said(payload=message.payload)

    assert handler(post) is post


def test_what_it_receives_and_replies_is_read_of_the_annotations() -> None:
    async def take(self: object, message: Say) -> Said | News:
        """Takes it.

        And says so.
        """
        return Said(payload=message.payload)

    assert read(take) == HandlerSpec(
        name="take", receives=(Say,), replies=(Said, News), streams=False, doc="Takes it.\n\nAnd says so."
    )


def test_none_replies_nothing() -> None:
    async def take(self: object, message: Say) -> None: ...

    async def maybe(self: object, message: Say) -> Said | None: ...

    assert (read(take).replies, read(take).doc) == ((), "")
    assert read(maybe).replies == (Said,)


def test_unions_aliases_annotated_and_quotes() -> None:
    async def union(self: object, message: Say | Count) -> None: ...

    async def alias(self: object, message: Received) -> None: ...

    async def annotated(self: object, message: Annotated[Say | Count, "both"]) -> Annotated[Said, "answer"]: ...  # type: ignore[empty-body]  # read, never called

    async def quoted(self: object, message: "Say | Count") -> "Said": ...  # type: ignore[empty-body]  # likewise

    for method in (union, alias, annotated, quoted):
        assert read(method).receives == (Say, Count)
    assert read(annotated).replies == read(quoted).replies == (Said,)


def test_events_are_received_like_messages() -> None:
    async def take(self: object, event: Noticed | Alarmed) -> Said: ...  # type: ignore[empty-body]  # read, never called

    assert read(take).receives == (Noticed, Alarmed)


def test_an_async_generator_streams_what_it_yields() -> None:
    async def iterator(self: object, message: Say) -> AsyncIterator[Said | News]:
        yield Said(payload="")

    async def generator(self: object, message: Say) -> AsyncGenerator[Said, None]:
        yield Said(payload="")

    assert (read(iterator).replies, read(iterator).streams) == ((Said, News), True)
    assert (read(generator).replies, read(generator).streams) == ((Said,), True)


def test_further_parameters_need_a_default() -> None:
    async def fine(self: object, message: Say, louder: bool = False) -> None: ...

    async def two(self: object, message: Say, louder: bool) -> None: ...

    async def none(self: object) -> None: ...

    async def keyword(self: object, *, message: Say) -> None: ...

    assert read(fine).receives == (Say,)
    for method in (two, none, keyword):
        assert refusal(method) == f"chat.Consumer.take(): a handler takes one argument, the message.\n{EXAMPLE}"


def test_a_handler_is_asynchronous() -> None:
    def take(self: object, message: Say) -> None: ...

    def returns_awaitable(self: object, message: Say) -> Awaitable[None]:
        raise NotImplementedError

    for method in (take, returns_awaitable):
        assert refusal(method) == f"chat.Consumer.take(): a handler must be asynchronous.\n{EXAMPLE}"


def test_a_message_without_annotation() -> None:
    async def take(self, message) -> None: ...  # type: ignore[no-untyped-def]  # what is missing is the test

    assert refusal(take) == f"chat.Consumer.take(): `message` has no annotation.\n{EXAMPLE}"


def test_a_reply_without_annotation() -> None:
    async def take(self: object, message: Say):  # type: ignore[no-untyped-def]  # likewise
        return None

    assert refusal(take) == (
        "chat.Consumer.take(): it has no return annotation, so nobody can know what it replies.\n"
        "Annotate the messages that it returns, or `-> None` when it replies nothing."
    )


def test_annotations_that_cannot_be_read() -> None:
    async def take(self: object, message: "OnlyForTypeCheckers") -> None: ...

    assert refusal(take) == (
        "chat.Consumer.take(): its annotations cannot be read: name 'OnlyForTypeCheckers' is not defined.\n"
        "Define or import the classes at module level, and not only under TYPE_CHECKING."
    )


@pytest.mark.parametrize("annotation", [int, Any, Say | int, Say | Noticed, None, dict[str, Any]], ids=str)
def test_what_no_handler_receives(annotation: Any) -> None:
    async def take(self: object, message: object) -> None: ...

    take.__annotations__["message"] = annotation
    assert "; a handler receives subclasses of BaseMessage, or of BaseChannelEvent.\n" in refusal(take)


@pytest.mark.parametrize(
    ("annotation", "named"), [(str, "<class 'str'>"), (Said | str, "<class 'str'>"), (Any, "typing.Any")], ids=str
)
def test_what_no_handler_returns(annotation: Any, named: str) -> None:
    async def take(self: object, message: Say) -> object: ...

    take.__annotations__["return"] = annotation
    assert refusal(take) == (
        f"chat.Consumer.take(): it returns {named}; a handler returns subclasses of BaseMessage, or None.\n{EXAMPLE}"
    )


class Base:
    @handler
    async def second(self, message: Count) -> None: ...

    @handler
    async def first(self, message: Say) -> None: ...


def test_handlers_are_inherited_in_the_order_of_definition() -> None:
    class Mixin:
        @handler
        async def third(self, event: Noticed) -> None: ...

    class Child(Mixin, Base):
        @handler
        async def fourth(self, event: Alarmed) -> None: ...

    assert [spec.name for spec in handlers_of(Child, "x")] == ["second", "first", "third", "fourth"]


def test_an_override_with_the_mark_counts_and_one_without_takes_the_handler_away() -> None:
    class Marked(Base):
        @handler
        async def first(self, message: Say) -> Said: ...  # type: ignore[override, empty-body]  # read, never called

    class Unmarked(Base):
        async def first(self, message: Say) -> None: ...

    class Deleted(Base):
        first = None  # type: ignore[assignment]  # Python's way to say: not any more

    assert {spec.name: spec.replies for spec in handlers_of(Marked, "x")} == {"second": (), "first": (Said,)}
    assert [spec.name for spec in handlers_of(Unmarked, "x")] == ["second"]
    assert [spec.name for spec in handlers_of(Deleted, "x")] == ["second"]


def test_two_handlers_of_one_message_are_refused_with_both_names() -> None:
    def spec(name: str, *receives: Any) -> HandlerSpec:
        return HandlerSpec(name=name, receives=receives, replies=(), streams=False, doc="")

    first, second = spec("on_say", Say, Count), spec("say", Say)
    assert by_received_class([first], "chat.Consumer", str) == {Say: first, Count: first}
    with pytest.raises(
        ConsumerDefinitionError,
        match=exactly(
            "chat.Consumer: both on_say() and say() receive 'say'.\n"
            "A consumer handles each message once: merge the handlers, or rename one message."
        ),
    ):
        by_received_class([first, second], "chat.Consumer", lambda received: repr(received.discriminator_values()[0]))
