"""The registry, and the specs in it."""

import dataclasses
from typing import Any

import pytest

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.registry import ConsumerSpec, Registry, current_registry, use_registry
from chanx.registry import registry as project_registry
from tests.chanx.support import Count, Echo, News, Noticed, OpenMixin, Said, Say


def define(name: str, *, abstract: bool = False) -> ConsumerSpec:
    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Say], abstract=abstract):
        async def receive_message(self, message: Say, **kwargs: Any) -> None: ...

    return dataclasses.replace(Consumer.spec, path=name)


def test_a_class_is_recorded_under_its_dotted_path() -> None:
    path = "tests.chanx.support.Echo"
    assert Echo.spec.path == path
    assert path in project_registry
    assert project_registry[path] is Echo.spec
    assert Echo.spec in list(project_registry)


def test_an_unknown_path_is_answered_with_the_known_ones(registry: Registry) -> None:
    with pytest.raises(KeyError, match=r"no consumer 'a\.B' is registered; known: none"):
        registry["a.B"]
    registry.register(define("chat.Chat"))
    with pytest.raises(KeyError, match=r"known: .*chat\.Chat"):
        registry["a.B"]


def test_specs_come_in_the_order_of_definition_and_the_abstract_ones_are_not_concrete() -> None:
    fresh = Registry()
    specs = [define("b.B"), define("a.A", abstract=True), define("c.C")]
    for spec in specs:
        fresh.register(spec)
    assert list(fresh) == specs
    assert len(fresh) == 3
    assert fresh.concrete() == (specs[0], specs[2])


def test_defining_a_path_again_replaces_it(registry: Registry) -> None:
    first, second = define("a.A"), define("a.A")
    registry.register(first)
    count = len(registry)
    registry.register(second)
    assert len(registry) == count
    assert registry["a.A"] is second
    assert first not in list(registry)


def test_classes_defined_in_a_block_are_recorded_there_alone() -> None:
    before, count = current_registry(), len(current_registry())
    with use_registry(Registry()) as fresh:
        define("x")
        assert current_registry() is fresh
        assert len(fresh) == 1
        with use_registry(Registry()) as inner:
            define("y")
            assert len(inner) == 1
        assert len(fresh) == 1
    assert current_registry() is before
    assert len(before) == count


def test_a_block_ends_also_when_it_raises() -> None:
    before = current_registry()
    with pytest.raises(LookupError), use_registry(Registry()):
        raise LookupError
    assert current_registry() is before


async def test_a_block_does_not_leak_into_other_tasks() -> None:
    import asyncio

    async def look() -> Registry:
        return current_registry()

    task = asyncio.create_task(look())
    with use_registry(Registry()) as fresh:
        assert await task is not fresh


@pytest.mark.usefixtures("registry")
def test_a_spec_is_frozen_all_through() -> None:
    spec = define("a.A")
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.path = "other"  # type: ignore[misc]  # that it is refused is the test
    for mapping in (spec.messages, spec.events, spec.group_messages, spec.message_handlers, spec.event_handlers):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["x"] = 1  # type: ignore[index]  # likewise
    assert isinstance(spec.outgoing_messages, tuple)
    assert isinstance(spec.groups, tuple)


@pytest.mark.usefixtures("registry")
def test_two_specs_are_equal_only_when_they_are_the_same() -> None:
    spec = define("a.A")
    assert dataclasses.replace(spec) != spec
    assert len({spec, dataclasses.replace(spec)}) == 2


@pytest.mark.usefixtures("registry")
def test_sent_messages_are_each_named_once_and_in_declared_order() -> None:
    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed, News]):
        outgoing_messages = (Count, Said)

        @handler
        async def say(self, message: Say) -> Said:
            return Said(payload="")

        @handler
        async def noticed(self, event: Noticed) -> News | Said:
            return Said(payload="")

    assert Consumer.spec.sent_messages == (Said, News, Count)
