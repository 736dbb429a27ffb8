"""What only a database does: it keeps rows until somebody deletes them, and asks for them together."""

import asyncio

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chanx.history.database.models import (
    PresenceClock,
    PresenceGroup,
    PresenceHold,
    PresenceMember,
    PresenceNode,
)
from chanx.history.database.presence import DatabasePresence
from chanx.presence.base import Arrival

pytestmark = pytest.mark.django_db(transaction=True)


async def arrive(count: int) -> DatabasePresence:
    engine = DatabasePresence()
    await engine.begin("node", 60)
    await engine.arrive("node", [Arrival("room", f"{number}", "{}") for number in range(count)], capacity=999)
    return engine


async def test_no_row_is_left_behind() -> None:
    engine = await arrive(3)
    await engine.depart("node", [("room", "0")], grace=0)
    await engine.depart("node", [("room", "1")], grace=0.001)
    await engine.begin("node", 0.001)
    await asyncio.sleep(0.02)
    await engine.sweep()
    for model in (PresenceNode, PresenceGroup, PresenceMember, PresenceHold):
        assert await model.objects.acount() == 0
    assert await PresenceClock.objects.acount() == 1


def queries(count: int) -> int:
    """How many it takes for so many members to come and go."""
    with CaptureQueriesContext(connection) as captured:
        engine = DatabasePresence()
        async_to_sync(engine.begin)("node", 60)
        arrivals = [Arrival("room", f"{number}", "{}") for number in range(count)]
        async_to_sync(engine.arrive)("node", arrivals, capacity=999)
        async_to_sync(engine.depart)("node", [(each.group, each.key) for each in arrivals], grace=0)
    return len(captured)


async def test_many_take_no_more_queries_than_one() -> None:
    # The very first makes the row that all lock.
    _, one, many = [await sync_to_async(queries)(count) for count in (1, 1, 100)]
    assert one == many
