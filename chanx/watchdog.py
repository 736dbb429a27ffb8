"""One timer for all connections of an event loop, which looks at those that are busy, or at whoever asks for it.

A timer for each frame would cost as much as handling a small one. Here a connection that takes up a frame is put
into a set and taken out again; only who is still there when the timer comes round is looked at.
"""

import asyncio
from contextvars import Context
from typing import Final, Protocol
from weakref import WeakKeyDictionary

#: Seconds between two rounds. Nothing that is decided here needs to be more exact.
INTERVAL: Final = 0.05


class Watched(Protocol):
    """What can be looked at."""

    def look(self, now: float) -> None:
        """Called in every round, with the time of the event loop in seconds. Must return at once."""


class Watchdog:
    """A timer of one event loop, with ``interval`` seconds between two rounds. It runs while something is watched."""

    def __init__(self, interval: float | None = None) -> None:
        self._interval = INTERVAL if interval is None else interval
        # Neither the loop nor its timer is kept: a loop that has ended would never be forgotten.
        self._watched: set[Watched] = set()
        self._is_running = False

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop, interval: float | None = None) -> "Watchdog":
        """The one of an event loop that comes round at this interval."""
        of_loop = _watchdogs.setdefault(loop, {})
        found = of_loop.get(interval)
        if found is None:
            found = of_loop[interval] = cls(interval)
        return found

    def __len__(self) -> int:
        """How many are watched."""
        return len(self._watched)

    def watch(self, watched: Watched) -> None:
        """Looks at ``watched`` in each round from now on. Called in the event loop."""
        self._watched.add(watched)
        if not self._is_running:
            self._start()

    def leave(self, watched: Watched) -> None:
        """Looks at it no more."""
        self._watched.discard(watched)

    def _round(self) -> None:
        now = asyncio.get_running_loop().time()
        try:
            for watched in tuple(self._watched):
                watched.look(now)
        finally:
            self._is_running = False
            if self._watched:
                self._start()

    def _start(self) -> None:
        self._is_running = True
        # Not in the context of the connection that happens to be the first, which it would keep alive.
        asyncio.get_running_loop().call_later(self._interval, self._round, context=Context())


_watchdogs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[float | None, Watchdog]] = WeakKeyDictionary()
