"""Closes database connections that are obsolete or broken before a connection's next event is handled.

Channels does the same by a trip to the thread that owns them, for each event. Nearly always there is nothing to
close, and the trip costs more than all the rest, and waits behind whatever query that thread runs. Here the process
knows its connections, and the trip is made for those that Django would close.

Nor does each of many handshakes that come at once open a connection of its own.

https://docs.djangoproject.com/en/stable/ref/databases/#persistent-database-connections
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast
from weakref import ref

from asgiref.sync import AsyncToSync, SyncToAsync, sync_to_async
from channels import db as channels_db
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = logging.getLogger("chanx.database")

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: Seconds by which a connection may be older than Django wants it, while there is somebody who waits for it.
_SHARED_SECONDS: Final = 1.0


class _Opened:
    """A connection of this process, and the thread that opened it, which alone may close it."""

    __slots__ = ("connection", "thread")

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = ref(connection)
        self.thread = threading.get_ident()


class _State:
    """What the process knows of its connections. Replaced as a whole, so that a reader needs no lock."""

    def __init__(self) -> None:
        self.opened: tuple[_Opened, ...] = ()
        self.lock = threading.Lock()
        #: The thread in which asgiref runs what is sensitive to threads; None before it has run something of ours.
        self.sensitive_thread: int | None = None
        #: A closing is on its way to that thread.
        self.closing = False
        #: The calls that share connections and wait for that thread; one of them has been left some.
        self.waiting: set[object] = set()
        self.is_left = False
        #: Whether they belong to somebody else, and are left open. Set by chanx.testing: they are the test's.
        self.are_lent: Callable[[], bool] = lambda: False


_state = _State()


def lend_connections(while_true: Callable[[], bool]) -> None:
    """Leaves connections open from now on, whenever ``while_true`` says so."""
    _state.are_lent = while_true


def _remember(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    with _state.lock:
        known = tuple(each for each in _state.opened if each.connection() not in (None, connection))
        _state.opened = (*known, _Opened(connection))


connection_created.connect(_remember, dispatch_uid="chanx.database")


def connections_are_old() -> bool:
    """Whether :func:`close_old_connections` may have something to do.

    Called in the event loop. Costs next to nothing.
    """
    return bool(_state.opened) and _any_is_old() and not _state.are_lent()


async def close_old_connections() -> None:
    """Does what ``channels.db.aclose_old_connections`` does.

    In a server it does not wait for the closing. That is queued in the thread in which later queries are queued as
    well, so it comes before them, but this call does not wait behind a query that runs there for somebody else.
    """
    if _has_its_own_thread():
        await channels_db.aclose_old_connections()
    elif not _state.closing:
        _state.closing = True
        SyncToAsync.single_thread_executor.submit(_close)


def _close() -> None:
    # Before the closing: what grows old from now on is closed by the next one.
    _state.closing = False
    _state.sensitive_thread = threading.get_ident()
    try:
        # Looked up now: tests replace it. (The stubs do not know that the module has it.)
        cast("Any", channels_db).close_old_connections()
    except Exception:
        # Nobody waits for this call, so that nobody else would hear of it.
        logger.exception("A database connection could not be closed")


async def call_sharing_connections(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Does what ``channels.db.database_sync_to_async(function)(*args, **kwargs)`` does, in the same thread and order.

    But when more such calls wait for the thread, the one that ends leaves them its connections, even those that are too
    old. With ``CONN_MAX_AGE = 0``, Django's default, each is too old as soon as it is open; to open one takes longer
    than the queries of a handshake, and after a restart thousands of clients come back at the same moment. What is
    broken is closed as ever, and nobody gets what is too old by more than a second.
    """
    if _has_its_own_thread():
        return await channels_db.database_sync_to_async(function)(*args, **kwargs)
    call, waiting = object(), _state.waiting

    def run() -> Result:
        waiting.discard(call)
        _state.sensitive_thread = threading.get_ident()
        _close_in_thread(shared=_state.is_left)
        try:
            return function(*args, **kwargs)
        finally:
            _state.is_left = bool(waiting)
            _close_in_thread(shared=_state.is_left)

    waiting.add(call)
    try:
        return await sync_to_async(run)()
    finally:
        if call in waiting:
            # It was cancelled before it has begun, and may be the one for which a connection was left open.
            waiting.discard(call)
            if not waiting and connections_are_old():
                await close_old_connections()


def _close_in_thread(*, shared: bool) -> None:
    """Does what Channels does before and after each call; where connections are ``shared``, it bears their age."""
    thread, now = threading.get_ident(), time.monotonic() - _SHARED_SECONDS
    if not shared or any(
        each.thread == thread and (connection := each.connection()) is not None and _is_old(connection, now)
        for each in _state.opened
    ):
        # Looked up now: tests replace it. (The stubs do not know that the module has it.)
        cast("Any", channels_db).close_old_connections()


def _any_is_old() -> bool:
    thread, now = _state.sensitive_thread, time.monotonic()
    for each in _state.opened:
        connection = each.connection()
        if (
            connection is not None
            and connection.connection is not None
            and _is_old(connection, now)
            and (thread in (None, each.thread) or _has_its_own_thread())
        ):
            return True
    return False


def _is_old(connection: Any, now: float) -> bool:
    """Whether Django's ``close_if_unusable_or_obsolete`` may have something to do.

    Reads attributes only: another thread owns the connection, and may be using it.
    """
    return (
        connection.errors_occurred
        or (connection.close_at is not None and now >= connection.close_at)
        # The health of a connection is checked again for each event, before its first query.
        or (connection.health_check_enabled and connection.health_check_done)
        # Inside of a transaction it is switched off for as long as that takes.
        or (not connection.in_atomic_block and connection.autocommit != connection.settings_dict["AUTOCOMMIT"])
    )


def _has_its_own_thread() -> bool:
    """Whether asgiref would run the closing elsewhere than in its one thread: in tests, or below synchronous code."""
    return (
        SyncToAsync.thread_sensitive_context.get(None) is not None
        or getattr(AsyncToSync.executors, "current", None) is not None
        or asyncio.get_running_loop() in AsyncToSync.loop_thread_executors
    )
