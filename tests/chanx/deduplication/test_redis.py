"""What only Redis does: it goes away, and comes back with what it has kept."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chanx.deduplication.base import Claim, Ledger, Limits, Request, Standing
from chanx.history.redis import RedisHistory
from tests.servers import RedisServer

LIMITS = Limits(window=60, requests=10, size=100)
POST = Request("alice", "n:1", "d")
ALWAYS = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def own_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that this test alone may kill; the parameter is how it keeps its data."""
    with RedisServer(tmp_path, *request.param) as server:
        yield server


@pytest.fixture
async def ledger(own_redis: RedisServer) -> AsyncIterator[Ledger]:
    engine = RedisHistory(own_redis.url)
    yield engine.ledger()
    await engine.close()


def restart(server: RedisServer) -> None:
    server.kill()
    server.start()


@pytest.mark.parametrize("own_redis", [ALWAYS], indirect=True, ids=["each command kept"])
async def test_when_each_command_is_kept_a_kill_loses_nothing(own_redis: RedisServer, ledger: Ledger) -> None:
    epoch = await ledger.epoch()
    assert (await ledger.claim(POST, "me", LIMITS)).standing is Standing.NEW
    restart(own_redis)
    assert (await ledger.claim(POST, "other", LIMITS)).standing is Standing.RUNNING
    await ledger.finish(POST, "me", LIMITS, "[1]")
    restart(own_redis)
    assert await ledger.claim(POST, "other", LIMITS) == Claim(Standing.DONE, "[1]")
    assert await ledger.epoch() == epoch
    never = Request("alice", "n:2", "d", known_since=epoch)
    assert (await ledger.claim(never, "me", LIMITS)).standing is Standing.NEW


@pytest.mark.parametrize("own_redis", [(), ("--appendonly", "yes")], indirect=True, ids=["nothing", "each second"])
async def test_a_redis_that_may_have_forgotten_says_so(own_redis: RedisServer, ledger: Ledger) -> None:
    epoch = await ledger.epoch()
    assert (await ledger.claim(POST, "me", LIMITS)).standing is Standing.NEW
    await ledger.finish(POST, "me", LIMITS, "[1]")
    restart(own_redis)
    repeat = replace(POST, known_since=epoch)
    found = await ledger.claim(repeat, "other", LIMITS)
    # What is still there is true; but of what is not there, nobody knows.
    assert found in (Claim(Standing.DONE, "[1]"), Claim(Standing.UNKNOWN), Claim(Standing.RUNNING))
    assert (await ledger.claim(replace(repeat, id="n:2"), "other", LIMITS)).standing is Standing.UNKNOWN
    assert await ledger.epoch() != epoch
    assert (await ledger.claim(replace(POST, id="n:2"), "other", LIMITS)).standing is Standing.NEW


@pytest.mark.parametrize("own_redis", [()], indirect=True)
async def test_a_redis_that_was_emptied_says_so(own_redis: RedisServer, ledger: Ledger) -> None:
    epoch = await ledger.epoch()
    async with Redis.from_url(own_redis.url) as client:
        await client.flushall()
    assert (await ledger.claim(replace(POST, known_since=epoch), "me", LIMITS)).standing is Standing.UNKNOWN


@pytest.mark.parametrize("own_redis", [()], indirect=True)
async def test_nothing_of_a_client_stays_for_ever(own_redis: RedisServer, ledger: Ledger) -> None:
    for number in range(3):
        request = Request("alice", f"n:{number}", "d")
        await ledger.claim(request, "me", LIMITS)
        await ledger.finish(request, "me", LIMITS, "x" * 60)
    async with Redis.from_url(own_redis.url) as client:
        keys = [key async for key in client.scan_iter("*:alice")]
        assert len(keys) == 4
        for key in keys:
            assert 0 < await client.pttl(key) <= 60_000
        # Of three times 60 bytes, one fits; and it is counted right.
        (replies,) = [key for key in keys if b":replies:" in key]
        assert await client.hgetall(replies) == {b"": b"60", b"n:2": b"x" * 60}


@pytest.mark.parametrize("own_redis", [()], indirect=True)
@pytest.mark.parametrize("kind", ["states", "ends", "replies", "replied"])
async def test_a_redis_that_evicts_a_key_goes_on(own_redis: RedisServer, ledger: Ledger, kind: str) -> None:
    """As with maxmemory-policy volatile-…, which delivery.md warns about."""
    requests = [Request("alice", f"n:{number}", "d") for number in range(4)]
    async with Redis.from_url(own_redis.url) as client:
        for request in requests:
            assert (await ledger.claim(request, "me", LIMITS)).standing is Standing.NEW
            await ledger.finish(request, "me", LIMITS, "x" * 60)
            await client.delete(f"chanx:history:requests:{kind}:alice")
    found = [(await ledger.claim(request, "other", LIMITS)).standing for request in requests]
    assert set(found) <= {Standing.NEW, Standing.DONE, Standing.FORGOTTEN}
