"""A Redis that a test may kill, and what stands on it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from pytest_django import DjangoDbBlocker, Settings

from chanx.history.engines import engine_beside
from config.channel_layers import channel_layers
from tests.chaos.grounds import KEPT, Ground, forget_connection, grounds, own_database
from tests.servers import RedisServer


@pytest.fixture
def own_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    """Keeps each command, unless a parameter says otherwise."""
    with RedisServer(tmp_path, *getattr(request, "param", KEPT)) as server:
        yield server


@pytest.fixture(params=grounds("redis"), ids=" and ".join)
def ground(
    request: pytest.FixtureRequest,
    own_redis: RedisServer,
    settings: Settings,
    tmp_path: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Ground]:
    """The channel layer and the history of the servers, and of this process, which publishes."""
    layer, engine = request.param
    made = Ground(own_redis, layer, engine, tmp_path / "history.sqlite3")
    settings.CHANNEL_LAYERS = channel_layers(made.layer_url)
    settings.CHANX = {**settings.CHANX, "HISTORY": made.setting()}
    with ExitStack() as stack:
        if engine == "database":
            stack.enter_context(django_db_blocker.unblock())
            stack.enter_context(own_database(made.file))
        yield made


@pytest.fixture(autouse=True)
async def _closed(ground: Ground) -> AsyncIterator[None]:
    """Nothing of this process is connected any more."""
    yield
    used: Any = get_channel_layer()
    await engine_beside(used).close()
    # The two layers have different names for it.
    await getattr(used, "close_pools", used.flush)()
    if ground.engine == "database":
        await database_sync_to_async(forget_connection)()
