"""A client of one channel: it connects, comes back, sends, asks, and hands out what comes."""

import asyncio
import json
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from inspect import isawaitable
from types import TracebackType
from typing import Any, ClassVar, Generic, Self, TypeVar, overload
from weakref import WeakValueDictionary

from websockets.exceptions import ConnectionClosed

from . import errors
from .connection import Connection, NotConnected, address
from .decoding import Decoder
from .description import Description
from .errors import (
    ClientError,
    InvalidFrame,
    NotOpen,
    QueueFull,
    RequestTimeout,
    SocketClosed,
)
from .heartbeat import beat
from .json_values import as_object, parsed
from .models import Model
from .options import AuthProvider, Credentials, Options, Resumption
from .reconnecting import Close, Reconnecting
from .requests import RETRY_KEY, Pending, Replies
from .resuming import SUBPROTOCOLS, Positions
from .subscriptions import State, StateChange, Subscription

S = TypeVar("S", bound=Model)
R = TypeVar("R")
M1 = TypeVar("M1", bound=Model)
M2 = TypeVar("M2", bound=Model)
M3 = TypeVar("M3", bound=Model)

logger = logging.getLogger(__name__)


class Client(Generic[S, R]):
    """A client that sends messages of type ``S`` and receives those of type ``R``.

    Use it in ``async with``, and iterate over it: what is not the answer to a request of its own is there, from the
    moment it has connected. All of it belongs to one event loop.

    :param url: ``wss://host``, with the path before the addresses of the service, if there is one.
    :param parameters: of the address.
    :param query: the query string.
    :param auth: a token, :class:`Credentials`, or what gives them for each connection anew.
    :raises ValueError: when no address can be made of these.
    """

    #: What generated classes fill in.
    _description: ClassVar[Description]
    RequestFailed: ClassVar[type[errors.RequestFailed[Any]]] = errors.RequestFailed

    def __init__(
        self,
        url: str,
        *,
        parameters: Mapping[str, Any],
        query: Mapping[str, Any],
        auth: AuthProvider | Credentials | str | None,
        options: Options | None,
    ) -> None:
        self.url = address(url, self._description.address, parameters, query)
        self.options = options or Options()
        self._resumption: Resumption | None = None
        if self._description.resumable:
            self._resumption = self.options.resume or Positions(self._description)
        self._auth = auth
        self._decoder = Decoder(self._description)
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._state = StateChange(state="closed")
        self._queue: deque[str] = deque()
        #: Whoever waits for an answer holds it, too.
        self._requests: WeakValueDictionary[str, Pending] = WeakValueDictionary()
        #: Ids of this client's requests are told from those that its user has chosen.
        self._id_prefix = f"{secrets.token_hex(4)}-"
        self._ids = 0
        #: How the server calls this connection, where requests may be sent again.
        self._name: str | None = None
        self._heard = self._opened_at = 0.0
        self._begin()

    def _begin(self) -> None:
        self._inbox: Subscription[Any] = Subscription(self.options.buffer)
        self._streams: dict[Subscription[Any], tuple[type[Model], ...]] = {}
        self._watchers: set[Subscription[StateChange]] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self._ready: asyncio.Future[None] | None = None

    # Connecting

    async def connect(self, timeout: float | None = 30) -> None:
        """Connect, and wait to be let in; several attempts are made where that makes sense.

        :raises SocketClosed: when the server does not let the client in.
        :raises RequestTimeout: when it cannot be reached within ``timeout`` seconds.
        """
        if self._task is None:
            if self._inbox.ended:
                self._begin()
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run())
        ready = self._ready
        assert ready is not None, "it is there as long as the task is"
        try:
            async with asyncio.timeout(timeout):
                await asyncio.shield(ready)
        except TimeoutError:
            await self.close()
            raise RequestTimeout("connect", timeout or 0) from None
        except BaseException:
            await self.close()
            raise

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection for good, and end all iterations."""
        task, self._task = self._task, None
        if task is None:
            return
        if self._connection is not None:
            with suppress(ConnectionClosed):
                await self._connection.close(code, reason)
        task.cancel()
        await asyncio.wait([task])
        self._end(None)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def state(self) -> State:
        """What has become of the connection."""
        return self._state.state

    @property
    def authentication(self) -> Any:
        """What the server said when it let the client in, as a value of JSON; None without a connection."""
        return None if self._connection is None else self._connection.authentication

    # Sending

    async def send(self, message: S, /) -> None:
        """Send a message. It may wait for the connection, if ``Options.queue`` allows it.

        :raises NotOpen: when it can neither be sent nor wait.
        """
        await self._send(
            json.dumps(message.to_wire(), ensure_ascii=False, separators=(",", ":"))
        )

    async def _send(self, text: str) -> None:
        if self._connection is not None and not self._queue:
            with suppress(ConnectionClosed):
                await self._connection.send(text)
                return
        if self.options.queue == 0 or self._task is None:
            raise NotOpen
        if len(self._queue) >= self.options.queue:
            raise QueueFull
        self._queue.append(text)

    async def _request(self, message: Model, timeout: float | None) -> Any:
        """Send a message, and return what answers it.

        :raises RequestFailed: when that is an error.
        :raises RequestTimeout: when nothing comes in time.
        :raises SocketClosed: when the connection ends before.
        """
        try:
            answers: Replies[Any] = Replies(self._start, message, timeout, single=True)
            return await anext(answers)
        except StopAsyncIteration:
            # The service says that nothing will come.
            return None

    def _replies(self, message: Model, timeout: float | None) -> Replies[Any]:
        return Replies(self._start, message, timeout, size=self.options.buffer)

    async def _start(self, message: Model, pending: Pending) -> None:
        """Send a message whose answers go to ``pending``."""
        self._ids += 1
        number = f"{self._id_prefix}{self._ids}"
        frame = {**message.to_wire(), self._description.id_key: number}
        pending.action = str(frame.get(self._description.action_key))
        pending.frame = frame
        window = self._description.repeatable.get(pending.action)
        if window is not None:
            pending.repeatable_until = asyncio.get_running_loop().time() + window
        self._requests[number] = pending
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        pending.take_back = partial(self._take_back, number, text)
        if window is not None and self._connection is not None and not self._queue:
            # What becomes of it is decided when the connection has ended: nobody knows whether it has arrived.
            with suppress(ConnectionClosed):
                await self._connection.send(text)
            return
        await self._send(text)

    def _ping(self) -> str:
        """A frame that asks for a sign of life; its answer is nobody's."""
        description = self._description
        self._ids += 1
        number = f"{self._id_prefix}{self._ids}"
        return json.dumps(
            {description.action_key: description.ping, description.id_key: number}
        )

    def _take_back(self, number: str, text: str) -> None:
        """Nobody waits for an answer any more; a message that has not been sent need not be."""
        self._requests.pop(number, None)
        with suppress(ValueError):
            self._queue.remove(text)

    # Receiving

    def __aiter__(self) -> AsyncIterator[R]:
        """What comes and answers no request of this client.

        Raises SocketClosed when the connection has ended for good, MessagesLost when nobody read for too long.
        """
        return self._inbox

    @overload
    def stream(self, one: type[M1], /) -> Subscription[M1]: ...
    @overload
    def stream(self, one: type[M1], two: type[M2], /) -> Subscription[M1 | M2]: ...
    @overload
    def stream(
        self, one: type[M1], two: type[M2], three: type[M3], /
    ) -> Subscription[M1 | M2 | M3]: ...
    def stream(self, *kinds: type[Model]) -> Subscription[Any]:
        """Messages of these classes from now on, besides their being in the iteration over the client."""
        subscription: Subscription[Any] = Subscription(
            self.options.buffer, self._forget
        )
        self._streams[subscription] = kinds
        return subscription

    def on(
        self, kind: type[M1], handler: Callable[[M1], Awaitable[None] | None]
    ) -> Callable[[], None]:
        """Call ``handler`` with each message of a class, one after the other; what it raises is logged.

        :return: ends it.
        """
        subscription = self.stream(kind)
        task = asyncio.create_task(self._handle(subscription, handler))
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)
        return subscription.close

    def watch(self) -> Subscription[StateChange]:
        """The state of the connection: what it is, and what becomes of it."""
        subscription: Subscription[StateChange] = Subscription(
            self.options.buffer, self._watchers.discard
        )
        subscription.put(self._state)
        self._watchers.add(subscription)
        return subscription

    def _forget(self, subscription: Subscription[Any]) -> None:
        self._streams.pop(subscription, None)

    async def _handle(
        self, subscription: Subscription[Any], handler: Callable[[Any], Any]
    ) -> None:
        while True:
            try:
                async for message in subscription:
                    result = handler(message)
                    if isawaitable(result):
                        await result
            except SocketClosed:
                return
            except Exception:
                logger.exception("A handler of %s has failed", self.url)
            else:
                return

    # The life of the connection

    async def _run(self) -> None:
        can_refresh = callable(self._auth)
        codes, options = self._description.close_codes, self.options
        reconnecting = Reconnecting(
            options.retry, codes, can_refresh=can_refresh, random=options.random
        )
        refresh = False
        while True:
            self._change(StateChange(state="connecting"))
            try:
                close = await self._converse(refresh=refresh)
                lasted = asyncio.get_running_loop().time() - self._opened_at
            except NotConnected as error:
                close, lasted = error.close, 0
            except Exception as error:
                # The provider of credentials, or the opener: to begin with, whoever connects has to know.
                if self._ready is not None and not self._ready.done():
                    self._fail(error)
                    return
                logger.exception("%s cannot be connected to", self.url)
                close, lasted = Close(reason=f"{type(error).__name__}: {error}"), 0
            if self._task is not asyncio.current_task():
                # The client was closed meanwhile.
                return
            again = reconnecting.after(close, lasted=lasted)
            closed = SocketClosed(close.code, close.reason)
            if again is None:
                self._fail(closed)
                return
            refresh = again.refresh
            self._change(StateChange(state="waiting", close=closed, delay=again.delay))
            await asyncio.sleep(again.delay)

    async def _converse(self, *, refresh: bool) -> Close:
        """Connect, and hand out what comes until the connection ends. Raises NotConnected."""
        credentials = await self._credentials(refresh=refresh)
        connection = await Connection.open(
            self.url, credentials, self._description, self.options, self._offers()
        )
        heartbeat: asyncio.Task[None] | None = None
        try:
            introduction = await self._introduced(connection)
            if introduction is None:
                return await connection.closed()
            await self._opened(connection)
            for frame in introduction:
                self._receive(frame, connection)
            if (
                self._description.ping is not None
                and self.options.heartbeat is not None
            ):
                beating = beat(
                    connection, self.options, self._ping, lambda: self._heard
                )
                heartbeat = asyncio.create_task(beating)
            while (data := await connection.receive()) is not None:
                self._heard = asyncio.get_running_loop().time()
                self._receive(data, connection)
            return await connection.closed()
        except ConnectionClosed:
            return await connection.closed()
        finally:
            if heartbeat is not None:
                heartbeat.cancel()
            self._connection = None
            connection.abort()
            await self._fail_requests(connection)

    async def _introduced(self, connection: Connection) -> list[str | bytes] | None:
        """Wait for the name of the client where requests may be sent again: nothing is to be asked before.

        :return: the frames that have come with it; None when the connection has ended before.
        :raises NotConnected: when it does not come in time.
        """
        frames: list[str | bytes] = []
        description = self._description
        self._name = None
        try:
            async with asyncio.timeout(self.options.open_timeout):
                while description.repeatable and self._name is None:
                    data = await connection.receive()
                    if data is None:
                        return None
                    frames.append(data)
                    frame = as_object(parsed(data))
                    if frame.get(description.action_key) == "positions":
                        payload = as_object(frame.get(description.payload_key))
                        self._name = str(payload.get("client"))
        except TimeoutError:
            raise NotConnected(Close(reason="the server gave no name")) from None
        return frames

    def _was_open(self) -> bool:
        """Whether the server has let the client in before."""
        return self._ready is not None and self._ready.done()

    def _offers(self) -> tuple[str, ...]:
        """The subprotocols of a handshake."""
        if self._was_open() and self._resumption and self._resumption.resume():
            return SUBPROTOCOLS
        own = self._description.subprotocol
        return () if own is None else (own,)

    async def _credentials(self, *, refresh: bool) -> Credentials:
        given = (
            await self._auth(refresh=refresh) if callable(self._auth) else self._auth
        )
        return given if isinstance(given, Credentials) else Credentials(token=given)

    async def _opened(self, connection: Connection) -> None:
        assert self._ready is not None, "it is there as long as the task is"
        reconnected = self._was_open()
        frame = self._resumption.resume() if reconnected and self._resumption else None
        if frame is not None:
            await connection.send(json.dumps(frame, separators=(",", ":")))
        await self._send_again(connection)
        while self._queue:
            await connection.send(self._queue[0])
            self._queue.popleft()
        self._connection = connection
        self._heard = self._opened_at = asyncio.get_running_loop().time()
        self._change(StateChange(state="open", reconnected=reconnected))
        if not reconnected:
            self._ready.set_result(None)

    async def _send_again(self, connection: Connection) -> None:
        """Send the requests that have waited for their answers when the last connection ended."""
        self._abandon(SocketClosed(1006), connected=True)
        for pending in [*self._requests.values()]:
            if pending.sender is not None:
                frame = {**pending.frame, RETRY_KEY: pending.sender}
                await connection.send(json.dumps(frame))

    def _receive(self, data: str | bytes, connection: Connection) -> None:
        """Hand out a frame."""
        description = self._description
        frame = as_object(parsed(data))
        action = frame.get(description.action_key)
        if not isinstance(action, str):
            self._report(
                InvalidFrame.of(data, f"it has no {description.action_key!r}.")
            )
            return
        if action == "positions" and description.repeatable and not self._resumption:
            return
        if self._resumption is not None:
            recovered = self._resumption.received(frame)
            if recovered is not None:
                self._change(
                    StateChange(state="open", reconnected=True, recovered=recovered)
                )
            if action in ("positions", "resumed"):
                return
        if action in description.errors:
            connection.note(frame)
        number = frame.get(description.reply_to_key)
        pending = self._requests.get(number) if isinstance(number, str) else None
        try:
            message = self._decoder.decode(action, data)
        except InvalidFrame as error:
            if pending is None:
                self._report(error)
            else:
                pending.fail(error)
            return
        if pending is not None:
            if action == description.completion:
                pending.complete()
            elif action in description.errors:
                pending.fail(self.RequestFailed(message))
            else:
                pending.answer(message)
        elif not (isinstance(number, str) and number.startswith(self._id_prefix)):
            # What comes too late for its request is nobody's.
            self._deliver(message)

    def _deliver(self, message: Any) -> None:
        self._inbox.put(message)
        for subscription, kinds in self._streams.items():
            if isinstance(message, kinds):
                subscription.put(message)

    def _report(self, error: InvalidFrame) -> None:
        # Without the frame, which holds anybody's data.
        logger.warning(
            "%s sent what its document does not describe: %s", self.url, error.problem
        )

    async def _fail_requests(self, connection: Connection) -> None:
        if not self._requests:
            return
        close = await connection.closed()
        for pending in [*self._requests.values()]:
            pending.disconnect(self._name)
        self._abandon(SocketClosed(close.code, close.reason))

    def _abandon(self, error: SocketClosed, *, connected: bool = False) -> None:
        """Give up the requests that cannot be sent again, or no longer; those that were never sent may be."""
        now = asyncio.get_running_loop().time()
        for number, pending in [*self._requests.items()]:
            never_sent = connected and pending.sender is None
            if not never_sent and not pending.may_repeat(now):
                pending.fail(error)
                self._requests.pop(number, None)

    def _give_up(self, error: ClientError) -> None:
        for pending in [*self._requests.values()]:
            pending.fail(error)
        self._requests.clear()

    def _change(self, state: StateChange) -> None:
        self._state = state
        for watcher in self._watchers:
            watcher.put(state)

    def _fail(self, error: Exception) -> None:
        """End for good, because of the server."""
        self._task = None
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error)
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        self._change(
            StateChange(
                state="closed", close=error if isinstance(error, SocketClosed) else None
            )
        )
        self._queue.clear()
        self._give_up(error if isinstance(error, ClientError) else SocketClosed(1000))
        for subscription in (self._inbox, *self._streams):
            subscription.end(error)
        for watcher in self._watchers:
            watcher.end()
        if error is None:
            for task in self._handlers - {asyncio.current_task()}:
                task.cancel()
