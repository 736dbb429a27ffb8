"""Closes database connections that are obsolete or broken before a connection's next event is handled.

Channels does the same by a trip to the thread that owns them, for each event. Nearly always there is nothing to
close, and the trip costs more than all the rest, and waits behind whatever query that thread runs. Here the process
knows its connections, and the trip is made for those that Django would close.

https://docs.djangoproject.com/en/stable/ref/databases/#persistent-database-connections
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, cast
from weakref import ref

from asgiref.sync import AsyncToSync, SyncToAsync
from channels import db as channels_db
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = logging.getLogger("chanx.database")


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
