"""The messages of one group with a history, in one event loop: in order, and each once.

The channel layer brings a message with its offset as soon as it can, and not always: layers lose messages, bring them
in another order, and may be away. Whoever listens to a feed gets the next message when it is the next one, and what
lies before it is read from the history. Now and then the history is asked whether something never arrived.
"""

import asyncio
import json
import logging
import random
from collections.abc import Mapping
from contextvars import Context
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary, WeakSet

from chanx.history.base import Entry, Gap, HistoryEngine, Position

logger = logging.getLogger("chanx.history")

#: Messages that are read from the history in one go.
PAGE: Final = 200
#: Seconds between two looks whether a message never arrived: as long as a client may wait for one that the layer has
#: lost, when no other follows.
CHECK_INTERVAL: Final = 5.0
#: Groups of one event loop that may be asked for in a second. Where there are so many that this does not suffice, the
#: looks become rarer.
CHECKS_PER_SECOND: Final = 200
#: Seconds before a history that has failed is asked again.
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Listener(Protocol):
    """Who wants the messages of a feed. Is told one thing after the other."""

    async def hear(self, seq: int, message: Mapping[str, Any]) -> None:
        """The message with the next offset. Must not wait for a client."""

    async def lose(self, position: Position, gap: Gap) -> None:
        """What came before ``position`` cannot be known any more; what is heard next comes after it."""


class Feed:
    """Follows one group. Made by :meth:`open`."""

    def __init__(self, group: str, engine: HistoryEngine, listener: Listener, position: Position) -> None:
        self.group = group
        #: Up to where the listener has been told.
        self.position = position
        self._engine = engine
        self._listener = listener
        #: Held while the listener is told something.
        self._telling = asyncio.Lock()
        self._open_feeds = _open_feeds.setdefault(asyncio.get_running_loop(), set())
        self._open_feeds.add(self)
        # Not in the context of the connection that happens to be the first.
        self._checks = asyncio.get_running_loop().create_task(self._check(), context=Context())

    @classmethod
    async def open(cls, group: str, engine: HistoryEngine, listener: Listener) -> "Feed":
        """A feed that begins now. What the layer brings must be passed on to it from this moment."""
        return cls(group, engine, listener, await engine.position(group))

    def close(self) -> None:
        """Ends it; called when nobody passes anything on any more."""
        self._open_feeds.discard(self)
        self._checks.cancel()

    async def arrived(self, position: Position, message: Mapping[str, Any]) -> None:
        """A message has come through the channel layer. Returns when the listener was told, also what was missing."""
        async with self._telling:
            ahead = position.seq - self.position.seq if position.epoch == self.position.epoch else None
            if ahead is not None and ahead <= 0:
                return  # it was read from the history before
            if ahead == 1:
                await self._hand_on(position.seq, message)
            else:
                await self._read()

    async def read(self) -> None:
        """Asks the history what has not arrived."""
        async with self._telling:
            await self._read()

    async def _read(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                missed = await self._engine.since(self.group, self.position, limit=PAGE)
            except Exception:
                self._report_outage()
                # Spread, so that all processes do not come back at the same moment.
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            self._report_return()
            if missed.gap is not None:
                # A numbering that has begun anew may still be there from its beginning.
                begin = 0 if missed.gap is Gap.EPOCH else missed.position.seq
                self.position = Position(missed.position.epoch, begin)
                await self._listener.lose(self.position, missed.gap)
            for entry in missed.entries:
                await self._hand_on(entry.seq, decoded(entry))
            if self.position == missed.position:
                return

    async def _hand_on(self, seq: int, message: Mapping[str, Any]) -> None:
        self.position = Position(self.position.epoch, seq)
        await self._listener.hear(seq, message)

    async def _check(self) -> None:
        while True:
            # Spread: a process with many groups does not ask for all of them at once.
            await asyncio.sleep(check_interval(len(self._open_feeds)) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
            try:
                await self.read()
            except Exception:
                # One message that cannot be handed on must not be the last that is looked for.
                logger.exception("What was missed of a group could not be handed on")

    def _report_outage(self) -> None:
        """Logs the exception that is being handled, once until the history answers again: there may be ten thousand
        feeds."""
        if self._engine not in _away:
            _away.add(self._engine)
            logger.warning("%s fails; it is asked again", type(self._engine).__name__, exc_info=True)

    def _report_return(self) -> None:
        if self._engine in _away:
            _away.discard(self._engine)
            logger.warning("%s answers again", type(self._engine).__name__)


def decoded(entry: Entry) -> dict[str, Any]:
    """The message that was appended."""
    message: dict[str, Any] = json.loads(entry.body)
    return message


def check_interval(feeds: int) -> float:
    """Seconds between two looks of each feed, where an event loop has so many."""
    return max(CHECK_INTERVAL, feeds / CHECKS_PER_SECOND)


#: Engines that have failed and not answered since.
_away: Final[WeakSet[HistoryEngine]] = WeakSet()

_open_feeds: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, set[Feed]]] = WeakKeyDictionary()
