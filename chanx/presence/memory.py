"""Presence in the memory of one process: for development, tests, and services that are one process."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from time import monotonic

from chanx.presence.base import (
    EMPTY,
    SWEPT_AT_ONCE,
    Arrival,
    Attendance,
    Beat,
    Changes,
    Place,
    PresenceEngine,
    Present,
    check_key,
)


@dataclass(slots=True)
class _Member:
    info: str
    since: float
    #: Nodes that keep it there.
    holders: int = 0


@dataclass(slots=True)
class _Group:
    version: int = EMPTY
    #: In the order in which they came.
    members: dict[str, _Member] = field(default_factory=dict[str, _Member])


@dataclass(slots=True)
class _Node:
    #: When its lease ends.
    end: float
    places: set[Place] = field(default_factory=set[Place])
    #: Its members are taken out, because the lease has run out.
    is_over: bool = False


class MemoryPresence(PresenceEngine):
    """Forgets everything when the process ends. All event loops of the process share it."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._nodes: dict[str, _Node] = {}
        #: Whose grace runs, and until when.
        self._leaving: dict[Place, float] = {}
        self._version = EMPTY
        # Consumers and synchronous views may be in different threads.
        self._lock = Lock()

    async def begin(self, node: str, ttl: float) -> None:
        with self._lock:
            kept = self._nodes.setdefault(node, _Node(0.0))
            kept.end = monotonic() + ttl
            kept.is_over = False

    async def beat(self, node: str, ttl: float, groups: Sequence[str] = (), *, sweeps: bool = True) -> Beat:
        with self._lock:
            now = monotonic()
            kept = self._with_lease(node)
            if kept is not None:
                kept.end = now + ttl
            changes = self._sweep(now, nodes=sweeps)
            versions = {group: self._groups[group].version if group in self._groups else EMPTY for group in groups}
            return Beat(kept is not None, changes, versions)

    async def arrive(self, node: str, arrivals: Sequence[Arrival], *, capacity: int) -> Changes | None:
        for arrival in arrivals:
            check_key(arrival.key)
        with self._lock:
            kept = self._with_lease(node)
            if kept is None:
                return None
            changed = {arrival.group for arrival in arrivals if self._let_in(kept, arrival, capacity)}
            return self._changes(changed)

    async def depart(self, node: str, places: Sequence[Place], *, grace: float) -> Changes:
        with self._lock:
            now = monotonic()
            kept = self._nodes.get(node)
            held = [] if kept is None else [place for place in dict.fromkeys(places) if place in kept.places]
            changed: set[str] = set()
            for place in held:
                assert kept is not None
                kept.places.discard(place)
                if self._let_go(place, None if grace <= 0 else now + grace):
                    changed.add(place[0])
            return self._changes(changed)

    async def sweep(self) -> Changes:
        with self._lock:
            return self._sweep(monotonic(), nodes=True)

    async def attendance(self, group: str, *, limit: int) -> Attendance:
        with self._lock:
            found = self._groups.get(group)
            if found is None:
                return Attendance(EMPTY, 0, ())
            listed = islice(found.members.items(), limit)
            members = tuple(Present(key, member.info, member.since) for key, member in listed)
            return Attendance(found.version, len(found.members), members)

    def _with_lease(self, name: str) -> _Node | None:
        node = self._nodes.get(name)
        return None if node is None or node.is_over else node

    def _let_in(self, node: _Node, arrival: Arrival, capacity: int) -> bool:
        """Returns whether the group looks different now."""
        place = arrival.group, arrival.key
        group = self._groups.setdefault(arrival.group, _Group())
        member = group.members.get(arrival.key)
        is_new = member is None
        if member is None:
            if len(group.members) >= capacity:
                return False
            member = group.members[arrival.key] = _Member(arrival.info, time.time())
        if place not in node.places:
            node.places.add(place)
            member.holders += 1
        self._leaving.pop(place, None)
        if not is_new and member.info == arrival.info:
            return False
        member.info = arrival.info
        return True

    def _let_go(self, place: Place, until: float | None) -> bool:
        """Takes one node from a member; it may be there until then, if nobody else keeps it there."""
        group, key = place
        member = self._groups[group].members[key]
        member.holders -= 1
        if member.holders:
            return False
        if until is not None:
            self._leaving[place] = until
            return False
        del self._groups[group].members[key]
        return True

    def _sweep(self, now: float, *, nodes: bool) -> Changes:
        changed: set[str] = set()
        over = islice((place for place, until in self._leaving.items() if until <= now), SWEPT_AT_ONCE)
        for group, key in tuple(over):
            del self._leaving[group, key]
            del self._groups[group].members[key]
            changed.add(group)
        if nodes:
            for name, node in tuple(self._nodes.items()):
                if node.end > now:
                    continue
                for place in tuple(islice(node.places, SWEPT_AT_ONCE)):
                    node.places.discard(place)
                    if self._let_go(place, None):
                        changed.add(place[0])
                node.is_over = True
                if not node.places:
                    del self._nodes[name]
        return self._changes(changed)

    def _changes(self, changed: set[str]) -> Changes:
        """Gives groups that look different their new versions, and forgets those without members."""
        changes: dict[str, int] = {}
        for name in changed:
            group = self._groups[name]
            if group.members:
                self._version += 1
                group.version = self._version
            else:
                del self._groups[name]
                group.version = EMPTY
            changes[name] = group.version
        return changes
