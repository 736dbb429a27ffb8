"""Takes events from the socket and from the channel layer, and handles received messages in their turn."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, cast

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer
from pydantic_core import to_json

from chanx.blocking import needs_thread
from chanx.close_codes import CloseCode
from chanx.codec import NO_OBJECT, Decision, Invoke, Reject
from chanx.connection_log import RECEIVED
from chanx.connections import Connections
from chanx.database import close_old_connections, connections_are_old
from chanx.drain import Drain
from chanx.exceptions import TooManyGroupsError, UndeclaredMessageError
from chanx.frame_limits import is_deeper_than, is_larger_than, is_small_and_flat
from chanx.generic.deduplicating import DeduplicatingConsumer
from chanx.generic.membership import SilentClientError
from chanx.generic.sending import is_overridden
from chanx.generic.typevars import IC, Event
from chanx.idleness import Idleness
from chanx.inbox import Inbox
from chanx.messages.outgoing import CompleteMessage, ErrorMessage, Failure, FrameError
from chanx.messages.resuming import ResumeMessage
from chanx.messages.serialized import serializer_context
from chanx.outbox import Outbox
from chanx.rechecks import Rechecks
from chanx.turns import Interruption, Turn, current_turn
from chanx.watchdog import Watchdog

#: A text frame, or the decision about one that nobody needs to parse, or what a hook of the class has failed with.
_Received = str | Reject | Exception

#: Events that a connection may handle before the others get a turn, and what was sent leaves the process, where
#: nothing in between waits for anything. After one that took longer than so many seconds, they get it at once.
_FAIR_SHARE: Final = 16
_FAIR_SECONDS: Final = 0.001

#: How long a consumer that the server cancels tries to tell its client.
_LAST_WORD_SECONDS: Final = 0.5

_NO_ARGUMENTS: Final[Mapping[str, Any]] = {}


class ReceivingConsumer(DeduplicatingConsumer[Event], Generic[IC, Event]):
    """The part of a consumer that receives.

    The task of the connection reads an event and handles it, then reads the next. Other tasks exist only while they
    are needed: to read on while a handler is slow, to listen to the channel layer, and for each message where
    ``max_concurrency`` allows several.
    """

    #: How many received messages may be handled at the same time. With more than one, they may finish, and be
    #: answered, in another order than they came.
    max_concurrency: int = 1
    #: Whether a disconnect cancels what is being handled and drops what waits. Otherwise the messages that have
    #: arrived are handled to their end, and ``disconnect`` is called after them.
    cancel_on_disconnect: bool = True

    #: Each overrides the setting of the same name, None follows it.
    log_received_message: bool | None = None
    handler_timeout: float | None = None
    idle_timeout: float | None = None

    #: The class overrides something between the socket and the codec: each event goes all the way.
    _hooks_receiving: ClassVar[bool] = False
    #: The class overrides how frames are received as Python data, or even how it is read from their text.
    _receives_json: ClassVar[bool] = False
    _reads_text: ClassVar[bool] = False

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

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class that overrides one of these hooks gets every frame as Python data; the others never pay for it.
        root = ReceivingConsumer
        cls._reads_text = is_overridden(cls, "decode_json", root)
        cls._receives_json = cls._reads_text or is_overridden(cls, "receive_json", root)
        cls._hooks_receiving = cls._receives_json or any(
            is_overridden(cls, name, root) for name in ("dispatch", "websocket_receive", "receive")
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: What receive() and receive_json() have queued, with the arguments of receive_message().
        self._pending: list[tuple[_Received, Mapping[str, Any]]] = []
        # A list: an empty set takes four times as much, in each idle connection, and there are never many.
        self._turns: list[Turn] = []

    if TYPE_CHECKING:
        # Where the metaclass can replace it by handlers: see AsyncJsonWebsocketConsumer.
        async def receive_message(self, message: IC, **kwargs: Any) -> None: ...
        def get_serializer_context(self) -> Mapping[str, Any]: ...

        # Of AdmittingConsumer.
        async def end_connection(self, code: int) -> None: ...
        async def recheck_connection(self) -> float | None: ...

    # -- the life of the tasks -------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one connection (ASGI 3)."""
        self.scope = scope
        self.base_send = send
        layer: Any = get_channel_layer(self.channel_layer_alias)
        self.channel_layer = layer
        await self._take_name()
        task = self._task = cast("asyncio.Task[object]", asyncio.current_task())
        serializer_context.set(self.get_serializer_context)
        self._watchdog = Watchdog.of(task.get_loop())
        options = self._options
        self._outbox = Outbox(send, self._on_trouble, size=options.outbox_size, timeout=options.send_timeout)
        self._connections = Connections.of(task.get_loop())
        self._rechecks = Rechecks.of(task.get_loop())
        self._connections.enter(self)
        if Drain.of(task.get_loop()).has_begun:
            self._leaves_off = True
        self.heard = time.monotonic()
        if options.idle_timeout is not None:
            self._idleness = Idleness(self, options.idle_timeout)
        self._inbox = Inbox(
            receive,
            size=options.inbox_size,
            on_disconnect=self._disconnected,
            overtakes=self.cancel_on_disconnect,
            is_too_large=self._is_too_large,
        )
        try:
            await self._serve()
        except StopConsumer:
            pass
        except asyncio.CancelledError:
            if self._failure is None:
                # A server that waits no longer. Some deliver what is still said.
                with suppress(Exception):
                    await asyncio.wait_for(self._close(CloseCode.SERVICE_RESTART), _LAST_WORD_SECONDS)
                raise
            task.uncancel()
            if isinstance(self._failure, SilentClientError):
                with suppress(StopConsumer):
                    await self.dispatch({"type": "websocket.disconnect", "code": self._failure.code})
            elif not isinstance(self._failure, StopConsumer):
                raise self._failure from None
        finally:
            await self._end()

    async def _serve(self) -> None:
        """Handles events, one after the other, until one of them raises StopConsumer."""
        handled = 0
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
                await self._in_turn(self._task, self.dispatch, event)
            elif self._authenticated and not self._closed:
                if connections_are_old():
                    await close_old_connections()
                refusal = self._refusal(text)
                if isinstance(refusal, CloseCode):
                    await self._close(refusal)
                elif self.max_concurrency == 1:
                    # As _take() does it; a coroutine less is worth a line here.
                    await self._in_turn(self._task, self._handle, refusal or text, _NO_ARGUMENTS)
                else:
                    await self._take(refusal or text, _NO_ARGUMENTS)
            while self._pending:
                await self._take(*self._pending.pop(0))
            self._is_busy = False
            handled += 1
            if handled % _FAIR_SHARE == 0 or time.monotonic() - begun > _FAIR_SECONDS:
                await asyncio.sleep(0)

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
        for turn in tuple(self._turns):
            if turn.quiet_since is None:
                turn.quiet_since = now
            elif timeout is not None and self._authenticated and now - turn.quiet_since >= timeout:
                turn.interrupt(Interruption.TIMEOUT)

    def _disconnected(self) -> None:
        """Notes that nobody is there any more; cancels what is being handled, unless it shall be finished."""
        self._gone = True
        if self.cancel_on_disconnect:
            self._closed = True
            self._interrupt_turns(Interruption.GONE)

    def _interrupt_turns(self, why: Interruption) -> None:
        self._pending.clear()
        for turn in tuple(self._turns):
            turn.interrupt(why)

    async def _end_workers(self, why: Interruption) -> None:
        """Cancels the messages that are handled beside this task, and waits for their end."""
        workers = self._workers - {asyncio.current_task()}
        for turn in tuple(self._turns):
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
        """Ends everything that belongs to the connection, however it has ended."""
        self._connections.leave(self)
        if self._idleness is not None:
            self._idleness.end()
        self._closed = True
        self._pending.clear()
        self._watchdog.leave(self)
        await self._end_workers(Interruption.ENDED)
        await self._inbox.close()
        await self._listen_no_more()
        await self._leave_groups()
        self._outbox.close()
        self._outbox.abandon()
        self._log.finish()

    # -- turns -----------------------------------------------------------------------------------------------

    async def _take(self, received: _Received, arguments: Mapping[str, Any]) -> None:
        """Handles a frame, or has it handled beside this task where several may be."""
        if self.max_concurrency == 1:
            await self._in_turn(self._task, self._handle, received, arguments)
            return
        while len(self._workers) >= self.max_concurrency:
            await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
        self._start(self._handle_beside(received, arguments))

    async def _handle_beside(self, received: _Received, arguments: Mapping[str, Any]) -> None:
        """Handles a frame in the current task, which is not the connection's own."""
        await self._in_turn(cast("asyncio.Task[object]", asyncio.current_task()), self._handle, received, arguments)

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        worker = asyncio.create_task(work)
        self._workers |= {worker}
        worker.add_done_callback(self._ended)
        return worker

    def _ended(self, worker: "asyncio.Task[None]") -> None:
        self._workers -= {worker}
        if not worker.cancelled() and (failure := worker.exception()) is not None:
            self._fail(failure)

    async def _in_turn(self, task: "asyncio.Task[object]", call: Callable[..., Awaitable[None]], *args: Any) -> None:
        """Calls ``call`` in a turn of its own of ``task``, the current one; returns early when it is interrupted."""
        turn = Turn(task)
        token = current_turn.set(turn)
        self._turns.append(turn)
        try:
            try:
                await call(*args)
            finally:
                self._turns.remove(turn)
                if turn.interruption is not None:
                    task.uncancel()
        except asyncio.CancelledError:
            if turn.interruption is None or task.cancelling():
                raise
            if turn.interruption is Interruption.TIMEOUT:
                await self._report_timeout(self._options.handler_timeout)
        finally:
            current_turn.reset(token)

    # -- receiving -------------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Takes a frame from the socket, and queues it to be handled in its turn."""
        if self._closed or not self._authenticated:
            return
        refusal = self._binary_refusal(bytes_data or b"") if text_data is None else self._refusal(text_data)
        if isinstance(refusal, CloseCode):
            await self._close(refusal)
        elif refusal is not None:
            await self._queue(refusal, kwargs)
        elif not self._receives_json:
            await self._queue(cast("str", text_data), kwargs)
        else:
            await self._receive_by_hooks(cast("str", text_data), kwargs)

    async def _receive_by_hooks(self, text: str, kwargs: Mapping[str, Any]) -> None:
        """The way of a class that wants Python data: its hooks see no frame that would be refused without them."""
        try:
            content = await self._content(text)
            if isinstance(content, Reject):
                await self._queue(content, kwargs)
            else:
                await self.receive_json(content, **kwargs)
        except (StopConsumer, UndeclaredMessageError):
            raise
        except Exception as error:
            # A hook of the application's: no frame of one client may end the connection.
            await self._queue(error, kwargs)

    async def _content(self, text: str) -> dict[str, Any] | Reject:
        # What a class reads itself may be another format, which says little until it is read. If it is JSON, that does
        # not say everything.
        refusal = self._codec.repetition(text) if self._reads_text else self._codec.refusal(text)
        if refusal is not None:
            return refusal
        try:
            content = await self.decode_json(text)
        except (ValueError, RecursionError):
            # Never left to the codec: what this class cannot read, it must not handle.
            return self._codec.refusal(text) or _refused("invalid_json", "The frame cannot be read")
        return content if isinstance(content, dict) else _refused("invalid_envelope", NO_OBJECT)

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        """Takes a frame as Python data. Returns when it is queued; a task of the connection handles it in its turn.

        ``kwargs`` reach :meth:`receive_message`. Overriding it makes this class parse each frame twice.
        """
        try:
            text = to_json(content).decode()
        except ValueError:
            # A lone surrogate has no form in UTF-8; as an escape it has one, which the codec refuses.
            text = json.dumps(content, separators=(",", ":"))
        await self._queue(self._too_deep() if is_deeper_than(text, self._options.max_depth) else text, kwargs)

    async def _queue(self, received: _Received, arguments: Mapping[str, Any]) -> None:
        """Queues a frame behind what is being handled. Waits while the queue is full, outside of handlers."""
        if current_turn.get() not in self._turns:
            while self._helper is not None and len(self._pending) >= self._options.inbox_size:
                await asyncio.wait([self._helper])
        self._pending.append((received, arguments))
        if not self._is_busy and self._helper is None:
            # A task of the application's has called, and the connection's own one waits for the socket.
            self._watch()
            self._helper = self._start(self._work_off())

    async def _work_off(self) -> None:
        # Started by a task of the application's, which may serve no connection, or another one.
        serializer_context.set(self.get_serializer_context)
        try:
            while self._pending:
                await self._handle_beside(*self._pending.pop(0))
        finally:
            self._helper = None

    async def _handle(self, received: _Received, arguments: Mapping[str, Any]) -> None:
        """Handles one frame. Lets StopConsumer and UndeclaredMessageError through, which end the connection."""
        is_over = self._closed or self._leaves_off or (self._gone and self.cancel_on_disconnect)
        if is_over or not self._authenticated:
            return
        self._allowance -= 1
        if self._allowance < 0 and (wait := self._refill()) is not None:
            await self._throttle(received, wait)
            return
        decision: Decision | None
        if isinstance(received, str):
            decode = self._decode_request if self._deduplicates else self._codec.decode
            try:
                decision = decode(received)
            except Exception as error:
                decision = await self._decode_in_thread(decode, received, error)
        elif isinstance(received, Exception):
            await self._report_raised(received)
            decision = None
        else:
            decision = received
        if decision is not None:
            request = None
            if decision.reply_to is not None:
                turn = cast("Turn", current_turn.get())
                turn.reply_to, request = decision.reply_to, turn.request
            if not isinstance(decision, Invoke):
                await self._report_errors(decision.errors)
            elif self._closed:
                pass  # while the frame was decoded in a thread
            elif request is None:
                await self._invoke(decision.message, arguments)
            else:
                await self._invoke_once(request, decision.message, arguments)
        if self._options.sends_completion:
            await self.send_message(CompleteMessage())

    async def _decode_in_thread(
        self, decode: Callable[[str], Decision], text: str, error: Exception
    ) -> Decision | None:
        """Decodes a frame once more, where the database may be asked, if its lack is what ``error`` means.

        None when it cannot be decoded, which is reported: a validator has raised something else than ValueError.
        """
        if needs_thread(error):
            try:
                return await database_sync_to_async(decode)(text)
            except Exception as another:
                error = another
        await self._report_raised(error)
        return None

    async def _report_raised(self, error: Exception) -> None:
        """Reports what a hook of the application's, or one of its validators, has raised for a frame."""
        try:
            raise error
        except Exception:
            await self._report_failure("a frame")

    def _refusal(self, text: str) -> Reject | CloseCode | None:
        """What a text frame is refused for before anybody parses it."""
        options = self._options
        if is_small_and_flat(text, options.max_message_size, options.max_depth):
            return None
        if options.max_message_size is not None and is_larger_than(text, options.max_message_size):
            return CloseCode.MESSAGE_TOO_BIG
        return self._too_deep() if is_deeper_than(text, options.max_depth) else None

    def _binary_refusal(self, data: bytes) -> Reject | CloseCode:
        limit = self._options.max_message_size
        if limit is not None and len(data) > limit:
            return CloseCode.MESSAGE_TOO_BIG
        return _refused("binary_frame", "Frames must be text")

    def _too_deep(self) -> Reject:
        return _refused("too_deep", f"More than {self._options.max_depth} levels of nesting")

    def _is_too_large(self, event: Mapping[str, Any]) -> bool:
        limit = self._options.max_message_size
        return limit is not None and len(event.get("text") or event.get("bytes") or "") > limit

    async def _invoke(self, message: Any, arguments: Mapping[str, Any]) -> None:
        """Handles a message, which is one of IC's."""
        action, options = message.action, self._options
        if options.logs_received and action not in options.unlogged_actions and RECEIVED.isEnabledFor(logging.INFO):
            self._log.write(RECEIVED, logging.INFO, "received %s", action, action=action)
        try:
            if self.message_throttle_classes and not await self._is_allowed(message):
                # The client has been told.
                self._withdraw_request()
            elif type(message) is ResumeMessage and not self.spec.message_handlers:
                await self.send_message(await self._resume(message))
            else:
                await self.receive_message(message, **arguments)
        except (StopConsumer, UndeclaredMessageError):
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancels the handler: it awaited something that somebody else has cancelled.
            await self._report_failure(message.action)
        except TooManyGroupsError:
            await self._send_last(ErrorMessage(payload=Failure(detail="Too many groups", code="too_many_groups")))
        except Exception:
            await self._report_failure(message.action)


def _refused(code: str, text: str) -> Reject:
    """The decision about a frame that nobody needs to parse."""
    return Reject([FrameError(type=code, loc=[], msg=text)])
