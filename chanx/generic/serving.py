"""The life of a connection's task: it takes events from the socket, and gives each received message its turn."""

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, cast

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer

from chanx.close_codes import CloseCode
from chanx.codec import Reject
from chanx.database import close_old_connections, connections_are_old
from chanx.drain import Drain
from chanx.generic.deduplicating import DeduplicatingConsumer
from chanx.generic.membership import SilentClientError
from chanx.generic.typevars import Event
from chanx.idleness import Idleness
from chanx.inbox import Inbox
from chanx.messages.serialized import serializer_context
from chanx.outbox import Outbox
from chanx.turns import Interruption, Turn, current_turn
from chanx.watchdog import Watchdog

#: A text frame, or the decision about one that nobody needs to parse, or what a hook of the class has failed with.
Received = str | Reject | Exception

#: Events that a connection may handle before the others get a turn, and what was sent leaves the process, where
#: nothing in between waits for anything. After one that took longer than so many seconds, they get it at once.
_FAIR_SHARE: Final = 16
_FAIR_SECONDS: Final = 0.001

#: How long a consumer that the server cancels tries to tell its client.
_LAST_WORD_SECONDS: Final = 0.5

_NO_ARGUMENTS: Final[Mapping[str, Any]] = {}


class ServingConsumer(DeduplicatingConsumer[Event], Generic[Event]):
    """The part of a consumer that owns its tasks.

    The task of the connection reads an event and handles it, then reads the next. Other tasks exist only while they
    are needed: to read on while a handler is slow, to listen to the channel layer, and for each message where
    ``max_concurrency`` allows several.
    """

    __slots__ = ("_inbox", "_pending", "_turns", "_watchdog", "heard")

    #: How many received messages may be handled at the same time. With more than one, they may finish, and be
    #: answered, in another order than they came.
    max_concurrency: int = 1
    #: Whether a disconnect cancels what is being handled and drops what waits. Otherwise the messages that have
    #: arrived are handled to their end, and ``disconnect`` is called after them.
    cancel_on_disconnect: bool = True

    #: Each overrides the setting of the same name, None follows it.
    handler_timeout: float | None = None
    idle_timeout: float | None = None

    #: The class overrides something between the socket and the codec: each event goes all the way.
    _hooks_receiving: ClassVar[bool] = False

    _inbox: Inbox
    _authenticated = False
    #: Tasks that handle messages beside the connection's own.
    _workers: "frozenset[asyncio.Task[None]]" = frozenset()
    #: The one of them that handles what was queued while nothing came from the socket.
    _helper: "asyncio.Task[None] | None" = None
    _is_busy = False
    _busy_rounds = 0
    _is_watched = False
    #: Messages are no longer handled: the process is about to end.
    _leaves_off = False
    _idleness: Idleness | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Tuples, because empty ones take nothing in an idle connection, and there are never many.
        #: What receive() and receive_json() have queued, with the arguments of receive_message().
        self._pending: tuple[tuple[Received, Mapping[str, Any]], ...] = ()
        #: What is being handled.
        self._turns: tuple[Turn, ...] = ()

    if TYPE_CHECKING:

        def get_serializer_context(self) -> Mapping[str, Any]: ...

        # Of AdmittingConsumer.
        async def end_connection(self, code: int) -> None: ...
        async def recheck_connection(self) -> float | None: ...

        # Of ReceivingConsumer: a frame is held against the limits, and handled in its turn.
        def _refusal(self, text: str) -> Reject | CloseCode | None: ...
        async def _handle(self, received: Received, arguments: Mapping[str, Any]) -> None: ...

    # -- the life of the tasks -------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one connection (ASGI 3): handles its events, one after the other, until one raises StopConsumer."""
        self.scope = scope
        self.base_send = send
        # The type stubs do not know that there may be none.
        self.channel_layer = cast("Any", get_channel_layer(self.channel_layer_alias))
        await self._take_name()
        # In other classes nobody would ask for it, and each idle connection would keep it.
        context = serializer_context.set(self.get_serializer_context) if self._codec.validates_serializers else None
        self._begin(receive, send)
        handled = 0
        try:
            # Here, because each idle connection would keep the coroutine of a method.
            while True:
                event = await self._inbox.next()
                begun = self.heard = time.monotonic()
                self._is_busy, self._busy_rounds = True, 0
                if not self._is_watched:
                    self._watch()
                if self._helper is not None:
                    await asyncio.wait([self._helper])
                text = event.get("text")
                if text is None or self._hooks_receiving or event["type"] != "websocket.receive":
                    if event["type"] == "websocket.disconnect":
                        self._inbox.has_ended()
                    await self._in_turn(self._task, self.dispatch(event))
                elif self._authenticated and not self._closed:
                    if connections_are_old():
                        await close_old_connections()
                    refusal = self._refusal(text)
                    if isinstance(refusal, CloseCode):
                        await self._close(refusal)
                    elif self.max_concurrency == 1:
                        # As _take() does it; a coroutine less is worth a line here.
                        await self._in_turn(self._task, self._handle(refusal or text, _NO_ARGUMENTS))
                    else:
                        await self._take(refusal or text, _NO_ARGUMENTS)
                # An idle connection must not keep the last frame, which may be large.
                del event, text
                while self._pending:
                    await self._take(*self._next_pending())
                self._is_busy = False
                handled += 1
                if handled % _FAIR_SHARE == 0 or time.monotonic() - begun > _FAIR_SECONDS:
                    await asyncio.sleep(0)
        except StopConsumer:
            pass
        except asyncio.CancelledError as cancellation:
            await self._end_cancelled(cancellation)
        finally:
            if context is not None:
                serializer_context.reset(context)
            await self._end()

    def _begin(self, receive: Any, send: Any) -> None:
        """Makes what a connection has as long as it lives."""
        task = self._task = cast("asyncio.Task[object]", asyncio.current_task())
        self._watchdog = Watchdog.of(task.get_loop())
        options = self._options
        self._outbox = Outbox(send, self, size=options.outbox_size, timeout=options.send_timeout)
        self._connections.enter(self)
        if Drain.of(task.get_loop()).has_begun:
            self._leaves_off = True
        self.heard = time.monotonic()
        if options.idle_timeout is not None:
            self._idleness = Idleness(self, options.idle_timeout)
        self._inbox = Inbox(
            receive,
            size=options.inbox_size,
            owner=self,
            overtakes=self.cancel_on_disconnect,
            largest=options.max_message_size,
        )

    async def _end_cancelled(self, cancellation: asyncio.CancelledError) -> None:
        """Ends the connection whose task was cancelled: by the server, or for what has failed elsewhere."""
        if self._failure is None:
            # A server that waits no longer. Some deliver what is still said.
            with suppress(Exception):
                await asyncio.wait_for(self._close(CloseCode.SERVICE_RESTART), _LAST_WORD_SECONDS)
            raise cancellation
        self._task.uncancel()
        if isinstance(self._failure, SilentClientError):
            with suppress(StopConsumer):
                await self.dispatch({"type": "websocket.disconnect", "code": self._failure.code})
        elif not isinstance(self._failure, StopConsumer):
            raise self._failure from None

    async def dispatch(self, message: Any) -> None:
        """Calls the method that the type of an event names, as in Channels. Raises ValueError when there is none."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"No handler for message type {message['type']}")
        if connections_are_old():
            await close_old_connections()
        await handler(message)

    def _watch(self) -> None:
        """Has the watchdog look at the connection in each round, until it is found idle in one."""
        self._is_watched = True
        self._watchdog.watch(self)

    def look(self, now: float) -> None:
        """Reads ahead while the connection is busy, and ends handlers that take too long (see Watchdog)."""
        if not self._is_busy and not self._workers:
            self._is_watched = False
            self._watchdog.leave(self)
            return
        self._busy_rounds += 1
        if self._is_busy and self._busy_rounds > 1:
            self._inbox.read_ahead()
        timeout = self._options.handler_timeout
        for turn in self._turns:
            if turn.quiet_since is None:
                turn.quiet_since = now
            elif timeout is not None and self._authenticated and now - turn.quiet_since >= timeout:
                turn.interrupt(Interruption.TIMEOUT)

    def on_disconnect(self) -> None:
        """Notes that nobody is there any more; cancels what is being handled, unless it shall be finished."""
        self._gone = True
        if self.cancel_on_disconnect:
            self._closed = True
            self._interrupt_turns(Interruption.GONE)

    def _interrupt_turns(self, why: Interruption) -> None:
        self._pending = ()
        for turn in self._turns:
            turn.interrupt(why)

    async def _end_workers(self, why: Interruption) -> None:
        """Cancels the messages that are handled beside this task, and waits for their end."""
        workers = self._workers - {asyncio.current_task()}
        for turn in self._turns:
            if turn.task in workers:
                turn.interrupt(why)
        if workers:
            # Not awaited directly: what a handler raises while it is cancelled is not the caller's.
            await asyncio.wait(workers)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being handled (see Connection)."""
        return not (self._is_busy or self._workers)

    def leave_off(self) -> None:
        """Handles no more messages after those that are being handled (see Connection)."""
        self._leaves_off = True

    async def _end(self) -> None:
        """Ends everything that belongs to the connection, however it has ended.

        Afterwards nothing that belongs to it refers to itself in a circle, so that all of it, down to the server's
        buffers, is free at once: the garbage collector would have a thousand objects more to look at for each
        twenty clients that come and go.
        """
        self._connections.leave(self)
        if self._idleness is not None:
            self._idleness.end()
        self._closed = True
        self._pending = ()
        self._watchdog.leave(self)
        await self._end_workers(Interruption.ENDED)
        await self._inbox.close()
        await self._listen_no_more()
        await self._leave_groups()
        self._outbox.end()
        self._log.finish()

    # -- turns -----------------------------------------------------------------------------------------------

    async def _take(self, received: Received, arguments: Mapping[str, Any]) -> None:
        """Handles a frame, or has it handled beside this task where several may be."""
        if self.max_concurrency == 1:
            await self._in_turn(self._task, self._handle(received, arguments))
            return
        while len(self._workers) >= self.max_concurrency:
            await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
        self._start(self._handle_beside(received, arguments))

    async def _handle_beside(self, received: Received, arguments: Mapping[str, Any]) -> None:
        """Handles a frame in the current task, which is not the connection's own."""
        task = cast("asyncio.Task[object]", asyncio.current_task())
        await self._in_turn(task, self._handle(received, arguments))

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        worker = asyncio.create_task(work)
        self._workers |= {worker}
        worker.add_done_callback(self._ended)
        return worker

    def _ended(self, worker: "asyncio.Task[None]") -> None:
        self._workers -= {worker}
        if not worker.cancelled() and (failure := worker.exception()) is not None:
            self._fail(failure)

    async def _in_turn(self, task: "asyncio.Task[object]", work: Awaitable[None]) -> None:
        """Awaits ``work`` in a turn of its own of ``task``, the current one; returns early when it is interrupted."""
        turn = Turn(task)
        token = current_turn.set(turn)
        self._turns += (turn,)
        try:
            try:
                await work
            finally:
                turns = self._turns
                self._turns = () if len(turns) == 1 else tuple(each for each in turns if each is not turn)
                if turn.interruption is not None:
                    task.uncancel()
        except asyncio.CancelledError:
            if turn.interruption is None or task.cancelling():
                raise
            if turn.interruption is Interruption.TIMEOUT:
                await self._report_timeout(self._options.handler_timeout)
        finally:
            current_turn.reset(token)

    async def _queue(self, received: Received, arguments: Mapping[str, Any]) -> None:
        """Queues a frame behind what is being handled. Waits while the queue is full, outside of handlers."""
        if current_turn.get() not in self._turns:
            while self._helper is not None and len(self._pending) >= self._options.inbox_size:
                await asyncio.wait([self._helper])
        self._pending += ((received, arguments),)
        if not self._is_busy and self._helper is None:
            # A task of the application's has called, and the connection's own one waits for the socket.
            self._watch()
            self._helper = self._start(self._work_off())

    def _next_pending(self) -> tuple[Received, Mapping[str, Any]]:
        first, *rest = self._pending
        self._pending = tuple(rest)
        return first

    async def _work_off(self) -> None:
        # Started by a task of the application's, which may serve no connection, or another one.
        serializer_context.set(self.get_serializer_context)
        try:
            while self._pending:
                await self._handle_beside(*self._next_pending())
        finally:
            self._helper = None
