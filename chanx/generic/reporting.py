"""Tells clients, and the log, of frames that were refused, and of handlers that have failed."""

import logging
import uuid
from typing import Generic

from chanx.connection_log import HANDLERS, RECEIVED
from chanx.generic.presenting import PresentingConsumer
from chanx.generic.typevars import Event
from chanx.messages.outgoing import CompleteMessage, ErrorMessage, Failure, FrameError


class ReportingConsumer(PresentingConsumer[Event], Generic[Event]):
    """The part of a consumer that says what went wrong, and no more than a client may know."""

    async def _report_errors(self, errors: list[FrameError]) -> None:
        """Tells the client what is wrong with a frame, and the log of which kind it is."""
        if RECEIVED.isEnabledFor(logging.INFO):
            kinds = [error.type for error in errors]
            self._log.write(RECEIVED, logging.INFO, "refused a frame: %s", kinds, errors=kinds)
        await self._send_last(ErrorMessage(payload=errors))

    async def _report_failure(self, action: str) -> None:
        """Tells the client that the server failed, and the log which exception is being handled, under one id."""
        error_id = uuid.uuid4().hex
        text = "failed to process %s (error_id %s)"
        self._log.failure(HANDLERS, text, action, error_id, action=action, error_id=error_id)
        failure = Failure(detail="Failed to process message", code="handler_failed", error_id=error_id)
        await self.send_message(ErrorMessage(payload=failure))

    async def _report_timeout(self, seconds: float | None) -> None:
        """Tells the client, and the log, that a handler was cancelled because it sent nothing for so many seconds."""
        error_id = uuid.uuid4().hex
        text = "cancelled a handler that sent nothing for %s seconds (error_id %s)"
        self._log.write(HANDLERS, logging.WARNING, text, seconds, error_id, error_id=error_id)
        failure = Failure(detail="Message took too long to process", code="handler_timeout", error_id=error_id)
        await self.send_message(ErrorMessage(payload=failure))
        if self._options.sends_completion:
            await self.send_message(CompleteMessage())
