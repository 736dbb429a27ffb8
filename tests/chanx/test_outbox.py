"""The outbox: in order, bounded, and nobody waits for somebody else's client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest

from chanx import outbox as outbox_module
from chanx import watchdog
from chanx.outbox import Outbox, Pump, TooSlowError


class Client:
    """The owner of an outbox, and its server: takes frames, at once or when it is told to."""

    def __init__(self, *, size: int = 1_000_000, timeout: float | None = None) -> None:
        self.frames: list[str] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.error: Exception | None = None
        self.errors: list[Exception] = []
        self.reasons: list[str] = []
        self.tasks: set[Any] = set()
        self.outbox = Outbox(self.take, self, size=size, timeout=timeout)

    async def take(self, event: Any) -> None:
        self.tasks.add(asyncio.current_task())
        if not self.reading.is_set():
            await self.reading.wait()
        if self.error is not None:
            raise self.error
        self.frames.append(event["text"])

    def on_trouble(self, problem: Exception) -> None:
        if isinstance(problem, TooSlowError):
            self.reasons.append(str(problem))
            self.outbox.close()
        else:
            self.errors.append(problem)

    async def send(self, text: str) -> None:
        await self.outbox.send({"type": "websocket.send", "text": text})


@pytest.fixture(autouse=True)
async def _nothing_goes_on() -> AsyncIterator[None]:
    yield
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    assert not rest


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Taken:
    """What granian's ``send`` returns: an awaitable of another language, which is no generator."""

    def __init__(self, done: "asyncio.Future[None]") -> None:
        self._steps = done.__await__()

    def __await__(self) -> "Taken":
        return self

    __iter__ = __await__

    def __next__(self) -> Any:
        return next(self._steps)


def foreign(done: "asyncio.Future[None]") -> Awaitable[None]:
    return cast("Awaitable[None]", Taken(done))


async def test_what_a_server_returns_need_not_be_a_generator() -> None:
    client, done = Client(), asyncio.get_running_loop().create_future()
    outbox = Outbox(lambda event: foreign(done), client, size=1000, timeout=None)
    sending = asyncio.create_task(outbox.send({"type": "websocket.send", "text": "one"}))
    await settle()
    assert not sending.done()
    done.set_result(None)
    await sending


async def test_a_sending_that_waits_for_such_an_awaitable_can_be_cancelled() -> None:
    client, never = Client(), asyncio.get_running_loop().create_future()
    outbox = Outbox(lambda event: foreign(never), client, size=1000, timeout=None)
    sending = asyncio.create_task(outbox.send({"type": "websocket.send", "text": "one"}))
    await settle()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_a_frame_is_sent_by_the_task_that_sends_it() -> None:
    client = Client()
    await client.send("one")
    assert client.frames == ["one"]
    assert client.tasks == {asyncio.current_task()}


async def test_pushing_never_waits_and_keeps_the_order() -> None:
    client = Client()
    for number in range(200):
        client.outbox.push(str(number))
    assert client.frames == []
    await until(lambda: len(client.frames) == 200)
    assert client.frames == [str(number) for number in range(200)]


