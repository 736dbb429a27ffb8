"""Who is looked at again when: one timer, one look at a time, and nothing is kept alive."""

import asyncio
import gc
import statistics
from collections.abc import Callable
from typing import Any
from weakref import ref

import pytest

from chanx import rechecks as module
from chanx.rechecks import Rechecks, spread


class Fake:
    """Notes when it is looked at, and says when to do it again."""

    def __init__(self, *delays: float | None, then: Callable[[], Any] = lambda: None) -> None:
        self.times: list[float] = []
        self._delays = list(delays)
        self._then = then

    async def recheck_connection(self) -> float | None:
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        self._then()
        return self._delays.pop(0) if self._delays else None


@pytest.fixture(autouse=True)
def _short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESOLUTION", 0.02)


def here() -> Rechecks:
    return Rechecks.of(asyncio.get_running_loop())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_an_event_loop_has_its_own() -> None:
    other = asyncio.new_event_loop()
    assert here() is here()
    assert Rechecks.of(other) is not here()
    other.close()


@pytest.mark.usefixtures("new_objects_only")
def test_neither_a_connection_nor_an_event_loop_is_kept_alive() -> None:
    async def abandon() -> "tuple[ref[Any], ref[Any]]":
        fake: Any = Fake()
        fake.loop = asyncio.get_running_loop()
        here().plan(fake, 300)
        here().hurry(fake)
        return ref(fake), ref(fake.loop)

    references = asyncio.run(abandon())
    gc.collect()
    assert [reference() for reference in references] == [None, None]


async def test_a_look_comes_when_it_is_planned_and_not_before() -> None:
    fake, start = Fake(), asyncio.get_running_loop().time()
    here().plan(fake, 0.2)
    await until(lambda: bool(fake.times))
    assert fake.times[0] >= start + 0.2
    await asyncio.sleep(0.05)
    assert len(fake.times) == 1, "it did not ask for another"


async def test_it_goes_on_as_long_as_it_says_so() -> None:
    fake = Fake(0, 0)
    here().plan(fake, 0)
    await until(lambda: len(fake.times) == 3)
    assert fake.times == sorted(fake.times)


async def test_what_is_planned_for_later_does_not_hold_up_what_is_planned_for_now() -> None:
    later, soon = Fake(), Fake()
    here().plan(later, 100)
    here().plan(soon, 0)
    await until(lambda: bool(soon.times))
    assert later.times == []


async def test_one_timer_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[float] = []
    call_at = asyncio.BaseEventLoop.call_at

    def noted(self: Any, when: float, callback: Any, *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
        if isinstance(getattr(callback, "__self__", None), Rechecks):
            timers.append(when)
        return call_at(self, when, callback, *args, **kwargs)

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_at", noted)
    fakes = [Fake() for _ in range(100)]
    for fake in fakes:
        here().plan(fake, 5)
    assert len(timers) == 1
    for fake in fakes:
        here().plan(fake, 0)
    assert len(timers) == 2, "an earlier second needs one more, and the other finds nothing to do"
    await until(lambda: all(fake.times for fake in fakes))
    assert len(timers) == 3
    assert {len(fake.times) for fake in fakes} == {1}


async def test_one_is_looked_at_after_the_other() -> None:
    looking: list[int] = []

    class Busy(Fake):
        async def recheck_connection(self) -> float | None:
            looking.append(1)
            assert len(looking) == 1
            await asyncio.sleep(0.001)
            looking.pop()
            return await super().recheck_connection()

    fakes = [Busy() for _ in range(10)]
    for number, fake in enumerate(fakes):
        here().plan(fake, 0) if number % 2 else here().hurry(fake)
    await until(lambda: all(fake.times for fake in fakes))


async def test_who_is_in_a_hurry_is_looked_at_once_and_first() -> None:
    order: list[str] = []
    slow = Fake(then=lambda: order.append("slow"))
    planned, hurried = Fake(then=lambda: order.append("planned")), Fake(0, then=lambda: order.append("hurried"))
    here().plan(slow, 0)
    here().plan(planned, 0)
    slow_then = slow.recheck_connection

    async def look() -> float | None:
        here().hurry(hurried)
        here().hurry(hurried)
        return await slow_then()

    slow.recheck_connection = look  # type: ignore[method-assign]  # this one alone
    await until(lambda: bool(planned.times))
    await asyncio.sleep(0.05)
    assert order == ["slow", "hurried", "planned"]


async def test_a_failure_is_told_and_tried_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)

    def fail() -> None:
        if len(failing.times) == 1:
            raise LookupError("no such thing")

    failing, other = Fake(then=fail), Fake()
    here().plan(failing, 0)
    here().plan(other, 0)
    await until(lambda: len(failing.times) == 2 and bool(other.times))
    assert [record.getMessage() for record in caplog.records] == ["A connection could not be rechecked"]
    assert "no such thing" in caplog.text


async def test_what_hangs_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)

    class Hanging(Fake):
        async def recheck_connection(self) -> float | None:
            self.times.append(0)
            await asyncio.sleep(60)
            return None

    hanging, other = Hanging(), Fake()
    here().hurry(other)
    here().hurry(hanging)
    await until(lambda: bool(hanging.times and other.times))


def test_what_began_together_is_spread_over_half_of_the_interval() -> None:
    shares = [spread(300) for _ in range(1000)]
    assert min(shares) >= 150
    assert max(shares) <= 300
    assert 215 < statistics.mean(shares) < 235
