"""Who is live gets each message as it comes; who catches up reads until it has reached those."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.layers import get_channel_layer

from chanx.history.base import Bounds, Gap, Position
from chanx.history.memory import MemoryHistory
from chanx.history.publishing import publish
from chanx.history.room import HistoryHub, HistoryRoom
from chanx.hub import Audience, Relay
from tests.chanx.test_hub import Consumer, Renderer, news

WIDE = Bounds(size=500, ttl=60)


class Loser:
    """Told of losses."""

    def __init__(self) -> None:
        self.losses: list[tuple[str, Gap]] = []

    def on_loss(self, group: str, position: Position, gap: Gap) -> None:
        self.losses.append((group, gap))


async def heard(room: HistoryRoom, member: Any, position: Position) -> AsyncIterator[Any]:
    async for found in room.missed(member, position):
        yield found.event["seq"] if isinstance(found, Relay) else found


@pytest.fixture
def layer() -> Any:
    return get_channel_layer()


async def joined(layer: Any, consumer: Consumer, *, is_live: bool = True) -> tuple[HistoryRoom, Position]:
    hub = HistoryHub.of(layer)
    await hub.join("room", consumer.member)
    room = hub.room("room")
    assert room is not None
    return room, room.subscribe(consumer.member, Loser(), is_live=is_live)


async def test_catching_up_goes_on_until_those_who_are_live_are_reached(layer: Any) -> None:
    consumer = Consumer(Audience(Renderer(), takes_text=True, shares_messages=True))
    room, begin = await joined(layer, consumer, is_live=False)
    for number in range(3):
        await publish(layer, "room", news(str(number)), WIDE)
    seen: list[Any] = []
    async for seq in heard(room, consumer.member, begin):
        seen.append(seq)
        if len(seen) < 10:
            # While it reads, more is published.
            await publish(layer, "room", news("more"), WIDE)
    assert seen == list(range(1, 13))
    assert room.subscriptions[consumer.member].is_live
    await HistoryHub.of(layer).leave("room", consumer.member)
    assert HistoryHub.of(layer).room("room") is None


async def test_who_leaves_reads_no_more(layer: Any) -> None:
    consumer = Consumer(Audience(Renderer(), takes_text=True, shares_messages=True))
    room, begin = await joined(layer, consumer, is_live=False)
    engine = room.engine
    assert isinstance(engine, MemoryHistory)
    for number in range(300):
        await engine.append("room", json.dumps(news(str(number))), WIDE)
    seen = 0
    async for _ in heard(room, consumer.member, begin):
        seen += 1
        if seen == 1:
            await HistoryHub.of(layer).leave("room", consumer.member)
    # Nothing of the page that was read already either.
    assert seen == 1
