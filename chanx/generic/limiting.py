"""How many frames a client may send: a rate for every connection, and DRF's throttles where a class names them."""

import logging
import math
from contextlib import suppress
from time import monotonic
from types import SimpleNamespace
from typing import Any, Generic, cast

from channels.db import database_sync_to_async
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chanx.blocking import may_block
from chanx.close_codes import CloseCode
from chanx.connection_log import RECEIVED
from chanx.generic.authenticator import ThrottleClasses
from chanx.generic.reporting import ReportingConsumer
from chanx.generic.typevars import Event
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import CompleteMessage, ErrorMessage, Failure
from chanx.settings import chanx_settings
from chanx.throttling import may_wait, wait_for
from chanx.turns import Turn, current_turn


class LimitingConsumer(ReportingConsumer[Event], Generic[Event]):
    """The part of a consumer that counts what it receives.

    The rate is a token bucket: each frame takes from what is left, and the clock is read only when nothing is left.
    """

    __slots__ = ("_allowance", "_refilled_at")

    #: DRF's classes that decide about each received message but pings, and the scope that ScopedRateThrottle takes.
    #: They see the request of the handshake, and as their view an object with ``throttle_scope`` and ``message``.
    message_throttle_classes: ThrottleClasses = None
    message_throttle_scope: str | None = None

    #: Overrides the setting of the same name, None follows it.
    max_frame_rate: float | None = None

    #: The request of the handshake, as DRF saw it.
    request: Request

    #: Until when every frame is refused.
    _blocked_until = 0.0
    #: Frames that were refused since the last one that was not.
    _throttled = 0
    _throttles: list[BaseThrottle] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = self._options
        #: Frames that may come before time must have brought new ones.
        self._allowance: float = math.inf if options.max_frame_rate is None else options.max_frame_burst
        self._refilled_at = monotonic()

    def _refill(self) -> float | None:
        """To be called when nothing is left. None when time has brought enough, otherwise the seconds to wait."""
        now, rate = monotonic(), self._options.max_frame_rate
        assert rate is not None, "an infinite allowance is never used up"
        if now >= self._blocked_until:
            brought = min((now - self._refilled_at) * rate, self._options.max_frame_burst)
            if brought >= 1:
                self._refilled_at = now
                self._allowance = brought - 1
                self._throttled = 0
                return None
            # Whole seconds: who comes back for each single frame does nothing else.
            self._blocked_until = now + max(1, math.ceil(1 / rate))
        return self._blocked_until - now

    async def _throttle(self, received: object, wait: float) -> None:
        """Answers a frame that is one too many. It is read for its ``id`` only, and may be anything."""
        if isinstance(received, str):
            with suppress(Exception):
                cast("Turn", current_turn.get()).reply_to = self._codec.decode(received).reply_to
        await self._report_throttled(wait)
        if self._options.sends_completion:
            await self.send_message(CompleteMessage())

    async def _is_allowed(self, message: BaseMessage) -> bool:
        """Whether the throttles of the class let a message through; if not, the client is told."""
        if isinstance(message, PingMessage):
            # Clients show by it that they are alive, as often as they are asked to.
            return True
        if self._throttles is None:
            self._throttles = [throttle() for throttle in self.message_throttle_classes or ()]
        view = SimpleNamespace(throttle_scope=self.message_throttle_scope, message=message)
        if any(map(may_wait, self._throttles)):
            wait = await database_sync_to_async(wait_for)(self._throttles, self.request, view)
        else:
            wait = await may_block(wait_for, self._throttles, self.request, view)
        if wait is None:
            self._throttled = 0
            return True
        await self._report_throttled(wait)
        return False

    async def _report_throttled(self, wait: float) -> None:
        """Tells the client that a frame was not handled, and when to go on; closes if it does not listen."""
        self._throttled += 1
        if self._throttled == 1:
            self._log.write(RECEIVED, logging.WARNING, "throttles a client for %.0f seconds", wait)
        failure = Failure(detail="Too many frames", code="throttled", retry_after=max(1, math.ceil(wait)))
        await self._send_last(ErrorMessage(payload=failure))
        if self._throttled > chanx_settings.MAX_THROTTLED_FRAMES:
            await self._close(CloseCode.THROTTLED)
