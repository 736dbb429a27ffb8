"""The watchdog: one timer for each event loop, which runs only while something is watched."""

import asyncio
import gc
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any
from weakref import ref

import pytest

from chanx import watchdog
from chanx.watchdog import Watchdog


class Looks:
    """Something to watch, which notes when it is looked at."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.times: list[float] = []
        self._then = then

    def look(self, now: float) -> None:
        self.times.append(now)
        self._then()


@pytest.fixture(autouse=True)
def _short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "INTERVAL", 0.005)


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delay of each timer that the watchdog has asked for."""
    delays: list[float] = []
    call_later = asyncio.BaseEventLoop.call_later

    def noted(self: Any, delay: float, callback: Any, *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
        if isinstance(getattr(callback, "__self__", None), Watchdog):
            delays.append(delay)
        return call_later(self, delay, callback, *args, **kwargs)

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_later", noted)
    return delays


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():
            await asyncio.sleep(0.001)


async def test_an_event_loop_has_one() -> None:
    loop = asyncio.get_running_loop()
    assert Watchdog.of(loop) is Watchdog.of(loop)
    other = asyncio.new_event_loop()
    assert Watchdog.of(other) is not Watchdog.of(loop)
    other.close()


@pytest.mark.usefixtures("new_objects_only")
def test_an_event_loop_that_has_ended_is_forgotten() -> None:
    async def watch() -> "ref[asyncio.AbstractEventLoop]":
        loop, watched = asyncio.get_running_loop(), Looks()
        Watchdog.of(loop).watch(watched)
        Watchdog.of(loop).leave(watched)
        return ref(loop)

    loop = asyncio.run(watch())
    gc.collect()
    assert loop() is None


async def test_each_round_is_told_the_time_of_the_event_loop() -> None:
    loop, watched = asyncio.get_running_loop(), Looks()
    before = loop.time()
    Watchdog.of(loop).watch(watched)
    assert watched.times == [], "a frame that is handled at once is never looked at"
    await until(lambda: len(watched.times) >= 3)
    Watchdog.of(loop).leave(watched)
    times = [before, *watched.times, loop.time()]
    assert times == sorted(times)


async def test_what_has_left_is_looked_at_no_more() -> None:
    dog, stays, leaves = Watchdog.of(asyncio.get_running_loop()), Looks(), Looks()
    dog.watch(stays)
    dog.watch(leaves)
    await until(lambda: bool(stays.times and leaves.times))
    dog.leave(leaves)
    dog.leave(leaves)  # a second time is nothing
    seen, rounds = len(leaves.times), len(stays.times)
    await until(lambda: len(stays.times) >= rounds + 2)
    assert len(leaves.times) == seen
    dog.leave(stays)


async def test_it_rests_while_nothing_is_watched(timers: list[float]) -> None:
    dog, watched = Watchdog.of(asyncio.get_running_loop()), Looks()
    for times in (1, 2):
        dog.watch(watched)
        dog.leave(watched)
        await asyncio.sleep(0.03)
        assert timers == [watchdog.INTERVAL] * times
    assert watched.times == []


async def test_one_timer_serves_all(timers: list[float]) -> None:
    dog, many = Watchdog.of(asyncio.get_running_loop()), [Looks() for _ in range(100)]
    for each in many:
        dog.watch(each)
        dog.leave(each)
        dog.watch(each)
    assert len(timers) == 1
    await until(lambda: all(each.times for each in many))
    assert len({each.times[0] for each in many}) == 1
    for each in many:
        dog.leave(each)


async def test_what_leaves_when_it_is_looked_at_ends_the_rounds(timers: list[float]) -> None:
    dog = Watchdog.of(asyncio.get_running_loop())
    watched = Looks(lambda: dog.leave(watched))
    dog.watch(watched)
    await asyncio.sleep(0.03)
    assert len(watched.times) == len(timers) == 1


async def test_a_failure_does_not_end_the_rounds() -> None:
    loop = asyncio.get_running_loop()
    reported: list[object] = []
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
    failure = LookupError()

    def fail() -> None:
        raise failure

    watched = Looks(fail)
    Watchdog.of(loop).watch(watched)
    await until(lambda: len(watched.times) >= 2)
    Watchdog.of(loop).leave(watched)
    assert reported == [failure] * len(watched.times)


async def test_its_timer_keeps_nothing_of_the_connection_that_has_started_it(timers: list[float]) -> None:
    """A connection that ends before the next round is free at once."""
    whose: ContextVar[Looks] = ContextVar("whose")
    dog = Watchdog.of(asyncio.get_running_loop())

    def begin_and_end() -> "ref[Looks]":
        watched = Looks()
        whose.set(watched)
        dog.watch(watched)
        dog.leave(watched)
        return ref(watched)

    ended = Context().run(begin_and_end)
    assert len(timers) == 1
    assert ended() is None


async def test_rounds_leave_nothing_to_the_garbage_collector() -> None:
    dog, many = Watchdog.of(asyncio.get_running_loop()), [Looks() for _ in range(100)]
    gc.collect()
    gc.disable()
    try:
        for each in many:
            dog.watch(each)
        await until(lambda: len(many[0].times) >= 5)
        while many:
            dog.leave(many.pop())
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert [
            thing for thing in gc.garbage if type(thing).__module__ in (__name__, "chanx.watchdog", "asyncio.events")
        ] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
