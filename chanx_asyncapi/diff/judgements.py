"""What a change does to one side, and why: the words of the comparison.

A judgement is about a client and a server of which one follows the old document and the other one the new. Its reason
names the two by ``{clients}`` and ``{server}``, because each judgement serves both sides: what adding a thing does to
new clients of an old server is what removing it does to existing clients of a new one. So a rule says once what it
means to add and once what it means to remove, and :func:`opposites` gives both sides of either.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class Level(StrEnum):
    """How a change is classified."""

    #: Whoever follows the one document can go wrong with whoever follows the other one.
    BREAKING = "breaking"
    #: The documents do not tell, or a thing silently has no effect any more: somebody has to look.
    UNKNOWN = "unknown"
    #: The two understand each other as before.
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The class of a change for one side, and the reason as a sentence."""

    level: Level
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A class, and a reason that holds for either side."""

    level: Level
    #: With the places ``{clients}`` and ``{server}``.
    reason: str

    def of_client(self) -> Verdict:
        """For existing clients of the new server."""
        return self._verdict(clients="existing clients", server="the new server")

    def of_server(self) -> Verdict:
        """For the old server and new clients."""
        return self._verdict(clients="new clients", server="the old server")

    def _verdict(self, **words: str) -> Verdict:
        reason = self.reason.format(**words)
        return Verdict(self.level, reason[:1].upper() + reason[1:])


#: What a change does to existing clients of the new server, and to the old server with new clients.
Sides: TypeAlias = tuple[Judgement, Judgement]


@dataclass(frozen=True, slots=True)
class Opposites:
    """What it means that something is there only for the new side, and only for the old one."""

    added: Judgement
    removed: Judgement

    def when_added(self) -> Sides:
        return self.added, self.removed

    def when_removed(self) -> Sides:
        return self.removed, self.added


def both(judgement: Judgement) -> Sides:
    """The sides of a change that means the same in either direction."""
    return judgement, judgement


def safe(reason: str) -> Judgement:
    return Judgement(Level.SAFE, reason)


def unknown(reason: str) -> Judgement:
    return Judgement(Level.UNKNOWN, reason)


def breaking(reason: str) -> Judgement:
    return Judgement(Level.BREAKING, reason)


_SEVERITY: Final = (Level.SAFE, Level.UNKNOWN, Level.BREAKING)


def either(first: Judgement, second: Judgement) -> Judgement:
    """The judgement of what is one of two things, and nobody knows which."""
    if first.level == second.level:
        return first
    return unknown("no operation says who sends it, and only one of the two directions is safe.")


def severity(level: Level) -> int:
    """How bad a class is; ``safe`` is 0."""
    return _SEVERITY.index(level)
