"""Keeps the members of one event loop in their groups, with a call of the engine now and then for all of them."""

import asyncio
import logging
import math
import random
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass
from itertools import islice
from typing import Final

from chanx.presence.base import Arrival, Changes, Place, PresenceEngine

logger = logging.getLogger("chanx.presence")

#: The lease is renewed so often while it lasts, so that one or two failures do no harm.
BEATS_PER_LEASE: Final = 3
#: Places in one call of the engine, and groups that are asked for their version with one heartbeat; where there are
#: more, it takes several heartbeats until each was asked for.
BATCH: Final = 500
#: Seconds before an engine that has failed is called again.
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
#: Ends of graces that are so many seconds apart are waited for together.
_TICK: Final = 0.1


@dataclass(slots=True)
class _Kept:
    info: str
    capacity: int
    #: Connections of this event loop.
    connections: int = 0


class Keeper:
    """One node of the engine.

    :param ttl: seconds for which the engine keeps the members of this node without hearing from it.
    :param groups: the groups whose changes matter here.
    :param on_changes: called with the versions of groups that this node has changed, which others should learn of.
    :param on_versions: called with the versions that groups have, whoever has changed them.
    """

    def __init__(
        self,
        engine: PresenceEngine,
        ttl: float,
        *,
        groups: Callable[[], Sequence[str]],
        on_changes: Callable[[Changes], None],
        on_versions: Callable[[Changes], None],
    ) -> None:
        self._engine = engine
        self._ttl = ttl
        self._groups = groups
        self._on_changes = on_changes
        self._on_versions = on_versions
        self._node = secrets.token_urlsafe(12)
        self._has_lease = False
        #: What shall be in the engine, and the places where it may be otherwise.
        self._kept: dict[Place, _Kept] = {}
        self._due: dict[Place, None] = {}
        #: Seconds of grace of those who have left.
        self._graces: dict[Place, float] = {}
        #: When graces are over, on the clock of the event loop.
        self._ends: set[float] = set()
        self._beat_at = 0.0
        self._beaten_at = 0.0
        self._asked = 0
        #: Until when nobody should be told who is gone: the engine has lost what it knew, and others come back too.
        self.unsettled_until = 0.0
        self._stirred = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    # -- what others use -------------------------------------------------------------------------------------

    def enter(self, place: Place, info: str, *, capacity: int) -> None:
        """Another connection of a member is in a group. Returns at once; the engine learns it soon."""
        kept = self._kept.get(place)
        if kept is None:
            kept = self._kept[place] = _Kept(info, capacity)
            self._graces.pop(place, None)
            self._due[place] = None
        kept.connections += 1
        self.update(place, info)
        self.stir()

    def update(self, place: Place, info: str) -> None:
        """Something else is to be told about a member who has entered."""
        kept = self._kept[place]
        if kept.info != info:
            kept.info = info
            self._due[place] = None
            self.stir()

    def leave(self, place: Place, *, grace: float) -> None:
        """Takes one :meth:`enter` back. Returns at once."""
        kept = self._kept[place]
        kept.connections -= 1
        if not kept.connections:
            del self._kept[place]
            self._graces[place] = grace
            self._due[place] = None
            self.stir()

    async def flush(self) -> None:
        """Returns when the engine knows all that has happened. Raises what the engine raises; it is tried again."""
        async with self._flushing:
            while self._due:
                places = tuple(islice(self._due, BATCH))
                for place in places:
                    del self._due[place]
                try:
                    await self._tell(places)
                except BaseException:
                    self._due = dict.fromkeys(places) | self._due
                    self._stirred.set()
                    raise

    async def is_settled(self) -> bool:
        """Asks the engine whether it still knows this node. If not, nobody should be told who is gone until all are
        back. Raises what the engine raises."""
        await self._beat()
        await self.flush()
        return asyncio.get_running_loop().time() >= self.unsettled_until

    @property
    def is_busy(self) -> bool:
        """Whether somebody is kept, or something is to be done."""
        return self._task is not None

    def stir(self) -> None:
        """Something is to be done, or to be watched from now on."""
        self._stirred.set()
        if self._task is None:
            loop = asyncio.get_running_loop()
            self._beaten_at = loop.time()
            self._beat_at = self._beaten_at + self._until_next_beat()
            # Not in the context of the connection that happens to be the first.
            self._task = loop.create_task(self._run(), context=Context())

    # -- what the engine is told -----------------------------------------------------------------------------

    async def _tell(self, places: Iterable[Place]) -> None:
        arriving: dict[int, list[Arrival]] = {}
        departing: dict[float, list[Place]] = {}
        for place in places:
            if (kept := self._kept.get(place)) is not None:
                arriving.setdefault(kept.capacity, []).append(Arrival(*place, kept.info))
            else:
                departing.setdefault(self._graces.get(place, 0.0), []).append(place)
        for grace, gone in departing.items():
            changes = await self._engine.depart(self._node, gone, grace=grace)
            self._forget_graces(gone)
            if grace > 0:
                self._ends.add(math.ceil((asyncio.get_running_loop().time() + grace) / _TICK) * _TICK + _TICK)
                self.stir()
            self._on_changes(changes)
        for capacity, arrivals in arriving.items():
            self._on_changes(await self._arrive(arrivals, capacity))

    def _forget_graces(self, places: Iterable[Place]) -> None:
        for place in places:
            if place not in self._due:
                self._graces.pop(place, None)

    async def _arrive(self, arrivals: Sequence[Arrival], capacity: int) -> Changes:
        while True:
            if not self._has_lease:
                await self._engine.begin(self._node, self._ttl)
                self._has_lease = True
            changes = await self._engine.arrive(self._node, arrivals, capacity=capacity)
            if changes is not None:
                return changes
            self._begin_again()

    def _begin_again(self) -> None:
        """The engine has forgotten this node, and all its members with it."""
        self._has_lease = False
        if self._kept:
            logger.warning("Who is present was forgotten, or this process was taken for dead; all are entered again")
            self._due = dict.fromkeys(self._kept) | self._due
            # Others find it out with their next heartbeat, which may have to be tried again.
            self.unsettled_until = asyncio.get_running_loop().time() + 2 * self._until_next_beat()

    # -- staying alive ---------------------------------------------------------------------------------------

    def _until_next_beat(self) -> float:
        return self._ttl / BEATS_PER_LEASE

    def _next(self) -> float:
        """When something is to be done, on the clock of the event loop."""
        return min([self._beat_at, *self._ends])

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        pause, is_away = FIRST_PAUSE, False
        try:
            while self._kept or self._due or self._ends or self._groups():
                try:
                    async with asyncio.timeout_at(self._next()):
                        await self._stirred.wait()
                except TimeoutError:
                    pass
                self._stirred.clear()
                try:
                    await self.flush()
                    if loop.time() >= self._next():
                        await self._beat()
                        await self.flush()
                except Exception:
                    if not is_away:
                        logger.warning("Who is present cannot be kept; it is tried again", exc_info=True)
                    is_away = True
                    # Spread, so that all processes do not come back at the same moment.
                    await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
                    # No longer than between two heartbeats: the lease may be running.
                    pause = min(2 * pause, LONGEST_PAUSE, self._until_next_beat())
                    self._stirred.set()
                else:
                    pause, is_away = FIRST_PAUSE, False
        finally:
            # It may have run out before somebody enters again.
            self._has_lease = False
            self._task = None

    async def _beat(self) -> None:
        now = asyncio.get_running_loop().time()
        interval = self._until_next_beat()
        groups = self._groups()
        asked = [groups[(self._asked + number) % len(groups)] for number in range(min(BATCH, len(groups)))]
        # The storage may have been away for all: then nobody is taken for dead before all could have come back.
        is_punctual = now - self._beaten_at < 1.5 * interval
        beat = await self._engine.beat(self._node, self._ttl, asked, sweeps=is_punctual)
        self._asked += len(asked)
        self._beaten_at = now
        self._beat_at = now + interval * random.uniform(0.9, 1)  # noqa: S311 - no secret
        self._ends = {end for end in self._ends if end > now}
        if not beat.is_known and self._has_lease:
            self._begin_again()
        self._on_changes(beat.changes)
        self._on_versions(beat.versions)