async def test_one_task_serves_all_who_read(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [Client() for _ in range(50)]
    for _ in range(3):
        for client in clients:
            client.outbox.push("news")
    await until(lambda: all(len(client.frames) == 3 for client in clients))
    assert len(set().union(*(client.tasks for client in clients))) == 1


async def test_who_does_not_read_delays_nobody() -> None:
    clients = [Client() for _ in range(5)]
    slow = clients[1], clients[3]
    for client in slow:
        client.reading.clear()
    for text in ("one", "two"):
        for client in clients:
            client.outbox.push(text)
    await settle()
    assert [client.frames for client in clients] == [["one", "two"], [], ["one", "two"], [], ["one", "two"]]
    for client in slow:
        client.reading.set()
    await settle()
    assert [client.frames for client in slow] == [["one", "two"], ["one", "two"]]


async def test_what_is_sent_and_what_is_pushed_keep_their_order() -> None:
    client = Client()
    client.reading.clear()
    first = asyncio.create_task(client.send("1"))
    await asyncio.sleep(0)
    client.outbox.push("2")
    second = asyncio.create_task(client.send("3"))
    await asyncio.sleep(0)
    client.outbox.push("4")
    third = asyncio.create_task(client.send("5"))
    await asyncio.sleep(0)
    client.reading.set()
    await asyncio.gather(first, second, third)
    assert client.frames == ["1", "2", "3", "4", "5"]


async def test_a_sender_that_is_cancelled_while_it_waits_passes_its_turn_on() -> None:
    client = Client()
    client.reading.clear()
    first = asyncio.create_task(client.send("1"))
    await asyncio.sleep(0)
    second, third = asyncio.create_task(client.send("2")), asyncio.create_task(client.send("3"))
    await asyncio.sleep(0)
    client.outbox.push("4")
    second.cancel()
    client.reading.set()
    await asyncio.gather(first, second, third, return_exceptions=True)
    await settle()
    assert client.frames == ["1", "3", "4"]
    await client.send("5")
    assert client.frames[-1] == "5"


async def test_a_sender_that_is_cancelled_at_its_turn_passes_it_on() -> None:
    client = Client()
    client.reading.clear()
    second = asyncio.create_task(client.send("2"))
    asyncio.get_running_loop().call_soon(client.outbox.push, "3")
    asyncio.get_running_loop().call_later(0.01, client.reading.set)
    await client.send("1")
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert second.cancelled()
    await settle()
    assert client.frames == ["1", "3"]


async def test_what_the_server_raises_reaches_the_sender() -> None:
    client = Client()
    client.error = ValueError("not a frame")
    with pytest.raises(ValueError, match="not a frame"):
        await client.send("1")
    client.error = None
    await client.send("2")
    assert client.frames == ["2"]
    assert client.errors == []


async def test_the_owner_is_told_that_the_client_has_gone_instead_of_the_sender() -> None:
    client = Client()
    client.error = gone = ConnectionResetError("gone")
    await client.send("1")
    assert client.errors == [gone]
    client.error = None
    await client.send("2")
    assert client.frames == ["2"]


async def test_what_the_server_raises_for_a_pushed_frame_reaches_the_owner() -> None:
    broken, other = Client(), Client()
    broken.error = ConnectionResetError("gone")
    for client in (broken, other):
        client.outbox.push("1")
    await until(lambda: other.frames == ["1"])
    assert broken.errors == [broken.error]


async def test_an_error_after_waiting_reaches_the_owner_too() -> None:
    client = Client()
    client.reading.clear()
    client.outbox.push("1")
    await settle()
    client.error = ConnectionResetError("gone")
    client.reading.set()
    await settle()
    assert client.errors == [client.error]


async def test_pushed_frames_that_wait_are_bounded() -> None:
    client = Client(size=1000)
    client.reading.clear()
    for _ in range(6):
        client.outbox.push("x" * 100)
    await settle()
    assert client.reasons == []
    client.outbox.push("x" * 100)
    assert client.reasons == ["6 frames wait for it"]
    client.reading.set()
    await settle()
    assert len(client.frames) == 1  # the one on its way


async def test_many_empty_frames_count_as_well() -> None:
    client = Client(size=1000)
    client.reading.clear()
    for _ in range(20):
        client.outbox.push("")
    assert client.reasons
    client.reading.set()
    await settle()


async def test_the_size_is_free_again_once_it_is_sent() -> None:
    client = Client(size=1000)
    for _ in range(10):
        client.reading.clear()
        for _ in range(4):
            client.outbox.push("x" * 100)
        client.reading.set()
        await settle()
    assert (len(client.frames), client.reasons) == (40, [])


@pytest.mark.parametrize("how", ["push", "send"])
async def test_a_client_gets_only_so_long_for_a_frame(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(watchdog, "INTERVAL", 0.005)
    client = Client(timeout=0.03)
    client.reading.clear()
    sending: asyncio.Task[None] | None = None
    if how == "push":
        client.outbox.push("1")
    else:
        sending = asyncio.create_task(client.send("1"))
    await until(lambda: bool(client.reasons))
    assert client.reasons == ["it has not taken a frame for 0.03 seconds"]
    if sending is not None:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert client.outbox.abandon() is (how == "push")
    await settle()


async def test_a_client_that_takes_frame_after_frame_is_not_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "INTERVAL", 0.005)
    client = Client(timeout=0.1)
    for _ in range(4):
        client.reading.clear()
        client.outbox.push("1")
        await asyncio.sleep(0.04)
        client.reading.set()
        await settle()
    assert (len(client.frames), client.reasons) == (4, [])


async def test_closing_forgets_what_waits_and_lets_everybody_go() -> None:
    client = Client()
    client.reading.clear()
    client.outbox.push("1")
    await settle()
    waiting = asyncio.create_task(client.send("2"))
    client.outbox.push("3")
    await asyncio.sleep(0)
    client.outbox.close()
    await waiting
    client.outbox.push("4")
    await client.send("5")
    client.outbox.abandon()
    await settle()
    assert client.frames == []


async def test_pushed_texts_of_a_closed_outbox_are_dropped() -> None:
    client = Client()
    client.outbox.push("1")
    client.outbox.close()
    await settle()
    assert client.frames == []


async def test_a_busy_pump_lets_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "_FAIR_SHARE", 10)
    clients = [Client() for _ in range(100)]
    for client in clients:
        client.outbox.push("1")
    turns = 0

    def is_done() -> bool:
        nonlocal turns
        turns += 1
        return all(client.frames for client in clients)

    await until(is_done)
    assert turns >= 10


async def test_a_server_may_use_timeouts_of_its_own() -> None:
    """asyncio.timeout() cancels the task that it was entered in: that task must be the one that waits."""

    class Impatient(Client):
        async def take(self, event: Any) -> None:
            async with asyncio.timeout(0.01):
                await super().take(event)

    impatient, other = Impatient(), Client()
    impatient.reading.clear()
    impatient.outbox.push("1")
    impatient.outbox.push("2")
    other.outbox.push("1")
    await until(lambda: len(impatient.errors) == 2)
    assert [type(error) for error in impatient.errors] == [TimeoutError, TimeoutError]
    assert other.frames == ["1"]
    other.outbox.push("2")
    await until(lambda: other.frames == ["1", "2"])


async def test_a_server_may_return_any_awaitable() -> None:
    taken: list[str] = []
    loop = asyncio.get_running_loop()

    def take(event: Any) -> Awaitable[None]:
        future: asyncio.Future[None] = loop.create_future()
        taken.append(event["text"])
        loop.call_soon(future.set_result, None)
        return future

    client = Client()
    outbox = Outbox(take, client, size=1000, timeout=None)
    await outbox.send({"type": "websocket.send", "text": "1"})
    outbox.push("2")
    outbox.push("3")
    await until(lambda: taken == ["1", "2", "3"])
    await settle()


async def test_an_idle_pump_has_no_task() -> None:
    client = Client()
    client.outbox.push("1")
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert Pump.running() is Pump.running()
