"""Messages that wait for their answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Self, TypeVar

from .errors import ClientError, RequestTimeout
from .models import Model
from .subscriptions import Subscription

A = TypeVar("A")


class Pending:
    """A message that has not been answered to its end."""

    def __init__(self, *, single: bool, size: int) -> None:
        self.answers: Subscription[Any] = Subscription(size)
        #: What was sent.
        self.action = ""
        #: Takes it back, as far as it has not been sent.
        self.take_back: Callable[[], None] = _nothing
        self._single = single

    def answer(self, message: Any) -> None:
        """One of the answers has come, or the only one."""
        self.answers.put(message)
        if self._single:
            self.answers.end()

    def complete(self) -> None:
        """There are no more answers."""
        self.answers.end()

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
