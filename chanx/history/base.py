"""What a history keeps of a group, and the interface that each engine implements.

A group's messages are numbered 1, 2, 3, … without a hole: the *offset*. Numbers only mean something together with the
*epoch*, a random text that changes whenever the numbering has begun anew, because the engine has lost what it knew.
"""

import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Final

from chanx.deduplication.base import Ledger
from chanx.presence.base import PresenceEngine

#: Seconds for which the epoch and the last offset of a group are kept after its last message. Much longer than any
#: history, so that a client that has missed nothing of a quiet group is told so, whenever it comes back.
POSITION_TTL: Final = 30 * 24 * 3600.0

#: Characters of an idempotency key. It is stored for each message that has one.
MAX_KEY_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept of a group."""

    #: Messages; older ones are forgotten.
    size: int
    #: Seconds after the last message, after which all are forgotten.
    ttl: float


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the history of one group: the messages up to ``seq`` have been seen."""

    epoch: str
    #: Offset of a message; 0 before the first.
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a history."""

    seq: int
    #: What was appended, unchanged.
    body: str


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a message is in the history."""

    position: Position
    #: False when a message with the same idempotency key was there already; nothing was appended then.
    is_new: bool


class Gap(Enum):
    """Why it cannot be said what a client has missed."""

    #: The engine has lost the numbering, or its history has not been asked for within POSITION_TTL.
    EPOCH = "epoch"
    #: Some of what was missed is no longer kept.
    TRIMMED = "trimmed"
    #: The client claims an offset that no message has yet.
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Missed:
    """What has come after a position, or the reason why nobody knows."""

    #: The last message of the group.
    position: Position
    #: In order and without a hole, beginning right after the position asked for; may end before ``position``.
    entries: tuple[Entry, ...] = ()
    gap: Gap | None = None


class HistoryEngine(ABC):
    """Keeps the last messages of groups. Each method is one atomic step, whoever else does the same.

    Engines raise whatever their storage raises when it cannot be reached; they never answer with a guess.
    """

    @abstractmethod
    async def append(self, group: str, body: str, bounds: Bounds, *, key: str | None = None) -> Appended:
        """Gives ``body`` the next offset and keeps it.

        :param body: JSON.
        :param key: an idempotency key, at most MAX_KEY_LENGTH characters: of several messages with one key that come
            while the first is kept (``bounds.ttl``), only the first is appended.
        """

    @abstractmethod
    async def position(self, group: str) -> Position:
        """Where the history of a group is now. Begins one where there is none."""

    @abstractmethod
    async def since(self, group: str, position: Position, *, limit: int) -> Missed:
        """At most ``limit`` messages that came after ``position``."""

    def ledger(self) -> Ledger:
        """What remembers, in the same storage, which requests were handled. Raises NotImplementedError where nothing
        does."""
        raise NotImplementedError(f"{type(self).__name__} does not remember requests.")

    def presence(self) -> PresenceEngine:
        """What keeps, in the same storage, who is in the groups. Raises NotImplementedError where nothing does."""
        raise NotImplementedError(f"{type(self).__name__} does not keep who is in a group.")

    def is_open(self) -> bool:
        """Whether the engine holds anything in this event loop that :meth:`close` lets go."""
        return True

    async def close(self) -> None:  # noqa: B027 - not abstract: most engines hold nothing
        """Lets go of what the engine holds in this event loop, for instance its connections."""


def new_epoch() -> str:
    """A text that no other numbering has."""
    return secrets.token_urlsafe(9)


def gap_between(known: Position, current: Position, oldest: int | None) -> Gap | None:
    """Why what has come between two positions is not known, or None when it is.

    :param oldest: the offset of the oldest message after ``known`` that is still kept, if there is one.
    """
    if known.epoch != current.epoch:
        return Gap.EPOCH
    if known.seq > current.seq:
        return Gap.FUTURE
    if known.seq < current.seq and oldest != known.seq + 1:
        return Gap.TRIMMED
    return None


def check_key(key: str | None) -> None:
    """Raises ValueError for an idempotency key that is empty or too long."""
    if key is not None and not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ValueError(f"An idempotency key has 1 to {MAX_KEY_LENGTH} characters; this one has {len(key)}.")
