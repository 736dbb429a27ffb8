"""Database connections are closed when Channels would close them, without a trip to their thread for each event, and
are shared by handshakes that come at once."""

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
from channels.db import aclose_old_connections, database_sync_to_async
from django.db import connections
from django.db.backends.signals import connection_created
from pytest_django import DjangoDbBlocker

from chanx import database
from chanx.database import call_sharing_connections, close_old_connections, connections_are_old

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


# -- calls that share connections ----------------------------------------------------------------------------


class Calls:
    """Queries that wait for the thread of the queries, and the connections that they open there."""

    def __init__(self) -> None:
        self.opened: list[object] = []
        self._begun: list[asyncio.Task[object]] = []
        connection_created.connect(self._note)

    def _note(self, sender: object, connection: Any, **kwargs: object) -> None:
        # What is held cannot be mistaken for what was opened later.
        self.opened.append(connection.connection)

    def query(self, **changes: object) -> object:
        """The connection that was used; its attributes are then like this."""
        connection = connections[ALIAS]
        connection.cursor().execute("SELECT 1")
        vars(connection).update(changes)
        return connection.connection

    async def begin(self, *queries: Callable[[], object]) -> list["asyncio.Task[object]"]:
        tasks = [asyncio.create_task(call_sharing_connections(query)) for query in queries]
        self._begun += tasks
        await asyncio.sleep(0)
        return tasks

    async def end(self) -> None:
        connection_created.disconnect(self._note)
        await asyncio.gather(*self._begun, return_exceptions=True)

        def close() -> None:
            connections[ALIAS].close()
            del connections[ALIAS]

        await in_its_thread(close)


@pytest.fixture
async def calls(add_database: Callable[..., None]) -> AsyncIterator[Calls]:
    add_database(CONN_MAX_AGE=0)
    made = Calls()
    yield made
    await made.end()


async def open_one() -> object:
    """What is open in the thread of the queries; None when nothing is."""
    return await in_its_thread(lambda: connections[ALIAS].connection)


async def test_calls_that_wait_at_the_same_time_share_a_connection(calls: Calls, busy: Callable[[], None]) -> None:
    tasks = await calls.begin(*[calls.query] * 5)
    busy()
    used = await asyncio.gather(*tasks)
    assert used == calls.opened * 5
    assert len(calls.opened) == 1
    assert await open_one() is None, "the last of them has left it open"


async def test_calls_that_come_one_after_the_other_do_as_channels_does(calls: Calls) -> None:
    for expected in (1, 2):
        await call_sharing_connections(calls.query)
        assert len(calls.opened) == expected
        assert await open_one() is None
    await database_sync_to_async(calls.query)()
    assert await open_one() is None


async def test_a_connection_is_shared_for_a_second_and_no_longer(
    calls: Calls, busy: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_SHARED_SECONDS", 0.0)
    tasks = await calls.begin(*[calls.query] * 3)
    busy()
    await asyncio.gather(*tasks)
    assert len(calls.opened) == 3


async def test_a_connection_that_grows_old_while_others_wait_is_not_for_the_next_one(
    calls: Calls, busy: Callable[[], None]
) -> None:
    """The one before it has left it; then another query has held up the thread."""

    def let_it_grow_old() -> None:
        assert connections[ALIAS].connection is not None
        connections[ALIAS].close_at = 0.0

    first = await calls.begin(calls.query)
    between = asyncio.create_task(in_its_thread(let_it_grow_old))
    await asyncio.sleep(0)
    second = await calls.begin(calls.query)
    busy()
    await asyncio.gather(*first, between, *second)
    assert len(calls.opened) == 2


@pytest.mark.parametrize("changes", [{"errors_occurred": True, "is_usable": lambda: False}, {"autocommit": False}])
async def test_a_broken_connection_is_not_shared(
    calls: Calls, busy: Callable[[], None], changes: dict[str, object]
) -> None:
    tasks = await calls.begin(lambda: calls.query(**changes), calls.query)
    busy()
    first, second = await asyncio.gather(*tasks)
    assert first is not second
    assert calls.opened == [first, second]
    await in_its_thread(lambda: vars(connections[ALIAS]).pop("is_usable", None))


async def test_a_call_that_fails_leaves_its_connection_to_the_next_one(calls: Calls, busy: Callable[[], None]) -> None:
    def fail() -> object:
        calls.query()
        raise LookupError

    failing, working = await calls.begin(fail, calls.query)
    busy()
    with pytest.raises(LookupError):
        await failing
    assert calls.opened == [await working]
    assert await open_one() is None


async def test_what_was_left_for_a_call_that_is_cancelled_is_closed(calls: Calls, busy: Callable[[], None]) -> None:
    begun, gate = threading.Event(), threading.Event()

    def hold_up() -> None:
        begun.set()
        gate.wait(5)

    used, holding = (await calls.begin(calls.query))[0], asyncio.create_task(in_its_thread(hold_up))
    await asyncio.sleep(0)
    cancelled = (await calls.begin(calls.query))[0]
    busy()
    assert await used == calls.opened[0]
    await asyncio.to_thread(begun.wait, 5)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    gate.set()
    await holding
    assert await open_one() is None
    assert len(calls.opened) == 1


async def test_queries_of_others_find_no_connection_that_is_too_old(calls: Calls, busy: Callable[[], None]) -> None:
    first = await calls.begin(calls.query)
    between = asyncio.create_task(database_sync_to_async(calls.query)())
    await asyncio.sleep(0)
    last = await calls.begin(calls.query)
    busy()
    used = await asyncio.gather(*first, between, *last)
    assert used == calls.opened
    assert len(set(map(id, used))) == 3


def test_below_synchronous_code_nothing_is_shared(closings: Closings) -> None:
    async def call() -> list[int]:
        return await asyncio.gather(*(call_sharing_connections(threading.get_ident) for _ in range(3)))

    assert async_to_sync(call)() == [threading.get_ident()] * 3
    # Before and after each, as Channels does it.
    assert closings.threads == [threading.get_ident()] * 6
