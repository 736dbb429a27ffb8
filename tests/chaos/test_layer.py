"""Groups without a history, on a layer that fails: whoever is connected stays so, and hears again.

What is sent while the layer is away is lost, as Channels has it; nobody is deaf afterwards.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_django import Settings
from redis.exceptions import RedisError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.chaos.grounds import Ground
from tests.chaos.numbers import Number
from tests.chaos.scene import ChaosServer
from tests.chaos.service import BELLS, GROUP, Bell, Tick, Ticker

#: Both are cheap here, and the Redis keeps nothing.
pytestmark = pytest.mark.parametrize(
    ("ground", "own_redis"),
    [(("redis", "redis"), ()), (("redis+pubsub", "redis"), ())],
    indirect=True,
    ids=["core", "pubsub"],
)

#: Looks for messages that do not arrive each second, instead of each ten.
_HURRIED: Final = {"CHAOS_CHECK_INTERVAL": "1"}


@asynccontextmanager
async def served(
    ground: Ground, tmp_path: Path, environment: Mapping[str, str] = _HURRIED
) -> AsyncGenerator[ChaosServer]:
    server = ChaosServer(replace(ground, extra=environment), tmp_path / "server.log")
    try:
        yield server
    finally:
        server.kill()


async def hear(socket: ClientConnection, action: str) -> Any:
    """The payload of the next frame of a kind."""
    while (frame := json.loads(await socket.recv()))["action"] != action:
        pass
    return frame["payload"]


async def hears_again(socket: ClientConnection) -> None:
    """Rings until one is heard, on the connection that is there."""
    async with asyncio.timeout(40):
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    with suppress(RedisError):
                        await Bell.apublish(BELLS, Tick(payload=Number(number=1)))
                    async with asyncio.timeout(0.2):
                        await hear(socket, "tick")
                        return


#: Members by the hub, and by a name of their own.
BY_HUB_AND_BY_NAME: Final = pytest.mark.parametrize("name", ["bell", "named"])


@BY_HUB_AND_BY_NAME
async def test_who_is_connected_hears_again_when_redis_has_forgotten_all(
    name: str, ground: Ground, tmp_path: Path
) -> None:
    async with served(ground, tmp_path) as server, connect(server.address(name)) as socket:
        await hear(socket, "authentication")
        await hears_again(socket)
        for _ in range(2):
            ground.redis.kill()
            await asyncio.sleep(0.5)
            await asyncio.to_thread(ground.redis.start)
            await hears_again(socket)


async def test_who_is_connected_hears_again_when_redis_was_frozen(ground: Ground, tmp_path: Path) -> None:
    async with served(ground, tmp_path) as server, connect(server.address("bell")) as socket:
        await hear(socket, "authentication")
        ground.redis.pause()
        await asyncio.sleep(2)
        ground.redis.resume()
        await hears_again(socket)


@BY_HUB_AND_BY_NAME
async def test_a_membership_outlives_the_expiry_of_groups(
    name: str, ground: Ground, settings: Settings, tmp_path: Path
) -> None:
    expiry = 4
    if ground.layer == "redis":
        # Whoever sends forgets what is too old.
        layers = settings.CHANNEL_LAYERS
        config = {**layers["default"]["CONFIG"], "group_expiry": expiry}
        settings.CHANNEL_LAYERS = {"default": {**layers["default"], "CONFIG": config}}
    environment = {**_HURRIED, "CHAOS_GROUP_EXPIRY": str(expiry)}
    async with served(ground, tmp_path, environment) as server, connect(server.address(name)) as socket:
        await hear(socket, "authentication")
        for _ in range(3):
            await asyncio.sleep(expiry * 0.75)
            await Bell.apublish(BELLS, Tick(payload=Number(number=1)))
            async with asyncio.timeout(10):
                await hear(socket, "tick")


async def test_whoever_publishes_in_vain_is_told(ground: Ground, tmp_path: Path) -> None:
    async with served(ground, tmp_path) as server, connect(server.address("bell")) as socket:
        await hear(socket, "authentication")
        ground.redis.kill()
        try:
            tick = Tick(payload=Number(number=1))
            for consumer, group in ((Bell, BELLS), (Ticker, GROUP)):
                with pytest.raises(Exception, match=r"[Cc]onnect"):
                    await consumer.apublish(group, tick)
            await socket.send(json.dumps({"action": "publish", "payload": {"number": 1}}))
            async with asyncio.timeout(30):
                failure = await hear(socket, "error")
            assert failure["code"] == "handler_failed"
        finally:
            await asyncio.to_thread(ground.redis.start)
        await hears_again(socket)
        await socket.send(json.dumps({"action": "publish", "payload": {"number": 1}}))
        async with asyncio.timeout(10):
            await hear(socket, "published")


@pytest.mark.parametrize("name", ["bell", "named", "chaos"])
async def test_case_52_who_connects_meanwhile_is_told_to_come_back(name: str, ground: Ground, tmp_path: Path) -> None:
    async with served(ground, tmp_path) as server:
        ground.redis.kill()
        try:
            async with connect(server.address(name)) as socket:
                with suppress(ConnectionClosed):
                    assert (await hear(socket, "authentication"))["status_code"] == 200
                    await socket.recv()
                assert socket.close_code == 1013
        finally:
            await asyncio.to_thread(ground.redis.start)
