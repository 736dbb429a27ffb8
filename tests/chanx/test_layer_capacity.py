"""A layer that drops messages is heard."""

import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
from channels_redis.core import RedisChannelLayer

from chanx.layer_capacity import OverCapacityFilter, hear_of_dropped_messages
from tests.chanx.support import records
from tests.servers import RedisServer

QUIET: Final = logging.getLogger("channels_redis.core")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """The logger as Python makes it, and as it was."""
    level, filters = QUIET.level, QUIET.filters
    QUIET.setLevel(logging.NOTSET)
    QUIET.filters = []
    yield
    QUIET.setLevel(level)
    QUIET.filters = filters


async def overflow(redis: RedisServer, messages: int) -> None:
    layer: Any = RedisChannelLayer(hosts=[redis.url], capacity=3, prefix=f"full{id(object())}")
    channel = await layer.new_channel()
    await layer.group_add("crowd", channel)
    for number in range(messages):
        await layer.group_send("crowd", {"type": "news", "number": number})
    await layer.close_pools()


def test_it_is_heard_from_the_start() -> None:
    from django.apps import apps

    apps.get_app_config("chanx").ready()
    assert [type(each) for each in QUIET.filters] == [OverCapacityFilter]


async def test_what_the_layer_drops_is_told_once(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    hear_of_dropped_messages()
    hear_of_dropped_messages()
    await overflow(redis, 3)
    assert records(caplog, "WARNING") == []
    await overflow(redis, 6)
    (told,) = records(caplog, "WARNING")
    assert told.startswith("The channel layer drops messages: 1 of 1 channels over capacity in group crowd. More wait")
    # What channels_redis says itself is as quiet as ever.
    assert [record for record in caplog.records if record.name == QUIET.name] == []


async def test_it_is_told_again_after_a_minute(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chanx.layer_capacity._INTERVAL", 0.0)
    hear_of_dropped_messages()
    await overflow(redis, 5)
    assert len(records(caplog, "WARNING")) == 2


async def test_who_has_chosen_a_level_hears_that(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    QUIET.setLevel(logging.ERROR)
    hear_of_dropped_messages()
    await overflow(redis, 5)
    assert (QUIET.level, QUIET.filters) == (logging.ERROR, [])
    assert records(caplog, "WARNING") == []
