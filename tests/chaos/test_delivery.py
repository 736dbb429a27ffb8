"""Groups with a history lose nothing, or say what they have lost."""

import asyncio
import json
import os
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Literal

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.chaos.clients import LOSS
from tests.chaos.grounds import Ground, grounds
from tests.chaos.scene import ChaosServer, Scene, scene
from tests.chaos.service import publish

#: ``make chaos`` runs the full form.
FULL: Final = os.environ.get("CHAOS") == "full"

keeps_nothing = pytest.mark.parametrize("own_redis", [()], indirect=True, ids=["nothing kept"])

#: Where the history is shared by processes, and kept.
on_every_engine = pytest.mark.parametrize("ground", grounds("redis", "database"), indirect=True, ids=" and ".join)
#: In the short form the engine that most use stands for both.
in_full_on_every_engine = (
    on_every_engine if FULL else pytest.mark.parametrize("ground", grounds("redis"), indirect=True, ids=" and ".join)
)

Event = Callable[[], Awaitable[None]]


async def one_after_the_other(events: Sequence[Event], seconds: float) -> None:
    """Lets things happen, evenly over the time."""
    for event in events:
        await asyncio.sleep(seconds / (len(events) + 1))
        await event()


async def play(stage: Scene, count: int, events: Sequence[Event]) -> None:
    """Publishes 50 messages a second while things happen, and waits until all is quiet."""
    await asyncio.gather(stage.publish(count, rate=50), one_after_the_other(events, count / 50))
    await stage.settle()


def tell(stage: Scene, what: str) -> None:
    """For ``make chaos``: what was seen."""
    connections = sum(client.connections for client in stage.clients)
    print(
        f"{len(stage.clients)} clients, {stage.published} messages to each, {connections} connections; {what}: "
        "all delivered, once and in order"
    )


def heard_everything(stage: Scene) -> bool:
    assert stage.faults() == {}
    assert not any(LOSS in client.heard for client in stage.clients)
    return True


@on_every_engine
@pytest.mark.parametrize("clients", [20, 200] if FULL else [5])
async def test_case_53_kills_of_redis_and_of_servers_lose_nothing(ground: Ground, clients: int, tmp_path: Path) -> None:
    of_redis, of_servers, count = (10, 3, 1500) if FULL else (2, 1, 100)
    async with scene(tmp_path, ground, clients=clients) as stage:
        await play(stage, count, [stage.restart_redis] * of_redis + [stage.restart_server] * of_servers)
        assert heard_everything(stage)
        tell(stage, f"{ground}, {of_redis} kills of Redis, {of_servers} of servers")


@keeps_nothing
async def test_case_57_what_redis_forgets_is_told(ground: Ground, tmp_path: Path) -> None:
    of_redis, count = (10, 1500) if FULL else (1, 60)
    async with scene(tmp_path, ground, clients=20 if FULL else 3) as stage:
        await play(stage, count, [stage.restart_redis] * of_redis)
        # A loss that was told is none of the faults.
        assert stage.faults() == {}
        assert all(client.heard[-1] == count for client in stage.clients)


@pytest.mark.parametrize("ground", grounds("memory"), indirect=True, ids=" and ".join)
async def test_case_57_what_the_memory_of_a_server_forgets_is_told(ground: Ground, tmp_path: Path) -> None:
    async with scene(tmp_path, ground, clients=3, servers=1) as stage:
        await play(stage, 60, [stage.restart_server])
        assert stage.faults() == {}
        assert all(LOSS in client.heard and client.heard[-1] == 60 for client in stage.clients)


@in_full_on_every_engine
async def test_a_redis_that_is_frozen_loses_nothing(ground: Ground, tmp_path: Path) -> None:
    count = 600 if FULL else 60
    async with scene(tmp_path, ground, clients=20 if FULL else 3) as stage:
        await play(stage, count, [partial(stage.freeze_redis, 3.0 if FULL else 1.0)])
        assert heard_everything(stage)
        tell(stage, f"{ground}, Redis frozen")


@in_full_on_every_engine
async def test_a_rolling_restart_loses_nothing(ground: Ground, tmp_path: Path) -> None:
    count = 1000 if FULL else 100
    async with scene(tmp_path, ground, clients=200 if FULL else 5) as stage:
        await play(stage, count, [partial(stage.replace_server, number) for number in range(len(stage.servers))])
        assert heard_everything(stage)
        assert {1012} == {code for client in stage.clients for code in client.closes}
        tell(stage, f"{ground}, each server restarted by SIGTERM")


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"] if FULL else ["uvicorn"])
async def test_case_51_sigterm_sends_clients_to_another_process(
    kind: Literal["uvicorn", "daphne"], ground: Ground, tmp_path: Path
) -> None:
    """Each client of the one that ends is told so within ten seconds, goes to the other, and has missed nothing."""
    clients = 1000 if FULL else 30
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(clients * 4, 1024)), hard))
    async with scene(tmp_path, ground, clients=clients, kind=kind) as stage:
        ending, staying = stage.servers
        for client in stage.clients:
            client.urls = [staying.url]
        publishing = asyncio.create_task(stage.publish(60, rate=10))
        await asyncio.sleep(1)
        begun = time.monotonic()
        ending.process.terminate()
        await asyncio.to_thread(ending.process.wait, 10)
        seconds = time.monotonic() - begun
        await publishing
        await stage.settle(120)
        assert heard_everything(stage)
        told = [code for client in stage.clients for code in client.closes]
        assert len(told) > clients / 4
        assert set(told) == {4012 if kind == "daphne" else 1012}
        tell(stage, f"{ground}, {kind} with {len(told)} clients ended by SIGTERM in {seconds:.1f} s")


@in_full_on_every_engine
async def test_a_network_that_resets_connections_loses_nothing(ground: Ground, tmp_path: Path) -> None:
    count = 1000 if FULL else 60
    async with scene(tmp_path, ground, clients=20 if FULL else 5, flaky=True) as stage:
        await play(stage, count, [])
        assert heard_everything(stage)
        assert sum(client.connections for client in stage.clients) > len(stage.clients), "nothing was reset"
        tell(stage, f"{ground}, connections of clients reset and delayed")


async def test_case_60_a_publish_that_is_tried_again(ground: Ground, tmp_path: Path) -> None:
    async with scene(tmp_path, ground, clients=2, servers=1) as stage:
        for _ in range(3):
            await publish(1)
        stage.published = 1
        await stage.publish(1, rate=50)
        await stage.settle()
        assert [client.heard for client in stage.clients] == [[1, 2]] * 2


@keeps_nothing
async def test_case_52_redis_dead_while_connecting(ground: Ground, tmp_path: Path) -> None:
    server = ChaosServer(ground, tmp_path / "server.log")
    ground.redis.kill()
    try:
        async with connect(server.url) as socket:
            with suppress(ConnectionClosed):
                async for text in socket:
                    assert json.loads(text)["action"] == "authentication"
            assert socket.close_code == 1013
    finally:
        server.kill()
        ground.redis.start()
