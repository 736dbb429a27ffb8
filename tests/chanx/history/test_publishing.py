"""A message goes into the history first, and then through the layer."""

import json
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, get_channel_layer

from chanx.history.base import Bounds, Entry, Position
from chanx.history.engines import engine_beside
from chanx.history.publishing import publish

WIDE = Bounds(size=9, ttl=60)
EVENT = {"type": "send_group_member", "content": {"action": "news"}}


@pytest.fixture
async def layer() -> InMemoryChannelLayer:
    found = get_channel_layer()
    assert isinstance(found, InMemoryChannelLayer)
    await found.group_add("room", "member!1")
    return found


async def test_the_layer_carries_the_place(layer: InMemoryChannelLayer) -> None:
    await publish(layer, "room", EVENT, WIDE)
    position = await engine_beside(layer).position("room")
    assert await layer.receive("member!1") == {**EVENT, "epoch": position.epoch, "seq": 1}


async def test_a_key_that_was_there_wakes_nobody(layer: InMemoryChannelLayer) -> None:
    for _ in range(2):
        await publish(layer, "room", EVENT, WIDE, key="one")
    await layer.receive("member!1")
    assert "member!1" not in layer.channels


async def test_a_layer_that_is_away_is_no_failure(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*args: Any) -> None:
        raise ConnectionError("away")

    with monkeypatch.context() as broken:
        broken.setattr(layer, "group_send", away)
        for _ in range(2):
            await publish(layer, "room", EVENT, WIDE)
    engine = engine_beside(layer)
    epoch = (await engine.position("room")).epoch
    missed = await engine.since("room", Position(epoch, 0), limit=9)
    body = json.dumps(EVENT, separators=(",", ":"))
    assert missed.entries == (Entry(1, body), Entry(2, body))
    await publish(layer, "room", EVENT, WIDE)
    # An outage is told once, however many publish meanwhile.
    fails, answers = [record.getMessage() for record in caplog.records]
    assert (fails.endswith("fails; it is asked again"), answers.endswith("answers again")) == (True, True)


async def test_a_history_that_is_away_is_one(layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(engine_beside(layer), "append", away)
    with pytest.raises(ConnectionError, match="away"):
        await publish(layer, "room", EVENT, WIDE)
    assert "member!1" not in layer.channels
