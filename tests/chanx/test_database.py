"""Database connections are closed when Channels would close them, without a trip to their thread for each event."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any, Final

import pytest
from asgiref.sync import ThreadSensitiveContext, async_to_sync, sync_to_async
from channels import db as channels_db
from channels.db import aclose_old_connections
from django.db import connections
from django.db.backends.signals import connection_created
from pytest_django import DjangoDbBlocker

from chanx import database
from chanx.database import close_old_connections, connections_are_old

ALIAS: Final = "own"


class Connection:
    """What the module reads of a connection: one that Django would keep."""

    def __init__(self, **attributes: object) -> None:
        self.connection: object = "open"
        self.close_at: float | None = None
        self.errors_occurred = False
        self.health_check_enabled = False
        self.health_check_done = True
        self.in_atomic_block = False
        self.autocommit = True
        self.settings_dict = {"AUTOCOMMIT": True}
        vars(self).update(attributes)
        connection_created.send(Connection, connection=self)


class Closings:
    """Takes the place of Channels' function, and notes the thread of each call."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.failure: Exception | None = None

    def __call__(self) -> None:
        self.threads.append(threading.get_ident())
        if self.failure is not None:
            raise self.failure


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgets the connections of the tests before."""
    monkeypatch.setattr(database, "_state", database._State())  # pyright: ignore[reportPrivateUsage] - no other way


@pytest.fixture
def closings(monkeypatch: pytest.MonkeyPatch) -> Closings:
    noted = Closings()
    monkeypatch.setattr(channels_db, "close_old_connections", noted)
    return noted


@pytest.fixture
async def busy() -> AsyncIterator[Callable[[], None]]:
    """The thread of the queries runs one until the test calls this."""
    begun, gate = threading.Event(), threading.Event()

    def query() -> None:
        begun.set()
        gate.wait(5)

    running = asyncio.create_task(sync_to_async(query)())
    await asyncio.to_thread(begun.wait, 5)
    yield gate.set
    gate.set()
    await running


async def in_its_thread(function: Callable[[], Any] = threading.get_ident) -> Any:
    """Calls it in the thread of the queries, after everything that is queued there."""
    return await sync_to_async(function)()


# -- what is old ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, False),
        ({"close_at": 0.0}, True),
        ({"close_at": float("inf")}, False),
        ({"close_at": 0.0, "connection": None}, False),
        ({"errors_occurred": True}, True),
        ({"health_check_enabled": True}, True),
        ({"health_check_enabled": True, "health_check_done": False}, False),
        ({"autocommit": False}, True),
        ({"autocommit": False, "in_atomic_block": True}, False),
        ({"autocommit": False, "settings_dict": {"AUTOCOMMIT": False}}, False),
        ({"close_at": 0.0, "in_atomic_block": True}, True),
    ],
)
async def test_a_connection_is_old_when_django_would_look_after_it(
    attributes: dict[str, object], expected: bool
) -> None:
    kept, connection = Connection(), Connection(**attributes)
    assert connections_are_old() is expected
    del kept, connection
    assert not connections_are_old(), "connections are kept alive"


async def test_a_process_without_connections_has_nothing_to_close() -> None:
    assert not connections_are_old()


async def test_a_connection_belongs_to_the_thread_that_opened_it_last(closings: Closings) -> None:
    await close_old_connections()
    connection = await in_its_thread(lambda: Connection(errors_occurred=True))
    assert connections_are_old()
    connection_created.send(Connection, connection=connection)
    assert not connections_are_old()


async def test_connections_of_other_threads_do_not_count_once_the_thread_of_the_queries_is_known(
    closings: Closings,
) -> None:
    elsewhere = await asyncio.to_thread(Connection, errors_occurred=True)
    assert connections_are_old(), "it may be the thread of the queries"
    await close_old_connections()
    await in_its_thread()
    assert not connections_are_old()
    here = await in_its_thread(lambda: Connection(errors_occurred=True))
    assert connections_are_old()
    here.errors_occurred = False
    async with ThreadSensitiveContext():
        assert connections_are_old(), "queries of this context run in another thread"
    assert elsewhere.errors_occurred


# -- the closing ---------------------------------------------------------------------------------------------


async def test_the_closing_waits_for_nobody_and_comes_before_later_queries(
    closings: Closings, busy: Callable[[], None]
) -> None:
    await asyncio.wait_for(close_old_connections(), 2)
    later = asyncio.create_task(in_its_thread(lambda: (threading.get_ident(), list(closings.threads))))
    await asyncio.sleep(0.01)
    assert closings.threads == []
    busy()
    thread, closed_before = await asyncio.wait_for(later, 2)
    assert closed_before == [thread]


async def test_one_closing_at_a_time_is_on_its_way(closings: Closings, busy: Callable[[], None]) -> None:
    for _ in range(3):
        await close_old_connections()
    busy()
    await in_its_thread()
    assert len(closings.threads) == 1
    await close_old_connections()
    await in_its_thread()
    assert len(closings.threads) == 2


async def test_a_closing_that_fails_is_logged_and_the_next_one_is_tried(
    closings: Closings, caplog: pytest.LogCaptureFixture
) -> None:
    closings.failure = OSError("lost")
    for _ in range(2):
        await close_old_connections()
        await in_its_thread()
    assert len(closings.threads) == 2
    assert [(record.levelno, record.exc_info and record.exc_info[1]) for record in caplog.records] == [
        (logging.ERROR, closings.failure)
    ] * 2


def test_below_synchronous_code_it_is_awaited(closings: Closings) -> None:
    async def handle() -> list[int]:
        await close_old_connections()
        return list(closings.threads)

    async def handle_in_a_task() -> list[int]:
        return await asyncio.create_task(handle(), context=Context())

    assert async_to_sync(handle)() == [threading.get_ident()]
    assert async_to_sync(handle_in_a_task)() == [threading.get_ident()] * 2


async def test_in_a_context_with_its_own_thread_it_is_awaited(closings: Closings) -> None:
    async with ThreadSensitiveContext():
        await close_old_connections()
        assert closings.threads == [await in_its_thread()]
    assert closings.threads != [await in_its_thread()]


# -- the same as Channels ------------------------------------------------------------------------------------


async def as_channels_does() -> None:
    await aclose_old_connections()


async def as_here() -> None:
    if connections_are_old():
        await close_old_connections()


@pytest.fixture
def add_database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[..., None]]:
    """Gives Django one more database, a file of this test, with the settings of the call."""
    databases: Any = connections.settings

    def add(**settings: object) -> None:
        databases[ALIAS] = databases["default"] | {"NAME": tmp_path / "db.sqlite3", "OPTIONS": {}} | settings

    with django_db_blocker.unblock():
        yield add
    databases.pop(ALIAS, None)


class Queries:
    """A real connection, in the thread of the queries, and events that end in the way of the test."""

    def __init__(self, end_event: Callable[[], Any]) -> None:
        self._end_event = end_event

    async def survives(self, **changes: object) -> bool:
        """Whether the connection outlives an event with a query that leaves its attributes like this."""

        def query() -> Any:
            connection = connections[ALIAS]
            connection.cursor().execute("SELECT 1")
            vars(connection).update(changes)
            return connection.connection

        before = await in_its_thread(query)
        await self._end_event()
        return before is await in_its_thread(lambda: connections[ALIAS].connection)

    async def close(self) -> None:
        def close() -> None:
            connections[ALIAS].close()
            del connections[ALIAS]

        await in_its_thread(close)


@pytest.fixture(params=[as_channels_does, as_here])
async def queries(request: pytest.FixtureRequest, add_database: object) -> AsyncIterator[Queries]:
    made = Queries(request.param)
    yield made
    await made.close()


@pytest.mark.parametrize(("age", "expected"), [(0, [False, False]), (1, [True, False]), (None, [True, True])])
async def test_a_connection_lives_as_long_as_its_settings_say(
    add_database: Callable[..., None], queries: Queries, age: int | None, expected: list[bool]
) -> None:
    add_database(CONN_MAX_AGE=age)
    # Its time passes at once, where it has one.
    passed = {} if age is None else {"close_at": 0.0}
    assert [await queries.survives(), await queries.survives(**passed)] == expected


async def test_a_connection_that_was_left_without_autocommit_is_closed(
    add_database: Callable[..., None], queries: Queries
) -> None:
    add_database(CONN_MAX_AGE=None)
    assert await queries.survives()
    assert not await queries.survives(autocommit=False)


@pytest.mark.parametrize("usable", [True, False])
async def test_a_connection_with_errors_lives_when_it_is_usable(
    add_database: Callable[..., None], queries: Queries, usable: bool
) -> None:
    add_database(CONN_MAX_AGE=None)
    assert await queries.survives(errors_occurred=True, is_usable=lambda: usable) is usable
    assert await in_its_thread(lambda: connections[ALIAS].errors_occurred) is not usable
    await in_its_thread(lambda: vars(connections[ALIAS]).pop("is_usable"))


async def test_the_health_of_a_connection_is_checked_again_for_each_event(
    add_database: Callable[..., None], queries: Queries
) -> None:
    add_database(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
    for _ in range(2):
        assert await queries.survives()
        assert await in_its_thread(lambda: vars(connections[ALIAS])["health_check_done"]) is False
