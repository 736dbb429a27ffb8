"""What users of a client may choose."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import connect


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who connects. What is not given is not sent."""

    #: Goes where the service wants it: behind ``Bearer`` or ``Token`` in the header Authorization, in a query parameter
    #: or in a cookie.
    token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class AuthProvider(Protocol):
    """Gives the credentials, for each connection anew.

    ``refresh`` is true when the last ones were refused: the next answer should not come from a cache. When those are
    refused as well, the client stays away.
    """

    def __call__(self, *, refresh: bool) -> Awaitable[Credentials | str | None]:
        """The credentials; a text is a token, and None means that there are none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When to come back: after a random time between zero and a limit, which doubles with each attempt in a row."""

    #: Seconds: the first limit, and the largest.
    min: float = 0.5
    max: float = 30
    #: How many attempts in a row; None: for ever.
    attempts: int | None = None
    #: Seconds after which a connection counts as one that works: a server that accepts and closes at once, again and
    #: again, must not make clients come back at once, again and again.
    stable: float = 5

    def delay(self, attempt: int, random: float) -> float:
        """Seconds before an attempt, the first one being 0; ``random`` is between 0 and 1."""
        return random * min(self.max, self.min * 2.0 ** min(attempt, 60))


class Resumption(Protocol):
    """What remembers how far a client has read, where the service can send what was missed meanwhile."""

    def received(self, frame: Mapping[str, Any]) -> bool | None:
        """Take note of a frame. Once the server has said so: whether all that was missed has come. None otherwise."""
        ...

    def resume(self) -> Mapping[str, Any] | None:
        """The frame that asks for what was missed; the first one that is sent after coming back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a client behaves."""

    #: None: the client does not come back by itself.
    retry: Retry | None = Retry()
    #: How many messages may wait while the connection is not open. With 0, sending raises NotOpen.
    queue: int = 0
    #: How many received messages may wait to be read, for each reader.
    buffer: int = 1000
    #: Seconds for one attempt to connect, authentication included.
    open_timeout: float = 10
    #: Seconds of silence after which the server is asked for a sign of life; None: never.
    heartbeat: float | None = 25
    #: Seconds for that sign to come, before the connection is given up.
    heartbeat_timeout: float = 10
    #: Bytes of a received frame; a larger one closes the connection with 1009.
    max_size: int = 1024 * 1024
    #: Sent with every handshake.
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    #: The Origin that a browser would send. A service ignores cookies without one.
    origin: str | None = None
    #: Another way to resume than that of chanx, which a client of a service with a history knows by itself.
    resume: Resumption | None = None
    #: Opens a socket: ``functools.partial(websockets.asyncio.client.connect, ssl=…, proxy=…)``, for instance.
    opener: Callable[..., Awaitable[Any]] = connect
    #: Numbers between 0 and 1.
    random: Callable[[], float] = random.random
