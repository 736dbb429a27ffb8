"""A Redis that a test may kill, and the channel layer in it."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from channels.layers import get_channel_layer
from pytest_django import Settings

from chanx.history.engines import engine_beside
from config.channel_layers import channel_layers
from tests.servers import RedisServer

#: How a Redis keeps each command before it answers.
KEPT: Final = ("--appendonly", "yes", "--appendfsync", "always")
#: ``make chaos`` runs the full form: over both layers of Redis.
LAYERS: Final = ("redis", "redis+pubsub") if os.environ.get("CHAOS") == "full" else ("redis",)


@pytest.fixture
def own_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    """Keeps each command, unless a parameter says otherwise."""
    with RedisServer(tmp_path, *getattr(request, "param", KEPT)) as server:
        yield server


@pytest.fixture(params=LAYERS)
async def layer(request: pytest.FixtureRequest, own_redis: RedisServer, settings: Settings) -> AsyncIterator[str]:
    """The channel layer of the servers, and of this process, which publishes."""
    settings.CHANNEL_LAYERS = channel_layers(f"{request.param}://127.0.0.1:{own_redis.port}/0")
    yield request.param
    used: Any = get_channel_layer()
    await engine_beside(used).close()
    # The two layers have different names for it.
    await getattr(used, "close_pools", used.flush)()
