"""The inbox: order, back-pressure, failure, and an end that never hangs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from chanx.inbox import Inbox


def make(
    handle: Callable[[int], Awaitable[None]], size: int = 2, failures: list[BaseException] | None = None
) -> Inbox[int]:
    return Inbox(handle, size=size, on_failure=(failures if failures is not None else []).append)


async def ended(awaitable: Awaitable[object]) -> None:
    await asyncio.wait_for(awaitable, 2)


async def test_items_are_handled_one_at_a_time_and_in_order() -> None:
    handled: list[int] = []
    running = 0

    async def handle(item: int) -> None:
        nonlocal running
        running += 1
        assert running == 1
        # The earlier an item, the longer it takes: concurrent handling would turn the order around.
        await asyncio.sleep(0.01 / (item + 1))
        handled.append(item)
        running -= 1

    inbox = make(handle, size=10)
    for item in range(5):
        await inbox.put(item)
    while len(handled) < 5:
        await asyncio.sleep(0.005)
    assert handled == [0, 1, 2, 3, 4]
    await ended(inbox.close())


async def test_put_waits_while_the_inbox_is_full() -> None:
    gate = asyncio.Event()
    handled: list[int] = []

    async def handle(item: int) -> None:
        await gate.wait()
        handled.append(item)

    inbox = make(handle, size=2)
    await inbox.put(0)
    await asyncio.sleep(0)  # the worker takes it
    await inbox.put(1)
    await inbox.put(2)
    waiting = asyncio.create_task(inbox.put(3))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    gate.set()
    await ended(waiting)
    while len(handled) < 4:
        await asyncio.sleep(0)
    assert handled == [0, 1, 2, 3]
    await ended(inbox.close())


async def test_an_inbox_without_items_has_no_task() -> None:
    async def handle(item: int) -> None:
        raise AssertionError

    before = asyncio.all_tasks()
    inbox = make(handle)
    assert asyncio.all_tasks() == before
    await ended(inbox.close())


async def test_close_cancels_the_item_in_work_and_forgets_the_waiting_ones() -> None:
    started, events = asyncio.Event(), list[str]()

    async def handle(item: int) -> None:
        events.append(f"start {item}")
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            events.append(f"cleaned {item}")

    inbox = make(handle)
    await inbox.put(0)
    await inbox.put(1)
    await started.wait()
    await ended(inbox.close())
    assert events == ["start 0", "cleaned 0"]
    await ended(inbox.close())  # a second time is nothing


async def test_a_failure_ends_the_work_and_is_reported_once() -> None:
    failures: list[BaseException] = []

    async def handle(item: int) -> None:
        raise LookupError(item)

    inbox = make(handle, failures=failures)
    await inbox.put(0)
    await inbox.put(1)
    await asyncio.sleep(0.01)
    assert [failure.args for failure in failures] == [(0,)]
    await ended(inbox.close())


async def test_a_handler_that_swallows_its_cancellation_does_not_keep_close_waiting() -> None:
    started, handled = asyncio.Event(), list[int]()

    async def handle(item: int) -> None:
        handled.append(item)
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    inbox = make(handle)
    await inbox.put(0)
    await inbox.put(1)
    await started.wait()
    await ended(inbox.close())
    assert handled == [0]


async def test_what_a_handler_raises_while_it_is_cancelled_is_nobodys_failure() -> None:
    started, failures = asyncio.Event(), list[BaseException]()

    async def handle(item: int) -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise LookupError from None

    inbox = make(handle, failures=failures)
    await inbox.put(0)
    await started.wait()
    await ended(inbox.close())
    assert failures == []


@pytest.mark.parametrize("waiting", [0, 1])
async def test_close_from_inside_a_handler_lets_it_finish_and_forgets_the_waiting_ones(waiting: int) -> None:
    handled: list[int] = []
    finished = asyncio.Event()
    before = asyncio.all_tasks()

    async def handle(item: int) -> None:
        handled.append(item)
        await asyncio.sleep(0)
        await inbox.close()
        finished.set()

    inbox = make(handle)
    for item in range(1 + waiting):
        await inbox.put(item)
    await ended(finished.wait())
    await asyncio.sleep(0.01)
    assert handled == [0]
    assert asyncio.all_tasks() == before, "the worker is still there"


async def test_a_put_that_waits_for_room_ends_when_the_inbox_is_closed_from_inside() -> None:
    gate = asyncio.Event()
    handled: list[int] = []

    async def handle(item: int) -> None:
        handled.append(item)
        await gate.wait()
        await inbox.close()

    inbox = make(handle, size=1)
    await inbox.put(0)
    await asyncio.sleep(0)
    await inbox.put(1)
    waiting = asyncio.create_task(inbox.put(2))
    await asyncio.sleep(0)
    gate.set()
    await ended(waiting)
    await asyncio.sleep(0.01)
    assert handled == [0]


async def test_a_closed_inbox_takes_nothing_more() -> None:
    handled: list[int] = []

    async def handle(item: int) -> None:
        handled.append(item)

    inbox = make(handle, size=1)
    await inbox.close()
    for item in range(3):
        await ended(inbox.put(item))
    await asyncio.sleep(0.01)
    assert handled == []
