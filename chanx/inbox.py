"""The events of one connection's socket, in order, read ahead while a handler takes its time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]

#: The type of the event after which nothing comes.
_LAST: Final = "websocket.disconnect"


class Owner(Protocol):
    """Who handles the events."""

    def on_disconnect(self) -> None: ...


class Inbox:
    """Hands out events one after the other.

    As a rule nobody but who awaits :meth:`next` reads the socket: a task that reads, and a queue, would cost more than
    handling a small frame. When a handler turns out to be slow, :meth:`read_ahead` starts such a task, so that the
    end of the connection is noticed. It reads until ``size`` events wait: then the socket is left alone, the server's
    own buffers fill, and TCP slows the client down. Nothing is dropped.

    :param owner: its ``on_disconnect`` is called when the disconnect was read ahead, while something is being handled.
    :param overtakes: whether the disconnect overtakes what waits, which is forgotten then. Otherwise it takes its turn
        like any other event.
    :param largest: characters or bytes that an event may hold to be kept waiting: nothing is read ahead while a larger
        one waits.
    """

    __slots__ = (
        "_arrival",
        "_failure",
        "_is_over",
        "_largest",
        "_overtakes",
        "_owner",
        "_reader",
        "_receive",
        "_size",
        "_waiting",
    )

    def __init__(
        self,
        receive: Receive,
        *,
        size: int,
        owner: Owner,
        overtakes: bool,
        largest: int | None,
    ) -> None:
        self._receive = receive
        self._size = size
        # No bound method of it: each idle connection would keep it.
        self._owner = owner
        self._overtakes = overtakes
        self._largest = largest
        # A tuple: an empty one takes nothing in an idle connection, and there are never many.
        self._waiting: tuple[Event, ...] = ()
        self._reader: asyncio.Task[None] | None = None
        #: Who waits in :meth:`next` for what the reader reads.
        self._arrival: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        #: Whether the disconnect was read. A server that is asked once more may fail, or tell it a second time.
        self._is_over = False

    def next(self) -> Awaitable[Event]:
        """The next event, to be awaited at once. Raises whatever the server's ``receive`` raises."""
        if not self._waiting and self._reader is None and self._failure is None:
            # No coroutine of its own: each idle connection would keep it.
            return self._receive()
        return self._next_read_ahead()

    def has_ended(self) -> None:
        """To be called when :meth:`next` has returned the disconnect: nothing is read after it."""
        self._is_over = True

    async def _next_read_ahead(self) -> Event:
        if not self._waiting and self._reader is not None:
            # It is in the middle of reading: two readers at once are more than ASGI allows.
            self._arrival = self._reader.get_loop().create_future()
            try:
                await self._arrival
            finally:
                self._arrival = None
        if self._waiting:
            first, *rest = self._waiting
            self._waiting = tuple(rest)
            return first
        assert self._failure is not None
        raise self._failure

    def read_ahead(self) -> None:
        """Starts to read while something is being handled. Does nothing where that is done, or the inbox is full.

        Not to be called while somebody awaits :meth:`next`: two readers at once are more than ASGI allows.
        """
        if self._reader is None and self._failure is None and self._has_room():
            self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Forgets what waits, and reads no more."""
        self._waiting = ()
        self._is_over = True
        reader = self._reader
        if reader is not None:
            reader.cancel()
            await asyncio.wait([reader])
        # It belongs to whoever reads here: what refers to itself in a circle waits for the garbage collector.
        self._owner = _NOBODY

    def _has_room(self) -> bool:
        """Whether one more event may be read ahead."""
        if self._is_over or len(self._waiting) >= self._size:
            return False
        if not self._waiting or self._largest is None:
            return True
        newest = self._waiting[-1]
        return len(newest.get("text") or newest.get("bytes") or "") <= self._largest

    async def _read(self) -> None:
        try:
            while self._has_room():
                event = await self._receive()
                if event["type"] == _LAST:
                    self._is_over = True
                    if self._overtakes:
                        self._waiting = ()
                self._waiting += (event,)
                if self._arrival is not None:
                    # Nothing is being handled any more, so that nobody needs to read ahead.
                    return
                if self._is_over:
                    self._owner.on_disconnect()
        except Exception as error:
            self._failure = error
        finally:
            self._reader = None
            if self._arrival is not None and not self._arrival.done():
                self._arrival.set_result(None)


class _Nobody:
    """For an inbox that is closed."""

    __slots__ = ()

    def on_disconnect(self) -> None:
        """Tells nobody."""


_NOBODY: Final = _Nobody()
