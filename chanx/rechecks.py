"""When which connection is looked at again, with one timer for all connections of an event loop.

The looking itself asks the database, in the thread in which the queries of all handlers wait for each other. So it is
done for one connection at a time, and connections that were opened together are spread over half of the interval.
"""

import asyncio
import logging
import random
from collections import deque
from contextvars import Context
from math import ceil
from typing import Final, Protocol
from weakref import WeakKeyDictionary, ref

logger = logging.getLogger("chanx.revocation")

#: Seconds between two rounds. Nothing that is planned here needs to be more exact.
RESOLUTION: Final = 1.0
#: Seconds that one look may take. It ends the wait for an authentication class that hangs, and no more than that.
PATIENCE: Final = 30.0


class Rechecked(Protocol):
    """What can be looked at again; a consumer is one."""

    async def recheck_connection(self) -> float | None:
        """Looks whether the client would still be let in, and closes if not.

        Returns after how many seconds to look again; None when that is not needed.
        """


class Rechecks:
    """Who is due when, in one event loop. Used in that loop only."""

    def __init__(self) -> None:
        # Neither the loop, nor its timer, nor a connection is kept alive.
        self._planned: dict[int, list[ref[Rechecked]]] = {}
        #: The next round, counted like those that are planned: in units of RESOLUTION.
        self._next: int | None = None
        self._due: deque[ref[Rechecked]] = deque()
        self._hurried: dict[ref[Rechecked], None] = {}
        self._worker: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Rechecks":
        """Those of an event loop."""
        found = _rechecks.get(loop)
        if found is None:
            found = _rechecks[loop] = cls()
        return found

    def plan(self, rechecked: Rechecked, delay: float) -> None:
        """Looks at it after ``delay`` seconds, or a round later, and again when it says so."""
        number = ceil((asyncio.get_running_loop().time() + delay) / RESOLUTION)
        self._planned.setdefault(number, []).append(ref(rechecked))
        if self._next is None or number < self._next:
            self._come_round(number)

    def hurry(self, rechecked: Rechecked) -> None:
        """Looks at it once, before all that are due. What is planned for it stays planned."""
        self._hurried[ref(rechecked)] = None
        self._start()

    def _come_round(self, number: int) -> None:
        self._next = number
        # Not in the context of the connection that happens to be the first.
        asyncio.get_running_loop().call_at(number * RESOLUTION, self._round, number, context=Context())

    def _round(self, number: int) -> None:
        if number != self._next:
            return  # an earlier one was planned after this one, and has planned the next itself
        for due in [planned for planned in self._planned if planned <= number]:
            self._due.extend(self._planned.pop(due))
        self._next = None
        if self._planned:
            self._come_round(min(self._planned))
        self._start()

    def _start(self) -> None:
        if self._worker is None and (self._due or self._hurried):
            self._worker = asyncio.get_running_loop().create_task(self._work(), context=Context())

    async def _work(self) -> None:
        try:
            while self._due or self._hurried:
                is_planned = not self._hurried
                reference = self._due.popleft() if is_planned else self._hurried.popitem()[0]
                if (rechecked := reference()) is not None:
                    delay = await self._look_at(rechecked)
                    if is_planned and delay is not None:
                        self.plan(rechecked, delay)
        finally:
            self._worker = None

    async def _look_at(self, rechecked: Rechecked) -> float | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await rechecked.recheck_connection()
        except Exception:
            logger.exception("A connection could not be rechecked")
            return PATIENCE


def spread(interval: float) -> float:
    """A random share of an interval, at least half of it: what began together does not go on together."""
    return interval * random.uniform(0.5, 1)  # noqa: S311 - nobody gains by guessing it


_rechecks: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Rechecks]] = WeakKeyDictionary()
