"""What one connection sends: in order, and no more of it than its client takes.

A frame that a task of the connection sends is sent by that task, which waits until the server has taken it. Frames
that come from elsewhere, such as group messages, are pushed: whoever pushes never waits for a client. They are sent
by the pump of the event loop, one connection after the other; when a client does not take its frame at once, its
pump stays with it, and another one goes on with the rest. So nobody waits for a slow reader, and nobody pays for a
task with each frame.
"""

import asyncio
import types
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextvars import Context
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

from chanx.watchdog import Watchdog

Event = dict[str, Any]
Send = Callable[[Any], Awaitable[None]]

#: A sending that has made its first step, and what it awaits.
_Begun = tuple[Generator[Any, Any, None], Any]

#: Frames that a pump may send before other tasks get a turn.
_FAIR_SHARE: Final = 64
#: What a frame takes besides its text, so that many small ones count as well.
_OVERHEAD: Final = 100


class TooSlowError(Exception):
    """More waits for a client than may, or for longer; the text ends a sentence about the client."""


class Owner(Protocol):
    """Who hears of it when something cannot be sent."""

    def on_trouble(self, problem: Exception) -> None: ...


class Outbox:
    """The way out of one connection. Made, and used, in the event loop of the connection.

    :param owner: its ``on_trouble`` is called in the event loop with what the server raised for a pushed frame, with
        the OSError that it raised for any frame, and with TooSlowError, perhaps more than once.
    :param size: characters of pushed frames that may wait, with a little for each frame itself.
    :param timeout: seconds that the client may take for one frame; None waits for ever.
    """

    __slots__ = (
        "_blocked_since",
        "_blocked_task",
        "_in_use",
        "_is_closed",
        "_owner",
        "_pump",
        "_pushed",
        "_send",
        "_size",
        "_timeout",
        "_waiting",
        "_waiting_size",
    )

    def __init__(self, send: Send, owner: Owner, *, size: int, timeout: float | None) -> None:
        self._send = send
        # No bound method of it: each idle connection would keep it.
        self._owner = owner
        self._size = size
        self._timeout = timeout
        # Looked up once, and not for each frame.
        self._pump = Pump.running()
        #: Somebody sends, or was told that it is its turn.
        self._in_use = False
        self._is_closed = False
        #: The pushed text whose turn it is.
        self._pushed: str | None = None
        #: Texts that were pushed, and turns that tasks of the connection wait for; None as long as nobody waited.
        self._waiting: deque[str | asyncio.Future[None]] | None = None
        self._waiting_size = 0
        #: Since when the server has kept a frame waiting, and the pump that waits with it.
        self._blocked_since: float | None = None
        self._blocked_task: asyncio.Task[None] | None = None

    async def send(self, event: Event) -> None:
        """Sends a frame behind all that waits. Returns when the server has taken it.

        Raises what the server raises, but for OSError, which only says that the client has gone (ASGI, "Send after a
        disconnect"). Returns without sending it when the outbox is closed in the meantime.
        """
        if self._in_use:
            await self._turn()
        if self._is_closed:
            self._pass_on()
            return
        self._in_use = True
        try:
            steps = self._send(event).__await__()
            try:
                awaited = next(steps)
            except StopIteration:
                return
            await self._blocked(steps, awaited)
        except OSError as error:
            self._owner.on_trouble(error)
        finally:
            if self._waiting:
                self._pass_on()
            else:
                self._in_use = False

    def push(self, text: str) -> None:
        """Has a text frame sent behind all that waits. Returns at once."""
        if self._is_closed:
            return
        if not self._in_use:
            self._in_use = True
            self._pushed = text
            self._pump.add(self)
            return
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(text)
        self._waiting_size += len(text) + _OVERHEAD
        if self._waiting_size > self._size:
            self._owner.on_trouble(TooSlowError(f"{len(self._waiting)} frames wait for it"))

    def close(self) -> None:
        """Forgets what waits: nothing is sent any more. Whoever waits for a turn gets it, for nothing."""
        self._is_closed = True
        waiting, self._waiting, self._waiting_size = self._waiting, None, 0
        for each in waiting or ():
            if isinstance(each, asyncio.Future) and not each.done():
                each.set_result(None)

    def abandon(self) -> bool:
        """Gives up the pushed frame that the client does not take, if there is one. After :meth:`close`."""
        if self._blocked_task is None:
            return False
        self._blocked_task.cancel()
        return True

    def end(self) -> None:
        """Closes, and lets go of the connection: nobody is told of anything any more."""
        self.close()
        self.abandon()
        self._owner = _NOBODY

    def look(self, now: float) -> None:
        """Called by the watchdog while the server keeps a frame waiting."""
        if self._timeout is not None and self._blocked_since is not None and now - self._blocked_since > self._timeout:
            self._blocked_since = None
            self._owner.on_trouble(TooSlowError(f"it has not taken a frame for {self._timeout:g} seconds"))

    def send_pushed(self) -> _Begun | None:
        """Sends the pushed text whose turn it is. What it returns is for :meth:`stay`: the client has not taken it yet.

        Called by the pump only, as are the two that follow. It is no coroutine, because most clients take most texts
        at once, and there is nothing that is done more often.
        """
        if self._is_closed:
            return None
        try:
            steps = self._send({"type": "websocket.send", "text": self._pushed}).__await__()
            return steps, next(steps)
        except StopIteration:
            return None
        except Exception as error:
            self._owner.on_trouble(error)
            return None

    async def stay(self, begun: _Begun) -> None:
        """Waits until the client has taken what :meth:`send_pushed` has begun to send."""
        try:
            await self._stay(*begun)
        except Exception as error:
            self._owner.on_trouble(error)

    def turns_to_next(self) -> bool:
        """Whether another pushed text has its turn now, instead of a task of the connection, or of nobody."""
        while self._waiting:
            following = self._waiting.popleft()
            if isinstance(following, str):
                self._waiting_size -= len(following) + _OVERHEAD
                self._pushed = following
                return True
            if not following.done():
                following.set_result(None)
                self._pushed = None
                return False
        # An idle connection holds no queue.
        self._pushed = self._waiting = None
        self._in_use = False
        return False

    async def _stay(self, steps: Generator[Any, Any, None], awaited: Any) -> None:
        """Waits for the client in a task of the pump, which :meth:`abandon` may end."""
        me = self._blocked_task = asyncio.current_task()
        try:
            await self._blocked(steps, awaited)
        except asyncio.CancelledError:
            if me is None or not self._is_closed:
                raise
            me.uncancel()
        finally:
            self._blocked_task = None

    async def _blocked(self, steps: Generator[Any, Any, None], awaited: Any) -> None:
        """Waits for a send that the server has not finished at once."""
        loop = asyncio.get_running_loop()
        watchdog = Watchdog.of(loop)
        self._blocked_since = loop.time()
        watchdog.watch(self)
        try:
            await _rest(steps, awaited)
        finally:
            self._blocked_since = None
            watchdog.leave(self)

    async def _turn(self) -> None:
        """Waits until those before have sent."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Lets the next one send, if anybody waits."""
        if self.turns_to_next():
            self._pump.add(self)


