"""What only the memory of a process does: it is all in one place, and nothing is left behind."""

from chanx.presence.base import Arrival
from chanx.presence.memory import MemoryPresence


async def test_what_is_over_takes_no_memory() -> None:
    engine = MemoryPresence()
    await engine.begin("node", 60)
    await engine.arrive("node", [Arrival("room", "ann", "{}"), Arrival("hall", "ann", "{}")], capacity=9)
    await engine.depart("node", [("room", "ann")], grace=0)
    await engine.depart("node", [("hall", "ann")], grace=0.000001)
    await engine.begin("node", -1)
    await engine.sweep()
    kept = vars(engine)
    assert {name: kept[name] for name in ("_groups", "_nodes", "_leaving")} == {
        "_groups": {},
        "_nodes": {},
        "_leaving": {},
    }
