"""Closes connections from which nothing is heard for too long, where a service asks for it.

Whether a client is still there is the server's business first: its WebSocket pings notice one that has vanished. This
is for servers that send none, and for services whose clients promise to send something now and then.
"""

import asyncio
import time
from typing import Final, Protocol

from chanx.close_codes import CloseCode
from chanx.connections import Connection, Connections
from chanx.watchdog import Watchdog

#: Seconds between two looks. The timer is one for all connections of an event loop.
INTERVAL: Final = 1.0


class Audible(Connection, Protocol):
    """A connection that notes when it hears something."""

    #: ``time.monotonic()`` of the last event of its socket.
    heard: float


class Idleness:
    """Watches one connection, and closes it with 4408 after ``seconds`` of silence. Time in which a message is handled
    does not count: the client may have sent something that nobody has read yet."""

    def __init__(self, connection: Audible, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._watchdog = Watchdog.of(asyncio.get_running_loop(), INTERVAL)
        self._watchdog.watch(self)

    def look(self, now: float) -> None:
        """Called by the timer."""
        now = time.monotonic()
        if not self._connection.is_idle:
            self._connection.heard = now
        elif now - self._connection.heard >= self._seconds:
            self.end()
            Connections.of(asyncio.get_running_loop()).end(self._connection, CloseCode.TIMED_OUT)

    def end(self) -> None:
        """Watches no more."""
        self._watchdog.leave(self)