class _Nobody:
    """For a connection that has ended."""

    __slots__ = ()

    def on_trouble(self, problem: Exception) -> None:
        """Tells nobody."""


_NOBODY: Final = _Nobody()


class Pump:
    """Sends the pushed frames of one event loop."""

    def __init__(self) -> None:
        self._ready: deque[Outbox] = deque()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def running(cls) -> "Pump":
        """The one of the running event loop."""
        loop = asyncio.get_running_loop()
        found = _pumps.get(loop)
        if found is None:
            found = _pumps[loop] = cls()
        return found

    def add(self, outbox: Outbox) -> None:
        """Sends what was pushed into an outbox, which is in use until then."""
        self._ready.append(outbox)
        if self._task is None:
            self._start()

    def _start(self) -> None:
        # Not in the context of whoever is the first to push.
        self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())

    async def _run(self) -> None:
        me, sent = self._task, 0
        try:
            while self._ready and self._task is me:
                outbox = self._ready.popleft()
                has_more = True
                while has_more:
                    if (begun := outbox.send_pushed()) is not None:
                        self._step_aside()
                        await outbox.stay(begun)
                    has_more = outbox.turns_to_next()
                    sent += 1
                    if sent >= _FAIR_SHARE:
                        sent = 0
                        await asyncio.sleep(0)
        finally:
            if self._task is me:
                self._task = None

    def _step_aside(self) -> None:
        """Lets another task go on with the others: this one waits for a client."""
        if self._task is asyncio.current_task():
            self._task = None
            if self._ready:
                self._start()


@types.coroutine
def _rest(steps: Generator[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """Goes on with an awaitable whose first step was made by hand, in the task that made it."""
    while True:
        try:
            yield awaited
        except BaseException as error:
            # What a server written in another language awaits may be no generator: it has neither send nor throw.
            throw = getattr(steps, "throw", None)
            if throw is None:
                raise
            try:
                awaited = throw(error)
            except StopIteration:
                return
        else:
            yield from steps
            return


#: A pump without work has no task, and refers to no event loop.
_pumps: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Pump]] = WeakKeyDictionary()
