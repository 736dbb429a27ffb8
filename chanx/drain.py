"""The end of a process that is told to end: its clients hear of it, and what is being handled may finish.

A server that is stopped by SIGTERM closes its connections at once, or not at all, and most run the application's own
shutdown only afterwards. So the signal is taken before the server sees it, and handed on when the clients are gone.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final
from weakref import WeakKeyDictionary

from chanx.close_codes import CloseCode
from chanx.connections import Connection, Connections
from chanx.settings import chanx_settings

logger = logging.getLogger("chanx.shutdown")

#: Seconds between two looks at who is idle by now.
_INTERVAL: Final = 0.05
#: Seconds that the clients have to answer the close, at most, before the server goes on.
_FAREWELL_SECONDS: Final = 2.0

_Handler = Callable[[int, FrameType | None], Any]


class Drain:
    """The end of one event loop's connections. There is one for each loop; it begins once."""

    def __init__(self) -> None:
        self.has_begun = False
        # Kept, because a loop keeps no task alive that nobody waits for.
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Drain":
        """The one of an event loop. The first time it is asked for, it begins to listen for SIGTERM."""
        found = _drains.get(loop)
        if found is None:
            found = _drains[loop] = cls()
            found._listen(loop)
        return found

    async def run(self) -> None:
        """Closes each connection with 1012: an idle one at once, the others when what they handle is done, or after
        ``DRAIN_SECONDS``. Returns when they are gone; no later than two seconds after that."""
        self.has_begun = True
        loop = asyncio.get_running_loop()
        connections = Connections.of(loop)
        logger.info("Ending %d connections", len(connections))
        deadline = loop.time() + (chanx_settings.DRAIN_SECONDS or 0)
        ended: set[Connection] = set()
        while len(connections) and loop.time() < deadline + _FAREWELL_SECONDS:
            for connection in connections:
                # One that has just connected, too.
                connection.leave_off()
                if connection not in ended and (connection.is_idle or loop.time() >= deadline):
                    ended.add(connection)
                    connections.end(connection, CloseCode.SERVICE_RESTART)
            await asyncio.sleep(_INTERVAL)
        logger.info("%d connections ended, %d left to the server", len(ended), len(connections))

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        if threading.current_thread() is not threading.main_thread() or chanx_settings.DRAIN_SECONDS is None:
            return
        servers_own: Any = signal.getsignal(signal.SIGTERM)
        if not callable(servers_own):
            # Nobody waits for the signal: the process ends at once, which is not for us to change.
            return

        def drain_first(number: int, frame: FrameType | None) -> None:
            # Whoever sends a second one does not want to wait.
            signal.signal(number, servers_own)
            if loop.is_closed():
                servers_own(number, frame)
            else:
                loop.call_soon_threadsafe(self._begin, lambda: servers_own(number, None))

        signal.signal(signal.SIGTERM, drain_first)

    def _begin(self, go_on: Callable[[], object]) -> None:
        self._task = asyncio.get_running_loop().create_task(self.run())
        # However it ends: the server must never miss its signal.
        self._task.add_done_callback(lambda task: go_on())


_drains: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Drain]] = WeakKeyDictionary()
