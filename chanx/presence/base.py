"""What is kept of who is in a group, and the interface that each engine implements.

A *member* of a group is whoever a key stands for, a user for instance, over however many connections. What keeps a
member there is a *node*: an event loop with connections of that member. Each node has a lease, which it renews for all
its members at once. When it no longer does, because its process was killed, its members are gone.

Each change of a group gives it another *version*, so that whoever knows a version knows whether anything has changed.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

#: Characters of a key. One is stored for each member, and once more for each node.
MAX_KEY_LENGTH: Final = 200

#: Members that one call takes out because their nodes are gone, or their grace is over. Others wait for the next call.
SWEPT_AT_ONCE: Final = 1000

#: The version of a group without members.
EMPTY: Final = 0

#: A group, and the key of a member.
Place = tuple[str, str]

#: Groups that have changed, and the versions that they have now.
Changes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody is in a group."""

    group: str
    key: str
    #: What others may know, as JSON.
    info: str


@dataclass(frozen=True, slots=True)
class Present:
    """A member of a group."""

    key: str
    info: str
    #: When the member has come, in POSIX seconds.
    since: float


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is in a group."""

    version: int
    #: How many, also of those who are not listed.
    count: int
    #: Those who have been there for longest.
    members: tuple[Present, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """What a node learns when it renews its lease."""

    #: False when the engine has lost its lease, or has begun to take its members out because the lease had run out:
    #: then it has to begin anew, and to let all of them in again.
    is_known: bool
    #: What has changed because others are gone.
    changes: Changes
    #: The version of each group that was asked for.
    versions: Mapping[str, int]


class PresenceEngine(ABC):
    """Keeps who is where. Each method is one atomic step, whoever else does the same.

    Engines raise whatever their storage raises when it cannot be reached. Each may be called again when nobody knows
    whether it was carried out.
    """

    @abstractmethod
    async def begin(self, node: str, ttl: float) -> None:
        """Gives a node a lease of ``ttl`` seconds."""

    @abstractmethod
    async def beat(self, node: str, ttl: float, groups: Sequence[str] = (), *, sweeps: bool = True) -> Beat:
        """Renews the lease of a node for ``ttl`` seconds, if it has one.

        :param sweeps: takes out the members of nodes whose lease has run out, as :meth:`sweep` does. Otherwise only
            those whose grace is over.
        """

    @abstractmethod
    async def arrive(self, node: str, arrivals: Sequence[Arrival], *, capacity: int) -> Changes | None:
        """Lets members be in groups, or gives those who are there another ``info``.

        A group of ``capacity`` members takes no more of them. Returns None when the node has no lease (see
        :attr:`Beat.is_known`); then nothing was done.
        """

    @abstractmethod
    async def depart(self, node: str, places: Sequence[Place], *, grace: float) -> Changes:
        """Takes members out of groups, as far as this node has kept them there.

        Whom no other node keeps there is gone after ``grace`` seconds, unless they arrive again.
        """

    @abstractmethod
    async def sweep(self) -> Changes:
        """Takes out whose grace is over, and the members of nodes whose lease has run out; of many only some."""

    @abstractmethod
    async def attendance(self, group: str, *, limit: int) -> Attendance:
        """Who is in a group; lists ``limit`` members at most."""


def check_key(key: str) -> None:
    """Raises ValueError for a key that is empty or too long."""
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ValueError(f"The key of a member has 1 to {MAX_KEY_LENGTH} characters; this one has {len(key)}.")
