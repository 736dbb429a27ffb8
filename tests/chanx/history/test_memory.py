"""What only the memory of a process does: it forgets by itself."""

import pytest

from chanx.history.base import POSITION_TTL, Bounds, Gap, Position
from chanx.history.memory import MemoryHistory


class Clock:
    """Stands where time.monotonic() stood."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("chanx.history.memory.monotonic", made)
    return made


async def test_a_group_that_nobody_asks_for_is_forgotten(clock: Clock) -> None:
    engine = MemoryHistory()
    await engine.append("room", "a", Bounds(size=9, ttl=60))
    last = await engine.position("room")
    clock.now += POSITION_TTL - 1
    assert await engine.position("room") == last
    clock.now += POSITION_TTL + 1
    # Another group is asked for: then all are looked at.
    await engine.position("hall")
    assert engine.size() == 1
    assert (await engine.since("room", last, limit=9)).gap is Gap.EPOCH


async def test_what_is_over_takes_no_memory(clock: Clock) -> None:
    engine = MemoryHistory()
    for number in range(5):
        await engine.append("room", "a", Bounds(size=9, ttl=60), key=str(number))
        clock.now += 20
    assert engine.size() == 1
    position = await engine.position("room")
    # Two keys are younger than a minute, and so is the last message.
    assert not (await engine.append("room", "a", Bounds(size=9, ttl=60), key="4")).is_new
    assert (await engine.append("room", "a", Bounds(size=9, ttl=60), key="0")).is_new
    clock.now += 61
    missed = await engine.since("room", Position(position.epoch, 0), limit=9)
    assert (missed.entries, missed.gap) == ((), Gap.TRIMMED)
