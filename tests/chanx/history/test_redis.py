"""What only Redis does: it goes away, and comes back with what it has kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as RedisConnectionError

from chanx.history.base import Bounds, Entry, Gap, Missed, Position
from chanx.history.redis import RedisHistory
from tests.servers import RedisServer

WIDE = Bounds(size=100, ttl=60)


@pytest.fixture
def own_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that this test alone may kill; the parameter is how it keeps its data."""
    with RedisServer(tmp_path, *request.param) as server:
        yield server


in_memory = pytest.mark.parametrize("own_redis", [()], indirect=True, ids=["nothing kept"])
always = pytest.mark.parametrize(
    "own_redis", [("--appendonly", "yes", "--appendfsync", "always")], indirect=True, ids=["each command kept"]
)
not_all = pytest.mark.parametrize(
    "own_redis",
    [("--save", "3600 1"), ("--appendonly", "yes"), ("--rename-command", "CONFIG", "", "--appendonly", "yes")],
    indirect=True,
    ids=["snapshots", "append-only file", "no CONFIG"],
)


async def save(server: RedisServer) -> None:
    """Has Redis write a snapshot."""
    async with Redis.from_url(server.url) as client:
        await client.save()


@always
async def test_when_each_command_is_kept_a_kill_loses_nothing(own_redis: RedisServer) -> None:
    engine = RedisHistory(own_redis.url)
    begin = await engine.position("room")
    for number in (1, 2, 3):
        assert (await engine.append("room", str(number), WIDE)).position == Position(begin.epoch, number)
        own_redis.kill()
        own_redis.start()
    missed = await engine.since("room", begin, limit=9)
    assert missed == Missed(Position(begin.epoch, 3), (Entry(1, "1"), Entry(2, "2"), Entry(3, "3")))
    await engine.close()


@in_memory
async def test_without_persistence_a_restart_begins_anew(own_redis: RedisServer) -> None:
    engine = RedisHistory(own_redis.url)
    last = (await engine.append("room", "a", WIDE)).position
    own_redis.kill()
    own_redis.start()
    assert (await engine.since("room", last, limit=9)).gap is Gap.EPOCH
    await engine.close()


@not_all
async def test_an_older_state_never_passes_for_the_newest(own_redis: RedisServer) -> None:
    """Redis comes back with less than it had told, and gives the same offsets to other messages."""
    engine, other = RedisHistory(own_redis.url), RedisHistory(own_redis.url)
    await engine.append("room", "kept", WIDE)
    await save(own_redis)
    last = (await engine.append("room", "forgotten", WIDE)).position
    assert await other.position("room") == last
    own_redis.kill()
    own_redis.start()
    again = [(await other.append("room", body, WIDE)).position for body in ("new", "newer", "newest")]
    missed = await engine.since("room", last, limit=9)
    assert missed.gap is Gap.EPOCH
    assert missed.position == again[-1]
    await engine.close()
    await other.close()


@in_memory
async def test_while_redis_is_away_the_caller_hears_of_it(own_redis: RedisServer) -> None:
    engine = RedisHistory(own_redis.url)
    await engine.position("room")
    own_redis.kill()
    with pytest.raises(RedisConnectionError):
        await engine.append("room", "a", WIDE)
    await engine.close()


@in_memory
async def test_a_script_that_is_run_again_appends_once(own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a client does that has lost its connection before the answer came."""
    engine = RedisHistory(own_redis.url)
    begin = await engine.position("room")
    call, calls = AsyncScript.__call__, 0

    async def twice(self: AsyncScript, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        await call(self, **kwargs)
        return await call(self, **kwargs)

    monkeypatch.setattr(AsyncScript, "__call__", twice)
    appended = await engine.append("room", "a", WIDE)
    assert calls == 1
    assert appended.position == await engine.position("room") == Position(begin.epoch, 1)
    await engine.close()


@in_memory
def test_each_event_loop_has_connections_of_its_own(own_redis: RedisServer) -> None:
    engine = RedisHistory(own_redis.url)

    async def append() -> Position:
        try:
            return (await engine.append("room", "a", WIDE)).position
        finally:
            await engine.close()

    assert [asyncio.run(append()).seq for _ in range(3)] == [1, 2, 3]


async def test_any_number_may_ask_at_once(redis: RedisServer) -> None:
    """As when a server has ended, and all of its clients come to another one."""
    engine = RedisHistory(redis.url, prefix="crowd")
    async with Redis.from_url(redis.url) as client:
        others = {each["id"] for each in await client.client_list()}
        try:
            begin = await engine.position("room")
            found = await asyncio.gather(*(engine.since("room", begin, limit=1) for _ in range(500)))
            mine = {each["id"] for each in await client.client_list() if each["cmd"] == "evalsha"} - others
        finally:
            await engine.close()
    assert {missed.position for missed in found} == {begin}
    assert 0 < len(mine) <= 20
