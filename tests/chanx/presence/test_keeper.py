"""One call of the engine keeps all members of an event loop, and what fails is done later."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from chanx.presence import keeper as module
from chanx.presence.base import Arrival, Beat, Changes, Place
from chanx.presence.keeper import BATCH, Keeper
from chanx.presence.memory import MemoryPresence
from tests.chanx.support import records


class Counted(MemoryPresence):
    """Counts what it is asked, and fails when it is to."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.is_away = False
        self.sweeping: list[bool] = []

    def count(self, name: str) -> None:
        self.calls[name] += 1
        if self.is_away:
            raise ConnectionError("away")

    async def begin(self, node: str, ttl: float) -> None:
        self.count("begin")
        await super().begin(node, ttl)

    async def beat(self, node: str, ttl: float, groups: Sequence[str] = (), *, sweeps: bool = True) -> Beat:
        self.count("beat")
        self.sweeping.append(sweeps)
        return await super().beat(node, ttl, groups, sweeps=sweeps)

    async def arrive(self, node: str, arrivals: Sequence[Arrival], *, capacity: int) -> Changes | None:
        self.count("arrive")
        return await super().arrive(node, arrivals, capacity=capacity)

    async def depart(self, node: str, places: Sequence[Place], *, grace: float) -> Changes:
        self.count("depart")
        return await super().depart(node, places, grace=grace)

    async def keys(self) -> set[str]:
        return {member.key for member in (await self.attendance("room", limit=10_000)).members}

    def forget(self) -> None:
        """As a Redis does that was restarted."""
        super().__init__()


class Kept:
    """A keeper, and what it says."""

    def __init__(self, engine: Counted, *, ttl: float = 60.0, groups: Sequence[str] = ()) -> None:
        self.changes: list[Changes] = []
        self.versions: list[Changes] = []
        self.keeper = Keeper(
            engine, ttl, groups=lambda: groups, on_changes=self.changes.append, on_versions=self.versions.append
        )

    def enter(self, *keys: str, info: str = "{}") -> None:
        for key in keys:
            self.keeper.enter(("room", key), info, capacity=10_000)

    def leave(self, *keys: str, grace: float = 0.0) -> None:
        for key in keys:
            self.keeper.leave(("room", key), grace=grace)


@pytest.fixture
def engine() -> Counted:
    return Counted()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.02)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_those_who_come_together_are_entered_together(engine: Counted) -> None:
    kept = Kept(engine)
    kept.enter(*map(str, range(BATCH)))
    await kept.keeper.flush()
    assert (len(await engine.keys()), engine.calls) == (BATCH, {"begin": 1, "arrive": 1})
    kept.enter("one", "more")
    kept.leave(*map(str, range(BATCH)))
    await kept.keeper.flush()
    assert await engine.keys() == {"one", "more"}
    assert engine.calls == {"begin": 1, "arrive": 2, "depart": 2}


async def test_who_enters_twice_leaves_twice(engine: Counted) -> None:
    kept = Kept(engine)
    kept.enter("ann", "ann")
    kept.leave("ann")
    await kept.keeper.flush()
    assert await engine.keys() == {"ann"}
    kept.enter("ann")
    kept.leave("ann", "ann")
    await kept.keeper.flush()
    assert await engine.keys() == set()
    # Coming and going before the engine was told is the same.
    kept.enter("bob")
    kept.leave("bob")
    kept.enter("bob")
    await kept.keeper.flush()
    assert await engine.keys() == {"bob"}


async def test_a_heartbeat_is_one_call_for_all(engine: Counted) -> None:
    kept = Kept(engine, ttl=0.3)
    kept.enter(*map(str, range(300)))
    await until(lambda: engine.calls["beat"] >= 5)
    assert len(await engine.keys()) == 300
    assert engine.calls["begin"] == engine.calls["arrive"] == 1


async def test_versions_are_asked_for_in_turn(engine: Counted) -> None:
    groups = [f"group-{number}" for number in range(BATCH + 10)]
    kept = Kept(engine, ttl=0.06, groups=groups)
    kept.keeper.stir()
    await until(lambda: len(kept.versions) >= 2)
    first, second = kept.versions[:2]
    assert (len(first), len(second)) == (BATCH, BATCH)
    assert {*first, *second} == {*groups}


async def test_who_was_forgotten_is_entered_again(engine: Counted, caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept(engine, ttl=0.3)
    kept.enter("ann", "bob")
    await kept.keeper.flush()
    assert kept.keeper.unsettled_until == 0
    engine.forget()
    await until(lambda: engine.calls["begin"] == 2)
    await kept.keeper.flush()
    assert await engine.keys() == {"ann", "bob"}
    assert kept.keeper.unsettled_until > asyncio.get_running_loop().time()
    (told,) = records(caplog, "WARNING")
    assert told.startswith("Who is present was forgotten")
    # Found out by somebody who comes.
    engine.forget()
    kept.enter("cem")
    await kept.keeper.flush()
    assert await engine.keys() == {"ann", "bob", "cem"}


async def test_while_the_engine_is_away_nothing_is_lost(engine: Counted, caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept(engine)
    kept.enter("ann", "bob")
    await kept.keeper.flush()
    engine.is_away = True
    kept.enter("cem")
    kept.leave("ann")
    kept.leave("bob", grace=60)
    with pytest.raises(ConnectionError):
        await kept.keeper.flush()
    await until(lambda: engine.calls["depart"] > 3)
    engine.is_away = False
    await until(lambda: engine.calls["arrive"] >= 2)
    await kept.keeper.flush()
    # Bob has his grace.
    assert await engine.keys() == {"bob", "cem"}
    assert records(caplog, "WARNING") == ["Who is present cannot be kept; it is tried again"]


async def test_others_are_told_when_a_grace_is_over(engine: Counted) -> None:
    kept = Kept(engine, ttl=3000)
    kept.enter("ann", "bob")
    await kept.keeper.flush()
    kept.leave("ann", grace=0.05)
    async with asyncio.timeout(10):
        while "ann" in await engine.keys():
            await asyncio.sleep(0.005)
    # By one heartbeat, long before the next regular one.
    assert engine.calls["beat"] == 1
    assert len(kept.changes) >= 3


async def test_after_a_pause_nobody_is_taken_for_dead_at_once(engine: Counted) -> None:
    kept = Kept(engine, ttl=0.15)
    kept.enter("ann")
    await until(lambda: len(engine.sweeping) == 1)
    engine.is_away = True
    await until(lambda: engine.calls["beat"] > 12)
    engine.sweeping.clear()
    engine.is_away = False
    await until(lambda: len(engine.sweeping) > 1)
    assert engine.sweeping[0] is False
    await until(lambda: engine.sweeping[-1])


async def test_it_rests_when_nobody_is_left(engine: Counted, caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept(engine, ttl=0.1)
    kept.enter("ann")
    await kept.keeper.flush()
    kept.leave("ann")
    await until(lambda: not kept.keeper.is_busy)
    engine.forget()
    kept.enter("ann")
    await kept.keeper.flush()
    assert await engine.keys() == {"ann"}
    # Nobody was forgotten.
    assert records(caplog, "WARNING") == []
