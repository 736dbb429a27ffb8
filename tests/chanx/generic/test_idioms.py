"""What the code of a class says about how it uses the channel layer."""

import functools
from typing import Any

import pytest
from channels.db import database_sync_to_async

from chanx.generic.idioms import tells_channel_name


class Root:
    def channel_name(self) -> str:
        return "the root's own code does not count"


def noting(method: Any) -> Any:
    @functools.wraps(method)
    async def noted(self: Any, *args: Any) -> Any:
        return self.channel_name, await method(self, *args)

    return noted


def plainly(method: Any) -> Any:
    async def wrapped(self: Any, *args: Any) -> Any:
        return await method(self, *args)

    return wrapped


class InMethod(Root):
    async def connect(self) -> Any:
        return self.channel_name


class InNested(Root):
    async def connect(self) -> Any:
        return [(lambda: self.channel_name) for _ in "ab"]


class ByText(Root):
    def connect(self) -> Any:
        return getattr(self, "channel_name", None)


class InProperty(Root):
    @property
    def where(self) -> Any:
        return self.channel_name


class InCachedProperty(Root):
    @functools.cached_property
    def where(self) -> Any:
        return self.channel_name


class InClassMethod(Root):
    @classmethod
    def where(cls, consumer: Any) -> Any:
        return consumer.channel_name


class InStaticMethod(Root):
    @staticmethod
    def where(consumer: Any) -> Any:
        return consumer.channel_name


class InThread(Root):
    @database_sync_to_async
    def where(self) -> Any:
        return self.channel_name


class InDecorator(Root):
    @noting
    async def where(self) -> Any: ...


class BelowDecorator(Root):
    @plainly
    async def where(self) -> Any:
        return self.channel_name


class Annotated(Root):
    channel_name: Any


class InBase(InMethod):
    async def connect(self) -> Any: ...


class Mixin:
    def where(self) -> Any:
        return self.channel_name  # type: ignore[attr-defined]  # of the class that it is mixed into


class InMixin(Mixin, Root): ...


@pytest.mark.parametrize(
    "cls",
    [
        InMethod,
        InNested,
        ByText,
        InProperty,
        InCachedProperty,
        InClassMethod,
        InStaticMethod,
        InThread,
        InDecorator,
        BelowDecorator,
        Annotated,
        InBase,
        InMixin,
    ],
)
def test_a_class_tells_the_name_wherever_it_is_in_its_code(cls: type[Any]) -> None:
    assert tells_channel_name(cls, Root)


class Quiet(Root):
    channel_layer: Any
    table = "channel_names"

    @plainly
    async def where(self) -> Any:
        """Never asks for its channel_name."""
        return self.channel_layer

    @functools.cached_property
    def who(self) -> Any:
        return self


@pytest.mark.parametrize("cls", [Root, Quiet])
def test_a_class_without_it_does_not(cls: type[Any]) -> None:
    assert not tells_channel_name(cls, Root)
