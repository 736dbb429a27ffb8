"""Work that turns out to need the database is done in a thread, and nothing else is."""

import threading
from typing import Annotated, Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.utils.asyncio import async_unsafe
from pydantic import BaseModel, PlainSerializer
from pydantic_core import PydanticSerializationError

from chanx.blocking import may_block


class Calls:
    """Where each call of a function has run."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.threads: list[int] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.threads.append(threading.get_ident())
        return self._function(*args, **kwargs)


def by_serializer(function: Any) -> Any:
    """Runs ``function`` while pydantic serializes, which hides the class of what it raises."""

    class Holder(BaseModel):
        value: Annotated[int, PlainSerializer(function)]

    def call(value: int) -> str:
        return Holder(value=value).model_dump_json()

    return call


def directly(function: Any) -> Any:
    return function


@async_unsafe("Not here.")
def increment(value: int) -> int:
    return value + 1


def returned(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


async def test_what_needs_no_database_runs_once_where_it_is_called() -> None:
    calls = Calls(returned)
    assert await may_block(calls, 1, two=2) == ((1,), {"two": 2})
    assert calls.threads == [threading.get_ident()]


@pytest.mark.django_db
@pytest.mark.parametrize("wrap", [directly, by_serializer])
async def test_what_needs_it_runs_again_in_a_thread(wrap: Any) -> None:
    calls = Calls(wrap(increment))
    assert await may_block(calls, 1) in (2, '{"value":2}')
    assert len(calls.threads) == 2
    assert calls.threads[0] == threading.get_ident() != calls.threads[1]


@pytest.mark.parametrize("error", [ValueError("no"), PydanticSerializationError("no")])
async def test_other_failures_are_raised_at_once(error: Exception) -> None:
    def fail() -> None:
        raise error

    calls = Calls(fail)
    with pytest.raises(type(error), match="no"):
        await may_block(calls)
    assert len(calls.threads) == 1


@pytest.mark.django_db
async def test_a_failure_in_the_thread_is_raised() -> None:
    def fail() -> None:
        raise SynchronousOnlyOperation("always")

    calls = Calls(fail)
    with pytest.raises(SynchronousOnlyOperation):
        await may_block(calls)
    assert len(calls.threads) == 2
