"""Takes the frames of the socket, and handles each of them: decodes it, and calls the handler, or refuses it."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from pydantic_core import to_json

from chanx.blocking import needs_thread
from chanx.close_codes import CloseCode
from chanx.codec import NO_OBJECT, Decision, Invoke, Reject
from chanx.connection_log import RECEIVED
from chanx.exceptions import TooManyGroupsError, UndeclaredMessageError
from chanx.frame_limits import is_deeper_than, is_larger_than, is_small_and_flat
from chanx.generic.sending import is_overridden
from chanx.generic.serving import Received, ServingConsumer
from chanx.generic.typevars import IC, Event
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import CompleteMessage, ErrorMessage, Failure, FrameError
from chanx.messages.resuming import ResumeMessage
from chanx.turns import Turn, current_turn


class ReceivingConsumer(ServingConsumer[Event], Generic[IC, Event]):
    """The part of a consumer that receives."""

    #: Overrides the setting of the same name, None follows it.
    log_received_message: bool | None = None

    #: The class overrides how frames are received as Python data, or even how it is read from their text.
    _receives_json: ClassVar[bool] = False
    _reads_text: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class that overrides one of these hooks gets every frame as Python data; the others never pay for it.
        root = ReceivingConsumer
        cls._reads_text = is_overridden(cls, "decode_json", root)
        cls._receives_json = cls._reads_text or is_overridden(cls, "receive_json", root)
        cls._hooks_receiving = cls._receives_json or any(
            is_overridden(cls, name, root) for name in ("dispatch", "websocket_receive", "receive")
        )

    if TYPE_CHECKING:
        # Where the metaclass can replace it by handlers: see AsyncJsonWebsocketConsumer.
        async def receive_message(self, message: IC, **kwargs: Any) -> None: ...

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

    async def _handle(self, received: Received, arguments: Mapping[str, Any]) -> None:
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

    async def _invoke(self, message: BaseMessage, arguments: Mapping[str, Any]) -> None:
        action, options = message.action, self._options
        if RECEIVED.isEnabledFor(logging.INFO) and options.logs_received and action not in options.unlogged_actions:
            self._log.write(RECEIVED, logging.INFO, "received %s", action, action=action)
        try:
            if self.message_throttle_classes and not await self._is_allowed(message):
                # The client has been told.
                self._withdraw_request()
            elif type(message) is ResumeMessage and not self.spec.message_handlers:
                await self.send_message(await self._resume(message))
            elif arguments:
                await self.receive_message(cast("IC", message), **arguments)
            else:
                await self.receive_message(cast("IC", message))
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
