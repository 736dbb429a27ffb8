"""A history in the memory of one process: for development, tests, and services that are one process."""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice, takewhile
from threading import Lock
from time import monotonic

from chanx.deduplication.base import Ledger
from chanx.deduplication.memory import MemoryLedger
from chanx.history.base import (
    POSITION_TTL,
    Appended,
    Bounds,
    Entry,
    HistoryEngine,
    Missed,
    Position,
    check_key,
    gap_between,
    new_epoch,
)
from chanx.presence.base import PresenceEngine
from chanx.presence.memory import MemoryPresence


@dataclass
class _Group:
    epoch: str
    seq: int = 0
    entries: deque[Entry] = field(default_factory=deque[Entry])
    #: Offset and end, in seconds of the clock, of each idempotency key; the oldest first.
    keys: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    #: When the entries, and when all of it is forgotten.
    entries_end: float = 0.0
    end: float = 0.0


class MemoryHistory(HistoryEngine):
    """Forgets everything when the process ends. All event loops of the process share it."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        # Consumers and synchronous publishers may be in different threads.
        self._lock = Lock()
        self._next_sweep = 0.0
        self._ledger = MemoryLedger()
        self._presence = MemoryPresence()

    async def append(self, group: str, body: str, bounds: Bounds, *, key: str | None = None) -> Appended:
        check_key(key)
        with self._lock:
            now, kept = self._kept(group)
            if key is not None and (seen := kept.keys.get(key)) is not None:
                return Appended(Position(kept.epoch, seen[0]), is_new=False)
            kept.seq += 1
            kept.entries.append(Entry(kept.seq, body))
            while len(kept.entries) > bounds.size:
                kept.entries.popleft()
            kept.entries_end = now + bounds.ttl
            if key is not None:
                kept.keys[key] = (kept.seq, now + bounds.ttl)
            return Appended(Position(kept.epoch, kept.seq), is_new=True)

    async def position(self, group: str) -> Position:
        with self._lock:
            _, kept = self._kept(group)
            return Position(kept.epoch, kept.seq)

    async def since(self, group: str, position: Position, *, limit: int) -> Missed:
        with self._lock:
            _, kept = self._kept(group)
            current = Position(kept.epoch, kept.seq)
            oldest = kept.entries[0].seq if kept.entries else current.seq + 1
            # Entries are numbered without a hole, so the place of one is known.
            skipped = min(max(position.seq + 1 - oldest, 0), len(kept.entries))
            entries = tuple(islice(kept.entries, skipped, skipped + limit))
        gap = gap_between(position, current, entries[0].seq if entries else None)
        return Missed(current, () if gap else entries, gap)

    def ledger(self) -> Ledger:
        return self._ledger

    def presence(self) -> PresenceEngine:
        return self._presence

    def size(self) -> int:
        """Of how many groups something is kept."""
        return len(self._groups)

    def _kept(self, group: str) -> tuple[float, _Group]:
        """The time, and what is kept of a group at that time."""
        now = monotonic()
        if now >= self._next_sweep:
            self._sweep(now)
        kept = self._groups.get(group)
        if kept is None or now >= kept.end:
            kept = self._groups[group] = _Group(new_epoch())
        _forget(kept, now)
        kept.end = now + POSITION_TTL
        return now, kept

    def _sweep(self, now: float) -> None:
        self._next_sweep = now + 60
        for group, kept in tuple(self._groups.items()):
            if now >= kept.end:
                del self._groups[group]
            else:
                _forget(kept, now)


def _forget(kept: _Group, now: float) -> None:
    if now >= kept.entries_end:
        kept.entries.clear()
    for key in [*takewhile(lambda key: kept.keys[key][1] <= now, kept.keys)]:
        del kept.keys[key]
