"""Received messages of one connection, handled in order, a bounded number waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Hands items to ``handle`` one after the other, in a task of its own.

    ``size`` items may wait; then :meth:`put` waits, so that the caller stops reading from the socket. The task
    exists only from the first item on. An exception that ``handle`` raises ends the work and goes to
    ``on_failure``, once.
    """

    def __init__(
        self,
        handle: Callable[[Item], Awaitable[None]],
        *,
        size: int,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._handle = handle
        self._size = size
        self._on_failure = on_failure
        self._queue: asyncio.Queue[Item] | None = None
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def put(self, item: Item) -> None:
        """Queues an item; waits while the inbox is full. Does nothing once it is closed."""
        if self._closed:
            return
        if self._queue is None:
            self._queue = asyncio.Queue(self._size)
            self._worker = asyncio.create_task(self._work(self._queue))
        await self._queue.put(item)

    async def close(self) -> None:
        """Cancels the item that is being handled, forgets the waiting ones, returns when both is done.

        From inside ``handle`` itself it only forgets the waiting ones: a handler does not cancel itself.
        """
        # Asked by the worker before each item: a handler may swallow its cancellation, or be the one who closes.
        self._closed = True
        while self._queue is not None and not self._queue.empty():
            self._queue.get_nowait()  # which also wakes a `put` that waits for room
        worker, self._worker = self._worker, None
        if worker is None or worker is asyncio.current_task():
            return
        worker.cancel()
        # Not awaited directly: whatever the handler raises while it is cancelled is not the caller's.
        await asyncio.wait([worker])

    async def _work(self, queue: asyncio.Queue[Item]) -> None:
        try:
            while not self._closed:
                await self._handle(await queue.get())
        except Exception as error:
            if not self._closed:
                self._on_failure(error)
