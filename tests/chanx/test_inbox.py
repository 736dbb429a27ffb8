"""The inbox: order, reading ahead and its bounds, failure, and an end that never hangs."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import pytest

from chanx.inbox import Event, Inbox

GONE: Final[Event] = {"type": "websocket.disconnect", "code": 1001}
LARGE: Final[Event] = {"type": "websocket.receive", "text": "large"}


class Socket:
    """What a server gives: events that the test has put in, to one reader at a time."""

    def __init__(self, *events: Event | Exception) -> None:
        self._events: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self.reads = 0
        self.is_read = False
        self.put(*events)

    def put(self, *events: Event | Exception) -> None:
        for event in events:
            self._events.put_nowait(event)

    async def receive(self) -> Event:
        assert not self.is_read, "two readers at once"
        self.is_read = True
        self.reads += 1
        try:
            event = await self._events.get()
        finally:
            self.is_read = False
        if isinstance(event, Exception):
            raise event
        return event


def frame(number: int) -> Event:
    return {"type": "websocket.receive", "text": str(number)}


class Owner:
    """Who is told of a disconnect."""

    def __init__(self, tell: Callable[[], None] | None = None) -> None:
        self._tell = tell

    def on_disconnect(self) -> None:
        if self._tell is not None:
            self._tell()


def make(socket: Socket, size: int = 10, on_disconnect: Callable[[], None] | None = None) -> Inbox:
    return Inbox(
        socket.receive,
        size=size,
        owner=Owner(on_disconnect),
        overtakes=on_disconnect is not None,
        largest=len("large") - 1,
    )


async def ahead(inbox: Inbox) -> None:
    """Reads ahead as far as the inbox goes, or as events have come."""
    inbox.read_ahead()
    for _ in range(20):
        await asyncio.sleep(0)


async def following(inbox: Inbox, number: int) -> list[Event]:
    async with asyncio.timeout(2):
        return [await inbox.next() for _ in range(number)]


async def waiting(inbox: Inbox) -> "asyncio.Task[Event]":
    """A call of next() that has begun to wait."""

    async def receive() -> Event:
        return await inbox.next()

    task = asyncio.create_task(receive())
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_events_come_in_order_whoever_reads_them() -> None:
    socket = Socket(*map(frame, range(4)))
    inbox = make(socket, size=2)
    assert await following(inbox, 1) == [frame(0)]
    await ahead(inbox)
    assert await following(inbox, 3) == [frame(1), frame(2), frame(3)]


async def test_there_is_no_task_while_nobody_reads_ahead() -> None:
    socket = Socket(frame(0), frame(1))
    before = asyncio.all_tasks()
    inbox = make(socket)
    await following(inbox, 1)
    await asyncio.sleep(0)
    assert socket.reads == 1
    assert asyncio.all_tasks() == before
    await inbox.close()


async def test_it_reads_ahead_until_it_is_full() -> None:
    socket = Socket(*map(frame, range(6)))
    inbox, before = make(socket, size=2), asyncio.all_tasks()
    await ahead(inbox)
    assert socket.reads == 2
    assert asyncio.all_tasks() == before, "the reader is still there"
    await ahead(inbox)
    assert socket.reads == 2
    assert await following(inbox, 1) == [frame(0)]
    await ahead(inbox)
    assert socket.reads == 3
    assert await following(inbox, 5) == [frame(number) for number in range(1, 6)]


async def test_a_disconnect_overtakes_what_waits_and_is_told() -> None:
    socket, told = Socket(frame(0), frame(1), GONE), list[str]()
    inbox = make(socket, on_disconnect=lambda: told.append("gone"))
    await ahead(inbox)
    assert told == ["gone"]
    assert await following(inbox, 1) == [GONE]


async def test_without_anybody_to_tell_a_disconnect_takes_its_turn() -> None:
    inbox = make(Socket(frame(0), frame(1), GONE))
    await ahead(inbox)
    assert await following(inbox, 3) == [frame(0), frame(1), GONE]


async def test_a_disconnect_that_somebody_waits_for_interrupts_nobody() -> None:
    socket, told = Socket(), list[str]()
    inbox = make(socket, on_disconnect=lambda: told.append("gone"))
    await ahead(inbox)
    arriving = await waiting(inbox)
    socket.put(GONE)
    assert await asyncio.wait_for(arriving, 2) == GONE
    assert told == []


@pytest.mark.parametrize("reading", ["next", "ahead"])
async def test_nothing_is_read_ahead_after_a_disconnect(reading: str) -> None:
    # A server that tells it once more would have the handler of the disconnect cancelled.
    socket, told = Socket(GONE, GONE), list[str]()
    inbox = make(socket, on_disconnect=lambda: told.append("gone"))
    if reading == "ahead":
        await ahead(inbox)
        await ahead(inbox)
        assert socket.reads == 1
    assert await following(inbox, 1) == [GONE]
    inbox.has_ended()
    await ahead(inbox)
    assert socket.reads == 1
    assert told == (["gone"] if reading == "ahead" else [])


async def test_what_the_reader_reads_is_handed_to_who_waits() -> None:
    socket, before = Socket(), asyncio.all_tasks()
    inbox = make(socket)
    await ahead(inbox)
    assert socket.is_read
    arriving = await waiting(inbox)
    assert socket.reads == 1
    socket.put(frame(0), frame(1))
    assert await asyncio.wait_for(arriving, 2) == frame(0)
    # Nobody is slow any more: the next one is read when it is asked for.
    assert asyncio.all_tasks() == before
    assert socket.reads == 1
    assert await following(inbox, 1) == [frame(1)]


async def test_who_stops_waiting_loses_nothing() -> None:
    socket = Socket()
    inbox = make(socket)
    await ahead(inbox)
    (await waiting(inbox)).cancel()
    await asyncio.sleep(0)
    socket.put(frame(0))
    assert await following(inbox, 1) == [frame(0)]
    await inbox.close()


async def test_one_reader_reads_at_a_time() -> None:
    socket = Socket(frame(0), frame(1))
    inbox = make(socket)
    assert await following(inbox, 1) == [frame(0)]
    await ahead(inbox)
    await ahead(inbox)
    assert socket.reads == 3, "one reader reads the second, and waits for the third"
    await inbox.close()


async def test_nothing_is_read_ahead_while_something_too_large_waits() -> None:
    socket = Socket(frame(0), LARGE, frame(1), GONE)
    told: list[str] = []
    inbox = make(socket, on_disconnect=lambda: told.append("gone"))
    for _ in range(2):
        await ahead(inbox)
        assert socket.reads == 2
    assert await following(inbox, 2) == [frame(0), LARGE]
    await ahead(inbox)
    assert told == ["gone"], "it is kept no more"


async def test_a_failure_to_read_comes_out_of_next() -> None:
    inbox = make(Socket(OSError("lost")))
    with pytest.raises(OSError, match="lost"):
        await inbox.next()


async def test_a_failure_to_read_ahead_comes_after_what_was_read() -> None:
    socket = Socket(frame(0), OSError("lost"), frame(1))
    inbox = make(socket)
    await ahead(inbox)
    await ahead(inbox)
    assert socket.reads == 2
    assert await following(inbox, 1) == [frame(0)]
    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            await inbox.next()


async def test_a_failure_reaches_who_waits() -> None:
    socket = Socket()
    inbox = make(socket)
    await ahead(inbox)
    arriving = await waiting(inbox)
    socket.put(OSError("lost"))
    with pytest.raises(OSError, match="lost"):
        await asyncio.wait_for(arriving, 2)


async def test_close_ends_the_reader_for_good() -> None:
    socket, before = Socket(frame(0)), asyncio.all_tasks()
    inbox = make(socket)
    await ahead(inbox)
    assert asyncio.all_tasks() != before
    for _ in range(2):  # a second time is nothing
        await asyncio.wait_for(inbox.close(), 2)
        assert asyncio.all_tasks() == before
        assert not socket.is_read
        await ahead(inbox)
    assert socket.reads == 2


async def test_a_server_that_swallows_the_cancellation_does_not_keep_close_waiting() -> None:
    reads = 0

    async def receive() -> Event:
        nonlocal reads
        reads += 1
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return frame(reads)

    inbox = Inbox(receive, size=10, owner=Owner(), overtakes=False, largest=None)
    await ahead(inbox)
    await asyncio.wait_for(inbox.close(), 2)
    assert reads == 1
