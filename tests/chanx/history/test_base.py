"""Every engine keeps the same promises."""

import asyncio
from collections.abc import Callable

import pytest

from chanx.history.base import MAX_KEY_LENGTH, Appended, Bounds, Entry, Gap, HistoryEngine, Missed, Position

WIDE = Bounds(size=100, ttl=60)


async def append(engine: HistoryEngine, *bodies: str, group: str = "room", bounds: Bounds = WIDE) -> Position:
    """The position of the last one."""
    return [await engine.append(group, body, bounds) for body in bodies][-1].position


async def test_messages_are_numbered_from_one(engine: HistoryEngine) -> None:
    begin = await engine.position("room")
    assert begin.seq == 0
    appended = [await engine.append("room", body, WIDE) for body in "ab"]
    assert appended == [Appended(Position(begin.epoch, seq), is_new=True) for seq in (1, 2)]
    assert await engine.position("room") == Position(begin.epoch, 2)


async def test_what_came_after_a_position(engine: HistoryEngine) -> None:
    last = await append(engine, *"abcd")
    after = Position(last.epoch, 1)
    assert await engine.since("room", after, limit=9) == Missed(last, (Entry(2, "b"), Entry(3, "c"), Entry(4, "d")))
    assert await engine.since("room", after, limit=2) == Missed(last, (Entry(2, "b"), Entry(3, "c")))
    assert await engine.since("room", Position(last.epoch, 0), limit=1) == Missed(last, (Entry(1, "a"),))
    assert await engine.since("room", last, limit=9) == Missed(last)


async def test_nothing_was_missed_of_a_group_without_messages(engine: HistoryEngine) -> None:
    begin = await engine.position("room")
    assert await engine.since("room", begin, limit=9) == Missed(begin)


async def test_bodies_arrive_unchanged(engine: HistoryEngine) -> None:
    bodies = ["", "\n", "é 🐍 \u2028", '{"a": "\\ud800"}', "x" * 100_000]
    last = await append(engine, *bodies)
    missed = await engine.since("room", Position(last.epoch, 0), limit=99)
    assert [entry.body for entry in missed.entries] == bodies


async def test_groups_know_nothing_of_each_other(engine: HistoryEngine) -> None:
    rooms = ["a", "a.log", "a-b", "a_b", "A"]
    last = {room: await append(engine, room, group=room) for room in rooms}
    assert len({position.epoch for position in last.values()}) == len(rooms)
    for room in rooms:
        assert await engine.since(room, Position(last[room].epoch, 0), limit=9) == Missed(last[room], (Entry(1, room),))


async def test_older_ones_than_the_size_are_forgotten(engine: HistoryEngine) -> None:
    last = await append(engine, *"abcde", bounds=Bounds(size=3, ttl=60))
    assert await engine.since("room", Position(last.epoch, 1), limit=9) == Missed(last, gap=Gap.TRIMMED)
    kept = await engine.since("room", Position(last.epoch, 2), limit=9)
    assert kept == Missed(last, (Entry(3, "c"), Entry(4, "d"), Entry(5, "e")))


async def test_a_history_ends_some_time_after_the_last_message(engine: HistoryEngine) -> None:
    last = await append(engine, *"ab", bounds=Bounds(size=9, ttl=0.01))
    await asyncio.sleep(0.05)
    assert await engine.since("room", Position(last.epoch, 1), limit=9) == Missed(last, gap=Gap.TRIMMED)
    # Who has seen all has missed nothing, and the numbers go on.
    assert await engine.since("room", last, limit=9) == Missed(last)
    assert await append(engine, "c") == Position(last.epoch, 3)
    assert await engine.since("room", last, limit=9) == Missed(Position(last.epoch, 3), (Entry(3, "c"),))


async def test_a_position_of_another_numbering(engine: HistoryEngine) -> None:
    last = await append(engine, *"ab")
    assert await engine.since("room", Position("forged", 1), limit=9) == Missed(last, gap=Gap.EPOCH)
    assert await engine.since("room", Position("", 2), limit=9) == Missed(last, gap=Gap.EPOCH)


@pytest.mark.parametrize("seq", [3, 2**53, 2**63 - 1])
async def test_a_position_in_the_future(engine: HistoryEngine, seq: int) -> None:
    last = await append(engine, *"ab")
    assert await engine.since("room", Position(last.epoch, seq), limit=9) == Missed(last, gap=Gap.FUTURE)


async def test_a_position_before_the_first(engine: HistoryEngine) -> None:
    last = await append(engine, *"ab")
    assert await engine.since("room", Position(last.epoch, -1), limit=9) == Missed(last, gap=Gap.TRIMMED)


async def test_an_idempotency_key_counts_once(engine: HistoryEngine) -> None:
    first = await engine.append("room", "a", WIDE, key="one")
    await append(engine, "b")
    again = await engine.append("room", "a", WIDE, key="one")
    assert again == Appended(first.position, is_new=False)
    assert (await engine.append("room", "c", WIDE, key="two")).position.seq == 3
    assert (await engine.append("hall", "a", WIDE, key="one")).is_new


async def test_an_idempotency_key_ends_with_the_history(engine: HistoryEngine) -> None:
    short = Bounds(size=9, ttl=0.01)
    await engine.append("room", "a", short, key="one")
    await asyncio.sleep(0.05)
    assert (await engine.append("room", "a", short, key="one")).position.seq == 2


@pytest.mark.parametrize("key", ["", "x" * (MAX_KEY_LENGTH + 1)])
async def test_a_key_that_is_none(engine: HistoryEngine, key: str) -> None:
    with pytest.raises(ValueError, match=f"has {len(key)}"):
        await engine.append("room", "a", WIDE, key=key)


async def test_another_process_reads_what_this_one_appends(new_engine: Callable[[], HistoryEngine]) -> None:
    here, there = new_engine(), new_engine()
    last = await append(here, "a", "b")
    assert await there.position("room") == last
    assert await there.since("room", Position(last.epoch, 1), limit=9) == Missed(last, (Entry(2, "b"),))
    assert await append(there, "c") == Position(last.epoch, 3)
    await here.close()
    await there.close()


async def test_each_of_many_at_once_has_a_number_of_its_own(engine: HistoryEngine) -> None:
    appended = await asyncio.gather(*(engine.append("room", str(number), WIDE) for number in range(50)))
    assert sorted(each.position.seq for each in appended) == list(range(1, 51))
    missed = await engine.since("room", Position(appended[0].position.epoch, 0), limit=99)
    bodies = {each.position.seq: str(number) for number, each in enumerate(appended)}
    assert {entry.seq: entry.body for entry in missed.entries} == bodies


async def test_of_many_at_once_with_one_key_one_is_appended(engine: HistoryEngine) -> None:
    appended = await asyncio.gather(*(engine.append("room", "a", WIDE, key="one") for _ in range(20)))
    assert {each.position.seq for each in appended} == {1}
    assert sum(each.is_new for each in appended) == 1
