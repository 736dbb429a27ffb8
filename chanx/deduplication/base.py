"""What is remembered of requests, and the interface that each engine implements.

A request is *claimed* before its handler runs, and *finished* with its replies afterwards. Who claims one that is there
already learns how it stands, and does not run it. A claim is held by a lease that its process renews: once that has
lapsed, the process has died, and nobody knows how far the handler got. So each request is handled at most once; never
is it promised that it is handled exactly once.
"""

import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Final

#: Seconds for which a claim counts as alive after its process has last renewed it, and between two renewals.
LEASE: Final = 15.0
RENEWAL: Final = 5.0

#: Seconds that a request is remembered for beyond the window: a client that sends it again at the last moment may be
#: on a slow network.
GRACE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is remembered of one client."""

    #: Seconds from the claim, and again from the end.
    window: float
    #: Requests. One more is refused: nothing that is still promised is forgotten for it.
    requests: int
    #: Bytes of replies. The replies of the oldest requests are forgotten first; the requests are not.
    size: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request of one client."""

    #: What nobody else can be or become.
    client: str
    #: The ``id`` of its frame, a text as a text and a number as a number.
    id: str
    #: Of what the frame says: another frame with the same ``id`` is another request.
    digest: str
    #: Of the ledger when the client got its name, if this is said to be a repeat. A ledger that has lost its memory
    #: since does not know whether it was handled before.
    known_since: str | None = None


class Standing(Enum):
    """How a request stands when somebody claims it."""

    #: It is the caller's to handle.
    NEW = "new"
    #: Somebody else handles it at this moment.
    RUNNING = "running"
    #: It was handled, and the replies are there.
    DONE = "done"
    #: It was handled, and the replies are not kept.
    FORGOTTEN = "forgotten"
    #: It may have been handled, or a part of it.
    UNKNOWN = "unknown"
    #: Its id belongs to another request.
    CONFLICT = "conflict"
    #: The client has made too many requests.
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim has found."""

    standing: Standing
    #: As they were given to :meth:`Ledger.finish`, with DONE.
    replies: str = ""
    #: Seconds until there is room again, with FULL.
    wait: float = 0.0


class Ledger(ABC):
    """Remembers requests. Each method is one atomic step, whoever else does the same.

    Engines raise whatever their storage raises when it cannot be reached; they never answer with a guess. A *holder* is
    a text, not empty, that only one caller has; a claim that its holder repeats, because an answer was lost, succeeds
    again.
    """

    @abstractmethod
    async def epoch(self) -> str:
        """A text that changes whenever the ledger has lost what it knew."""

    @abstractmethod
    async def claim(self, request: Request, holder: str, limits: Limits) -> Claim:
        """Claims a request for :data:`LEASE` seconds, or says how it stands."""

    @abstractmethod
    async def renew(self, request: Request, holder: str, limits: Limits, *, lease: float = LEASE) -> None:
        """Keeps a claim alive for so many seconds; with 0, gives it up: nobody knows how the request has ended."""

    @abstractmethod
    async def finish(self, request: Request, holder: str, limits: Limits, replies: str | None) -> None:
        """Ends a claim. Without ``replies``, or with more than fits, only that it was handled is kept."""

    @abstractmethod
    async def release(self, request: Request, holder: str) -> None:
        """Forgets a claim whose request was not handled at all."""


def new_epoch() -> str:
    """A text that no other epoch has."""
    return secrets.token_urlsafe(9)


def is_to_be_kept(replies: str | None, limits: Limits) -> bool:
    """Whether replies fit into what is remembered of a client."""
    return replies is not None and len(replies.encode()) <= limits.size
