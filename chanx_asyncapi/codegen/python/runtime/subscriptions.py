"""What somebody reads while it comes: bounded, and never with a silent gap."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Literal, Self, TypeAlias, TypeVar

from .errors import MessagesLost, SocketClosed

T = TypeVar("T")

State: TypeAlias = Literal["closed", "connecting", "open", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """What has become of the connection."""

    state: State
    #: With ``open``: there was a connection before, and messages of the time between were missed, unless …
    reconnected: bool = False
    #: … the server has sent them afterwards.
    recovered: bool = False
    #: With ``waiting`` and ``closed``: how the last connection ended; None when the client itself has closed it.
    close: SocketClosed | None = None
    #: With ``waiting``: seconds until the next attempt.
    delay: float | None = None


class Subscription(Generic[T]):
    """An iterator of what comes from the moment it was made; ``close()`` it, or use it in ``async with``.

    It ends when the client is closed. Iterating raises SocketClosed when the connection has ended for good, and
    MessagesLost when more came than ``size`` while nobody read; afterwards one may go on.
    """

    def __init__(
        self, size: int, on_close: Callable[["Subscription[T]"], None] | None = None
    ) -> None:
        self._items: deque[T] = deque()
        self._size = size
        self._lost = 0
        self._ended = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._on_close = on_close

    def put(self, item: T) -> None:
        """Add what has come."""
        if self._ended:
            return
        if len(self._items) >= self._size:
            self._items.popleft()
            self._lost += 1
        self._items.append(item)
        self._news.set()

    @property
    def ended(self) -> bool:
        """Whether nothing more will be added."""
        return self._ended

    def end(self, error: Exception | None = None) -> None:
        """Add nothing more. Who reads gets what is there, and then the end, or ``error``."""
        if not self._ended:
            self._ended, self._error = True, error
            self._news.set()

    def close(self) -> None:
        """Read nothing more."""
        self._items.clear()
        self._lost = 0
        self.end()
        if self._on_close is not None:
            self._on_close(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            if self._lost:
                lost, self._lost = self._lost, 0
                raise MessagesLost(lost)
            if self._items:
                return self._items.popleft()
            if self._ended:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
