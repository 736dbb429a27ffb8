"""Sends messages and frames to the client of one connection."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from django.conf import settings as django_settings
from pydantic_core import to_json

from chanx.blocking import may_block, needs_thread
from chanx.close_codes import CloseCode, close_code_for
from chanx.connection_log import SENT, ConnectionLog
from chanx.exceptions import UndeclaredMessageError
from chanx.frame_ids import FrameId
from chanx.generic.options import ConnectionOptions
from chanx.generic.system_messages import system_messages
from chanx.groups import with_place
from chanx.log_text import log_text
from chanx.messages.base import BaseMessage
from chanx.outbox import Outbox
from chanx.registry import ConsumerSpec
from chanx.settings import chanx_settings
from chanx.turns import current_turn

#: Seconds that a client which does not read may hold up the close frame.
CLOSE_PATIENCE: Final = 5.0

#: The key of a scope that says: this is a test, raise what production only logs.
TESTING_SCOPE_KEY: Final = "chanx.testing"


#: What is added to the frames that are sent while a group message with a place in a history is relayed.
current_place: ContextVar[str] = ContextVar("chanx_place", default="")


class SendingConsumer(ChannelsConsumer):
    """The part of a consumer that sends to its own client."""

    # What each connection has from the start is in slots, here and in the classes that follow: Python shares the names
    # of no more than thirty other attributes among the connections of a class (see generic.attributes).
    __slots__ = ("_codec", "_log", "_options", "_outbox")

    #: What the metaclass has read of this class.
    spec: ClassVar[ConsumerSpec]

    #: Messages that are sent without being the return value of a handler or a group message: classes, or a union.
    outgoing_messages: ClassVar[Any] = None

    #: Each overrides the setting of the same name, None follows it.
    send_message_immediately: bool | None = None
    log_sent_message: bool | None = None
    log_ignored_actions: Iterable[str] | None = None

    #: The way out, from the moment that the connection is served.
    _outbox: Outbox

    # What most connections never change is no attribute of theirs.

    #: Nothing is sent or handled any more.
    _closed = False
    #: A frame could not be sent, because the client is no longer there.
    _gone = False
    #: Known from the scope, when the client connects.
    _check_sent: Literal["raise", "log", "ignore"] = "ignore"

    #: The class overrides how messages are sent, or how they are as Python data.
    _hooks_messages: ClassVar[bool] = False
    _sends_json: ClassVar[bool] = False
    #: The class overrides how text frames are sent.
    _hooks_sending: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class that overrides one of these hooks builds a dictionary of each message; the others never pay for it.
        cls._sends_json = any(is_overridden(cls, name, SendingConsumer) for name in ("send_json", "encode_json"))
        cls._hooks_messages = cls._sends_json or is_overridden(cls, "send_message", SendingConsumer)
        cls._hooks_sending = is_overridden(cls, "send", SendingConsumer)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._log = ConnectionLog(self.spec.path)
        self._options = ConnectionOptions.of(self)
        self._codec = self._options.codec

    if TYPE_CHECKING:
        # Ends the connection without the client: see ReceivingConsumer.
        def _on_silence(self, code: int | bool | None) -> None: ...

    async def send_message(self, message: BaseMessage) -> None:
        """Sends a message to this client.

        In tests, raises :class:`~chanx.exceptions.UndeclaredMessageError` for one that the class does not declare.
        """
        await self._deliver(message)

    def _send_last(self, message: BaseMessage) -> Awaitable[None]:
        """Sends the message that ends the current turn: others get theirs when the task waits for the next event."""
        if self._hooks_messages:
            return self._send_last_by_hooks(message)
        return self._deliver(message, is_last=True)

    async def _send_last_by_hooks(self, message: BaseMessage) -> None:
        turn = current_turn.get()
        if turn is None:
            await self.send_message(message)
            return
        turn.is_ending = True
        try:
            await self.send_message(message)
        finally:
            turn.is_ending = False

    def _deliver(self, message: BaseMessage, *, is_last: bool = False) -> Coroutine[Any, Any, None]:
        """Encodes a message and has it sent, the last one of the current turn or not. To be awaited at once."""
        # No coroutine of its own, nor are those that it calls: between a handler and the server there are enough.
        if self._check_sent != "ignore":
            self._report_undeclared(type(message))
        if self._sends_json:
            return self._deliver_json(message)
        turn = current_turn.get()
        reply_to = None
        if turn is not None:
            reply_to, is_last = turn.reply_to, is_last or turn.is_ending
        try:
            text = self._codec.encode(message, reply_to)
        except Exception as error:
            if not needs_thread(error):
                raise
            return self._deliver_from_thread(message, reply_to, is_last=is_last)
        return self._send_text(text, message.action, is_last=is_last)

    async def _deliver_json(self, message: BaseMessage) -> None:
        await self.send_json(await may_block(self._codec.encode_python, message))

    async def _deliver_from_thread(self, message: BaseMessage, reply_to: FrameId | None, *, is_last: bool) -> None:
        """Encodes a message where the database may be asked, and sends it."""
        text = await database_sync_to_async(self._codec.encode)(message, reply_to)
        await self._send_text(text, message.action, is_last=is_last)

    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        """Sends a dictionary as it is, to this client; ``close`` closes afterwards, with a code or without.

        Overriding it makes this class build a dictionary of each message before it is encoded.
        """
        turn = current_turn.get()
        answered = None if turn is None else turn.reply_to
        key = self._codec.wire.key("reply_to")
        if answered is not None and key not in content:
            content = {**content, key: answered}
        text = await self.encode_json(content)
        action = str(content.get(self._codec.wire.action_key))
        await self._send_text(text, action, close, is_last=turn is not None and turn.is_ending)

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return encode_data(content)

    def _send_text(
        self, text: str, action: str, close: bool | int = False, *, is_last: bool
    ) -> Coroutine[Any, Any, None]:
        options = self._options
        if (place := current_place.get()) != "":
            text = with_place(text, place)
        if SENT.isEnabledFor(logging.INFO) and options.logs_sent and action not in options.unlogged_actions:
            # What is sent as JSON may have been made of what a client has sent.
            action = log_text(action)
            self._log.write(SENT, logging.INFO, "sends %s", action, action=action)
        if self._hooks_sending or close is not False:
            sending = self.send(text_data=text, close=cast("bool", close))
        else:
            sending = self._send_event({"type": "websocket.send", "text": text})
        return sending if is_last or not options.yields_after_send else _and_yield(sending)

    async def send(  # type: ignore[override]  # as in Channels: a frame, not an ASGI message
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool = False
    ) -> None:
        """Sends a frame. Does nothing once the connection is closed: whoever still sends cannot know in time."""
        if text_data is not None:
            await self._send_event({"type": "websocket.send", "text": text_data})
        elif bytes_data is not None:
            await self._send_event({"type": "websocket.send", "bytes": bytes_data})
        else:
            raise ValueError("send() needs a frame: text_data or bytes_data.")
        if close is not False:
            await self.close(close)

    def _send_event(self, event: dict[str, Any]) -> Coroutine[Any, Any, None]:
        """Has a frame sent, unless the connection is closed or the client has gone. To be awaited at once."""
        if (turn := current_turn.get()) is not None:
            turn.quiet_since = None
            if turn.request is not None:
                # Also for a client that has gone: it may come back.
                turn.request.record(event)
        return _nothing() if self._closed or self._gone else self._outbox.send(event)

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Closes the connection; frames that still wait to be handled are dropped. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._outbox.close()
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await self._send_close(code, reason)
        except TimeoutError:
            self._on_silence(code)

    async def _send_close(self, code: int | bool | None, reason: str | None) -> None:
        try:
            await super().close(code, reason)
        except OSError:
            raise
        except Exception:
            # There is a server that cannot send two frames at once: uvicorn's with `--ws websockets`.
            if not self._outbox.abandon():
                raise
            await super().close(code, reason)

    async def _close(self, code: CloseCode) -> None:
        await self.close(close_code_for(self.scope, code))

    def _undeclared_policy(self) -> Literal["raise", "log", "ignore"]:
        if chanx_settings.UNDECLARED_MESSAGES is not None:
            return chanx_settings.UNDECLARED_MESSAGES
        if TESTING_SCOPE_KEY in self.scope:
            # A class that declares nothing it sends was written for a check that it does not know.
            return "raise" if self.spec.declares_sent else "log"
        return "log" if django_settings.DEBUG else "ignore"

    def _report_undeclared(self, message_class: type[BaseMessage]) -> None:
        if message_class in self.spec.sent_messages or message_class in system_messages(self.spec):
            return
        error = UndeclaredMessageError(self.spec.path, f"{message_class.__module__}.{message_class.__qualname__}")
        if self._check_sent == "raise":
            raise error
        self._log.write(SENT, logging.WARNING, "%s", str(error).removeprefix(f"{self.spec.path} "))


async def _nothing() -> None:
    """For a frame that is not sent."""


async def _and_yield(sending: Awaitable[None]) -> None:
    await sending
    await asyncio.sleep(0)


def encode_data(content: Any) -> str:
    """The text of data that no model has checked."""
    # As models do it: what is no number is no JSON either.
    return to_json(content, inf_nan_mode="null").decode()


def is_overridden(cls: type[Any], name: str, root: type[Any]) -> bool:
    """Whether ``cls`` has another method ``name`` than ``root``, a method of the class or of its instances."""
    found, own = getattr(cls, name), getattr(root, name)
    return getattr(found, "__func__", found) is not getattr(own, "__func__", own)
