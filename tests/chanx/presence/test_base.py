"""Every engine keeps the same promises."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from chanx.presence.base import EMPTY, MAX_KEY_LENGTH, SWEPT_AT_ONCE, Arrival, Attendance, Changes, PresenceEngine

LONG = 60.0
MANY = 100_000


async def arrive(engine: PresenceEngine, node: str, *keys: str, group: str = "room", info: str = "{}") -> Changes:
    """Lets members in by a node, whose lease begins with the first."""
    await engine.begin(node, LONG)
    changes = await engine.arrive(node, [Arrival(group, key, info) for key in keys], capacity=MANY)
    assert changes is not None
    return changes


async def depart(engine: PresenceEngine, node: str, *keys: str, grace: float = 0) -> Changes:
    return await engine.depart(node, [("room", key) for key in keys], grace=grace)


async def present(engine: PresenceEngine, group: str = "room") -> list[str]:
    """The keys of those who are there; the number is held against the list."""
    found = await engine.attendance(group, limit=MANY)
    assert found.count == len(found.members)
    assert (found.version == EMPTY) == (found.count == 0)
    return [member.key for member in found.members]


async def die(engine: PresenceEngine, node: str) -> None:
    """The lease of a node is over."""
    await engine.begin(node, 0.001)
    await asyncio.sleep(0.01)


async def test_nobody_is_in_a_group_at_first(engine: PresenceEngine) -> None:
    assert await engine.attendance("room", limit=9) == Attendance(EMPTY, 0, ())
    assert await engine.sweep() == {}


async def test_who_arrives_is_there_until_the_departure(engine: PresenceEngine) -> None:
    (version,) = (await arrive(engine, "node", "ann", "bob")).values()
    assert (await engine.attendance("room", limit=9)).version == version != EMPTY
    assert await present(engine) == ["ann", "bob"]
    (later,) = (await depart(engine, "node", "ann")).values()
    assert later not in (EMPTY, version)
    assert await present(engine) == ["bob"]
    assert await depart(engine, "node", "bob") == {"room": EMPTY}
    assert await present(engine) == []


async def test_those_who_came_first_are_listed_first(engine: PresenceEngine) -> None:
    for key in ("zoe", "ann", "mia"):
        await arrive(engine, "node", key)
        await asyncio.sleep(0.005)
    assert await present(engine) == ["zoe", "ann", "mia"]
    # Who arrives once more has been there since.
    await arrive(engine, "other", "zoe", info="[1]")
    assert await present(engine) == ["zoe", "ann", "mia"]
    found = await engine.attendance("room", limit=2)
    assert (found.count, [member.key for member in found.members]) == (3, ["zoe", "ann"])
    assert found.members[0].since < found.members[1].since
    assert (await engine.attendance("room", limit=0)).members == ()


async def test_what_is_told_about_a_member_arrives_unchanged_and_may_change(engine: PresenceEngine) -> None:
    told = ["{}", '{"name": "é 🐍 \u2028"}', "null", '{"x": "' + "x" * 5000 + '"}']
    versions: list[Mapping[str, int]] = []
    for info in told:
        versions.append(await arrive(engine, "node", "ann", info=info))
        assert (await engine.attendance("room", limit=9)).members[0].info == info
    assert len({version["room"] for version in versions}) == len(told)
    # The same again changes nothing.
    assert await arrive(engine, "node", "ann", info=told[-1]) == {}


async def test_keys_may_hold_anything(engine: PresenceEngine) -> None:
    keys = ["a:b", ":", "a b", "é🐍", "x" * MAX_KEY_LENGTH, "A", "a"]
    await arrive(engine, "node", *keys)
    assert sorted(await present(engine)) == sorted(keys)
    await depart(engine, "node", *keys)
    assert await present(engine) == []


@pytest.mark.parametrize("key", ["", "x" * (MAX_KEY_LENGTH + 1)])
async def test_a_key_that_is_none(engine: PresenceEngine, key: str) -> None:
    await engine.begin("node", LONG)
    with pytest.raises(ValueError, match=f"has {len(key)}"):
        await engine.arrive("node", [Arrival("room", key, "{}")], capacity=MANY)


async def test_groups_know_nothing_of_each_other(engine: PresenceEngine) -> None:
    await arrive(engine, "node", "ann", group="a")
    await arrive(engine, "node", "ann", "bob", group="a.b")
    await depart(engine, "node", "ann")
    assert [await present(engine, group) for group in ("a", "a.b", "b")] == [["ann"], ["ann", "bob"], []]


async def test_several_groups_in_one_step(engine: PresenceEngine) -> None:
    await arrive(engine, "other", "ann", "bob", group="a")
    await engine.begin("node", LONG)
    places = [("a", "ann"), ("b", "bob"), ("c", "cem")]
    changes = await engine.arrive("node", [Arrival(*place, "{}") for place in places], capacity=MANY)
    assert changes is not None
    assert changes.keys() == {"b", "c"}
    await die(engine, "other")
    # The node keeps in a group whom it has let in there, and nobody else.
    assert (await engine.sweep()).keys() == {"a"}
    assert [await present(engine, group) for group in "abc"] == [["ann"], ["bob"], ["cem"]]
    assert (await engine.depart("node", [("a", "ann"), ("a", "bob"), ("b", "bob")], grace=0)).keys() == {"a", "b"}
    assert [await present(engine, group) for group in "abc"] == [[], [], ["cem"]]


async def test_whom_two_nodes_keep_is_there_until_both_let_go(engine: PresenceEngine) -> None:
    await arrive(engine, "one", "ann")
    assert await arrive(engine, "two", "ann") == {}
    assert await depart(engine, "one", "ann") == {}
    # A node lets go once, however often it says so.
    assert await depart(engine, "one", "ann") == {}
    assert await present(engine) == ["ann"]
    assert await depart(engine, "two", "ann", "ann") == {"room": EMPTY}


async def test_a_grace_runs_until_it_is_over(engine: PresenceEngine) -> None:
    await arrive(engine, "node", "ann", "bob")
    assert await depart(engine, "node", "ann", grace=0.2) == {}
    assert await engine.sweep() == {}
    assert await present(engine) == ["ann", "bob"]
    await asyncio.sleep(0.25)
    assert (await engine.sweep()).keys() == {"room"}
    assert await present(engine) == ["bob"]


async def test_who_comes_back_within_the_grace_was_never_away(engine: PresenceEngine) -> None:
    await arrive(engine, "one", "ann")
    assert await depart(engine, "one", "ann", grace=0.1) == {}
    assert await arrive(engine, "two", "ann") == {}
    await asyncio.sleep(0.15)
    assert await engine.sweep() == {}
    assert await present(engine) == ["ann"]
    # And leaves at once when that is meant.
    assert await depart(engine, "two", "ann") == {"room": EMPTY}


async def test_who_leaves_for_good_during_the_grace_is_gone(engine: PresenceEngine) -> None:
    await arrive(engine, "one", "ann")
    await depart(engine, "one", "ann", grace=LONG)
    await arrive(engine, "two", "ann")
    assert await depart(engine, "two", "ann") == {"room": EMPTY}
    await arrive(engine, "two", "ann")
    assert await engine.sweep() == {}


async def test_the_members_of_a_dead_node_are_gone(engine: PresenceEngine) -> None:
    await arrive(engine, "dead", "ann", "bob")
    await arrive(engine, "alive", "bob", "cem")
    await die(engine, "dead")
    assert (await engine.sweep()).keys() == {"room"}
    assert await present(engine) == ["bob", "cem"]
    assert await engine.sweep() == {}


async def test_a_heartbeat_keeps_a_node_alive_and_sweeps(engine: PresenceEngine) -> None:
    await arrive(engine, "dead", "ann")
    await arrive(engine, "alive", "bob")
    await die(engine, "alive")
    await die(engine, "dead")
    beat = await engine.beat("alive", LONG, ["room", "hall"])
    assert beat.is_known
    assert beat.changes.keys() == {"room"}
    assert beat.versions == {**beat.changes, "hall": EMPTY}
    assert await present(engine) == ["bob"]


async def test_a_heartbeat_may_leave_the_others_alone(engine: PresenceEngine) -> None:
    await arrive(engine, "dead", "ann")
    await arrive(engine, "alive", "bob", "cem")
    await depart(engine, "alive", "cem", grace=0.001)
    await die(engine, "dead")
    beat = await engine.beat("alive", LONG, ["room"], sweeps=False)
    # The grace of whom it had itself is over, and nothing else.
    assert beat.versions == beat.changes
    assert await present(engine) == ["ann", "bob"]


async def test_a_node_whose_lease_was_lost_learns_it(engine: PresenceEngine) -> None:
    assert await engine.arrive("node", [Arrival("room", "ann", "{}")], capacity=MANY) is None
    assert not (await engine.beat("node", LONG)).is_known
    assert await engine.depart("node", [("room", "ann")], grace=0) == {}
    assert await present(engine) == []
    await arrive(engine, "node", "ann")
    assert (await engine.beat("node", LONG)).is_known
    await die(engine, "node")
    await engine.sweep()
    assert not (await engine.beat("node", LONG)).is_known
    assert await engine.arrive("node", [Arrival("room", "ann", "{}")], capacity=MANY) is None


async def test_a_full_group_takes_no_more(engine: PresenceEngine) -> None:
    await engine.begin("node", LONG)
    arrivals = [Arrival("room", key, "{}") for key in ("ann", "bob", "cem", "ann")]
    await engine.arrive("node", arrivals, capacity=2)
    assert await present(engine) == ["ann", "bob"]
    await engine.arrive("node", [Arrival("hall", "cem", "{}")], capacity=2)
    assert await present(engine, "hall") == ["cem"]
    # Whoever was not let in has nothing to leave.
    assert await depart(engine, "node", "cem") == {}
    await depart(engine, "node", "bob")
    await engine.arrive("node", arrivals[2:3], capacity=2)
    assert await present(engine) == ["ann", "cem"]


async def test_of_many_at_once_some_are_swept(engine: PresenceEngine) -> None:
    count = SWEPT_AT_ONCE + 5
    await arrive(engine, "dead", *map(str, range(count)))
    await die(engine, "dead")
    assert (await engine.sweep()).keys() == {"room"}
    assert (await engine.attendance("room", limit=0)).count == 5
    assert await engine.sweep() == {"room": EMPTY}
    assert await engine.sweep() == {}


async def test_whoever_comes_back_while_its_members_are_swept_lets_all_of_them_in_again(engine: PresenceEngine) -> None:
    keys = [str(number) for number in range(SWEPT_AT_ONCE + 5)]
    await arrive(engine, "node", *keys)
    await die(engine, "node")
    await engine.sweep()
    assert not (await engine.beat("node", LONG)).is_known
    assert await engine.arrive("node", [Arrival("room", "ann", "{}")], capacity=MANY) is None
    await arrive(engine, "node", *keys)
    assert (await engine.beat("node", LONG)).is_known
    for _ in range(2):
        await engine.sweep()
    assert sorted(await present(engine)) == sorted(keys)
    await depart(engine, "node", *keys)
    await engine.sweep()
    assert await present(engine) == []


async def test_no_version_is_given_twice(engine: PresenceEngine) -> None:
    seen: set[int] = set()
    for _ in range(3):
        for changes in (await arrive(engine, "node", "ann"), await arrive(engine, "node", "bob")):
            assert seen.isdisjoint(changes.values())
            seen.update(changes.values())
        await depart(engine, "node", "ann", "bob")


async def test_another_process_sees_what_this_one_does(new_engine: Callable[[], PresenceEngine]) -> None:
    here, there = new_engine(), new_engine()
    changes = await arrive(here, "one", "ann")
    assert (await there.attendance("room", limit=9)).version == changes["room"]
    await arrive(there, "two", "bob")
    assert await present(here) == ["ann", "bob"]


async def test_many_at_once(engine: PresenceEngine) -> None:
    await engine.begin("node", LONG)
    await asyncio.gather(
        *(engine.arrive("node", [Arrival("room", f"{number}", "{}")], capacity=MANY) for number in range(40))
    )
    assert sorted(map(int, await present(engine))) == list(range(40))
    await asyncio.gather(*(depart(engine, "node", f"{number}") for number in range(40)))
    assert await present(engine) == []
