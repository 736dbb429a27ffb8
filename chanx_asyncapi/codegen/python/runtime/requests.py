"""Messages that wait for their answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, Self, TypeVar

from .errors import ClientError, RequestTimeout
from .models import Model
from .subscriptions import Subscription

A = TypeVar("A")

#: docs/protocol.md, "Sending a request again": where a frame says under which name it was sent first.
RETRY_KEY = "retry"


class Pending:
    """A message that has not been answered to its end."""

    def __init__(self, *, single: bool, size: int) -> None:
        self.answers: Subscription[Any] = Subscription(size)
        #: What was sent.
        self.action = ""
        #: Takes it back, as far as it has not been sent.
        self.take_back: Callable[[], None] = _nothing
        #: The frame, and until when it may be sent again, in the time of the event loop; None: it must not.
        self.frame: Mapping[str, Any] = {}
        self.repeatable_until: float | None = None
        #: The name under which the frame was sent first, if it will be sent again.
        self.sender: str | None = None
        self._single = single
        #: Answers of this connection, and how many had come before it.
        self._seen = self._known = 0

    def answer(self, message: Any) -> None:
        """One of the answers has come, or the only one."""
        self._seen += 1
        if self._seen <= self._known:
            # It comes again.
            return
        self.answers.put(message)
        if self._single:
            self.answers.end()

    def complete(self) -> None:
        """There are no more answers."""
        self.answers.end()

    def disconnect(self, sender: str | None) -> None:
        """The connection has ended over which ``sender`` may have sent it."""
        self.sender = self.sender or sender
        self._known = max(self._known, self._seen)
        self._seen = 0

    def may_repeat(self, now: float) -> bool:
        """Whether the frame may be sent again, at a time of the event loop."""
        until = self.repeatable_until
        return self.sender is not None and until is not None and now < until

    def fail(self, error: ClientError) -> None:
        """There are no more answers, because of this."""
        self.answers.end(error)


class Replies(Generic[A]):
    """An iterator of the answers to one message, which is sent when the first one is asked for.

    It ends where the service says that no more will come. Iterating raises RequestFailed when an error comes,
    RequestTimeout when the next answer does not come in time, and SocketClosed when the connection ends.
    """

    def __init__(
        self,
        start: Callable[[Model, Pending], Awaitable[None]],
        message: Model,
        timeout: float | None,
        *,
        single: bool = False,
        size: int = 1,
    ) -> None:
        self._start = start
        self._message = message
        self._timeout = timeout
        self._pending = Pending(single=single, size=size)
        self._is_started = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> A:
        try:
            async with asyncio.timeout(self._timeout):
                if not self._is_started:
                    self._is_started = True
                    await self._start(self._message, self._pending)
                answer: A = await anext(self._pending.answers)
                return answer
        except BaseException as error:
            # Nobody waits for the answer any more.
            self._pending.take_back()
            if isinstance(error, TimeoutError):
                raise RequestTimeout(self._pending.action, self._timeout or 0) from None
            raise


def _nothing() -> None:
    """Nothing was sent that could be taken back."""
