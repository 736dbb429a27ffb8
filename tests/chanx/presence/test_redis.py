"""What only Redis does: it keeps keys until somebody deletes them, forgets when it restarts, and has a clock."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from chanx.history.redis import RedisHistory
from chanx.presence.base import Arrival, PresenceEngine
from chanx.presence.redis import RedisPresence
from tests.servers import RedisServer


async def arrive(engine: PresenceEngine, node: str, *keys: str) -> None:
    await engine.begin(node, 60)
    await engine.arrive(node, [Arrival("room", key, "{}") for key in keys], capacity=9)


async def test_no_key_is_left_behind(redis: RedisServer) -> None:
    async with Redis.from_url(redis.url) as client:
        engine = RedisPresence(lambda: client, prefix="left")
        await arrive(engine, "node", "ann", "bob", "cem")
        await engine.depart("node", [("room", "ann")], grace=0)
        await engine.depart("node", [("room", "bob")], grace=0.001)
        await engine.begin("node", 0.001)
        await asyncio.sleep(0.02)
        await engine.sweep()
        # The last version: none is given twice.
        assert await client.keys("left:*") == [b"left:version"]


async def test_the_history_and_presence_of_a_group_do_not_meet(redis: RedisServer) -> None:
    history = RedisHistory(redis.url, prefix="both")
    presence = history.presence()
    begin = await history.position("room")
    await arrive(presence, "node", "ann")
    assert await history.position("room") == begin
    assert history.is_open()
    await history.close()
    # Presence has no connections of its own.
    assert not history.is_open()


async def test_texts_that_redis_has_decoded(redis: RedisServer) -> None:
    async with Redis.from_url(redis.url, decode_responses=True) as client:
        engine = RedisPresence(lambda: client, prefix="decoded")
        await arrive(engine, "node", "é")
        beat = await engine.beat("node", 60, ["room"])
        assert beat.is_known
        found = await engine.attendance("room", limit=9)
        assert [member.key for member in found.members] == ["é"]
        assert beat.versions == {"room": found.version}


async def test_scripts_that_are_run_again_count_once(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a client does that has lost its connection before the answer came."""
    call = AsyncScript.__call__

    async def twice(self: AsyncScript, **kwargs: Any) -> Any:
        await call(self, **kwargs)
        return await call(self, **kwargs)

    monkeypatch.setattr(AsyncScript, "__call__", twice)
    async with Redis.from_url(redis.url) as client:
        engine = RedisPresence(lambda: client, prefix="twice")
        assert not (await engine.beat("one", 60)).is_known
        await arrive(engine, "one", "ann")
        await arrive(engine, "two", "ann")
        await engine.depart("one", [("room", "ann")], grace=0)
        assert (await engine.attendance("room", limit=9)).count == 1
        await engine.depart("two", [("room", "ann")], grace=0)
        assert (await engine.attendance("room", limit=9)).count == 0


async def test_a_redis_that_has_forgotten_says_so(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as own:
        history = RedisHistory(own.url)
        engine = history.presence()
        await arrive(engine, "node", "ann")
        own.kill()
        own.start()
        assert await engine.arrive("node", [Arrival("room", "bob", "{}")], capacity=9) is None
        assert not (await engine.beat("node", 60)).is_known
        assert (await engine.attendance("room", limit=9)).count == 0
        await history.close()
