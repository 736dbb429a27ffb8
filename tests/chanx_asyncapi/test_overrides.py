"""``@asyncapi`` leaves what it decorates as it is, and refuses at once what it cannot describe."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx_asyncapi import asyncapi
from chanx_asyncapi.overrides import Override, OverrideError, override_of

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    with use_registry(Registry()):
        yield


class Ask(BaseMessage):
    action: Literal["ask"] = "ask"
    payload: str


class Asked(BaseChannelEvent):
    handler: Literal["asked"] = "asked"
    payload: str


class Consumer(AsyncJsonWebsocketConsumer[PingMessage]): ...


async def method(self: Any, message: Ask) -> None: ...


# -- what it leaves ------------------------------------------------------------------------------------------


def test_the_target_stays_what_it_is() -> None:
    class Answer(BaseMessage):
        action: Literal["answer"] = "answer"
        payload: str

    fields, schema = dict(Answer.model_fields), Answer.model_json_schema()

    assert asyncapi(title="An answer")(Answer) is Answer
    assert (dict(Answer.model_fields), Answer.model_json_schema()) == (fields, schema)
    assert Answer(payload="").model_dump() == {"action": "answer", "payload": ""}


def test_nothing_is_overridden_where_nothing_was_said() -> None:
    assert override_of(Ask) == override_of(Consumer) == override_of(method) == Override()


def test_either_order_of_decorators() -> None:
    class Both(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        @asyncapi(title="first")
        @handler
        async def ask(self, message: Ask) -> None: ...

        @handler
        @asyncapi(title="last")
        async def ping(self, message: PingMessage) -> None: ...

    assert [override_of(getattr(Both, name)).title for name in ("ask", "ping")] == ["first", "last"]
    assert [spec.name for spec in Both.spec.message_handlers.values()] == ["ask", "ping"]


def test_the_outer_one_of_two_counts() -> None:
    @asyncapi(title="outer", extensions={"x-a": 1})
    @asyncapi(title="inner", deprecated=True, extensions={"x-a": 0, "x-b": 2})
    class Twice(BaseMessage): ...

    assert override_of(Twice) == Override(title="outer", deprecated=True, extensions={"x-a": 1, "x-b": 2})


# -- inheritance ---------------------------------------------------------------------------------------------


def test_subclasses_inherit_what_groups_them_and_nothing_else() -> None:
    @asyncapi(
        title="t",
        summary="s",
        description="d",
        tags=["a"],
        deprecated=True,
        exclude=True,
        external_docs="https://example.com",
        extensions={"x-a": 1},
    )
    class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True): ...

    class Child(Base): ...

    @asyncapi(tags=(), extensions={"x-b": 2})
    class Other(Child): ...

    assert override_of(Child) == Override(tags=("a",), external_docs="https://example.com", extensions={"x-a": 1})
    assert override_of(Other) == Override(tags=(), external_docs="https://example.com", extensions={"x-a": 1, "x-b": 2})


def test_a_generic_message_with_arguments_is_the_message() -> None:
    @asyncapi(title="t", exclude=True)
    class Page(BaseMessage, Generic[T]):
        payload: T

    assert override_of(Page[int]) == Override(title="t", exclude=True)


def test_an_overriding_method_starts_afresh() -> None:
    class Base(AsyncJsonWebsocketConsumer[Ask]):
        @handler
        @asyncapi(exclude=True)
        async def ask(self, message: Ask) -> None: ...

    class Same(Base): ...

    class Afresh(Base):
        @handler
        async def ask(self, message: Ask) -> None: ...

    assert override_of(Same.ask).exclude is True
    assert override_of(Afresh.ask).exclude is None


# -- what it refuses -----------------------------------------------------------------------------------------


def synchronous(self: Any, message: Ask) -> None: ...


async def receive_message(self: Any, message: Ask) -> None: ...


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (BaseModel, "@asyncapi on pydantic.main.BaseModel: it is neither a consumer nor a message.\nDescribe other"),
        (Asked, "clients do not see channel events.\nDecorate the message that its handler replies with."),
        (synchronous, "synchronous: it is no handler.\nDecorate a consumer class, a message class, or an async"),
        (7, "@asyncapi on 7: it is no handler."),
        (receive_message, "it handles every message, so nothing can be said of one.\nDecorate the classes"),
    ],
)
def test_wrong_targets(target: Any, text: str) -> None:
    with pytest.raises(OverrideError) as refused:
        asyncapi(title="x")(target)

    assert text in str(refused.value)


@pytest.mark.parametrize("target", [Consumer, method])
def test_examples_are_of_messages(target: Any) -> None:
    with pytest.raises(OverrideError, match="Decorate the class of the message"):
        asyncapi(examples=[{"action": "ask", "payload": "?"}])(target)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"title": ""}, "title='' "),
        ({"description": 7}, "description=7"),
        ({"tags": "chat"}, "tags='chat'"),
        ({"tags": ["a", ""]}, "tags are a list of names"),
        ({"tags": 7}, "tags=7"),
        ({"title": "\ud800"}, "that is no text"),
        ({"extensions": ["x-a"]}, "that is no dictionary"),
        ({"external_docs": "chat"}, "that is no URL"),
        ({"extensions": {"audience": 1}}, "'audience' is no name of an extension"),
        ({"extensions": {"x-a": {1}}}, "JSON does not know a value: Object of type set"),
        ({"extensions": {"x-a": float("nan")}}, "JSON does not know a value"),
    ],
)
def test_wrong_values(values: dict[str, Any], text: str) -> None:
    with pytest.raises(OverrideError) as refused:
        asyncapi(**values)

    assert text.strip() in str(refused.value)


def test_importing_it_imports_neither_django_nor_the_specification() -> None:
    code = (
        "import sys, chanx_asyncapi\n"
        "print([name for name in ('django', 'chanx', 'pydantic', 'chanx_asyncapi.spec') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
