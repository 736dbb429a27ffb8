"""Who is in a group: true within a bounded time, whatever happens to the processes and to Redis."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.chaos.grounds import Ground, grounds
from tests.chaos.scene import ChaosServer
from tests.chaos.service import PRESENCE, Lounge

#: ``make chaos`` runs the full form.
FULL: Final = os.environ.get("CHAOS") == "full"

LEASE: Final = PRESENCE.ttl
#: The lease, the time between two heartbeats, an interval, and what a busy machine takes besides.
GONE_WITHIN: Final = LEASE + LEASE / 3 + PRESENCE.interval + 5

keeps_nothing = pytest.mark.parametrize("own_redis", [()], indirect=True, ids=["nothing kept"])
everywhere = pytest.mark.parametrize("ground", grounds("redis", "database"), indirect=True, ids=" and ".join)


@dataclass
class Guest:
    """A client that follows who is in the lounge."""

    socket: ClientConnection
    present: dict[str, str] = field(default_factory=dict[str, str])
    count: int = -1
    #: Names, as they were told to come (+) and to go (-).
    told: list[str] = field(default_factory=list[str])
    follower: "asyncio.Task[None] | None" = None

    @property
    def names(self) -> list[str]:
        return sorted(self.present.values())

    async def follow(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                payload: dict[str, Any] = frame["payload"]
                if frame["action"] == "presence":
                    self.present = {each["id"]: each["info"]["name"] for each in payload["members"]}
                elif frame["action"] == "presence_changed":
                    self.told += [f"-{self.present.pop(each)}" for each in payload["left"]]
                    self.told += [f"+{each['info']['name']}" for each in payload["joined"]]
                    self.present |= {each["id"]: each["info"]["name"] for each in payload["joined"]}
                self.count = payload.get("count", self.count)

    async def sees(self, *names: str, within: float = 10) -> float:
        """Waits until these are there; returns how long it took."""
        began = time.monotonic()
        while self.names != sorted(names):
            assert time.monotonic() - began < within, (self.names, self.told)
            await asyncio.sleep(0.02)
        assert self.count == len(names)
        return time.monotonic() - began

    async def leave(self, code: int = 1000) -> None:
        await self.socket.close(code)


@dataclass
class Lobby:
    """Two servers, and whoever connects to them."""

    servers: list[ChaosServer]
    stack: AsyncExitStack

    async def enter(self, name: str, server: int) -> Guest:
        address = self.servers[server].address(f"lounge/{name}")
        guest = Guest(await self.stack.enter_async_context(connect(address, open_timeout=10)))
        guest.follower = asyncio.create_task(guest.follow())
        self.stack.callback(guest.follower.cancel)
        return guest


@pytest.fixture
async def lobby(ground: Ground, tmp_path: Any) -> AsyncIterator[Lobby]:
    async with AsyncExitStack() as stack:
        servers = [ChaosServer(ground, tmp_path / f"server-{number}.log") for number in range(2)]
        for server in servers:
            stack.callback(server.kill)
        yield Lobby(servers, stack)


@everywhere
async def test_the_members_of_a_killed_process_are_gone_in_time(lobby: Lobby) -> None:
    ann = await lobby.enter("ann", 0)
    others = [await lobby.enter(name, 1) for name in ("bob", "cem", "dia")]
    for guest in (ann, *others):
        await guest.sees("ann", "bob", "cem", "dia")
    lobby.servers[1].kill()
    # One comes back to another process in time: it was never away.
    back = await lobby.enter("bob", 0)
    await back.sees("ann", "bob", "cem", "dia")
    took = await ann.sees("ann", "bob", within=GONE_WITHIN)
    assert took > LEASE / 2, "it was not the lease that has ended them"
    assert sorted(each for each in ann.told if each.startswith("-")) == ["-cem", "-dia"]
    assert "+bob" not in ann.told[ann.told.index("-cem") :]
    present = await Lounge.apresent("lounge")
    assert sorted(member.info.name for member in present.members) == ["ann", "bob"]


async def test_a_page_that_is_reloaded_is_quiet(lobby: Lobby) -> None:
    ann, bob = await lobby.enter("ann", 0), await lobby.enter("bob", 1)
    await ann.sees("ann", "bob")
    ann.told.clear()
    for number in range(5):
        await bob.leave(1001)
        bob = await lobby.enter("bob", number % 2)
        await bob.sees("ann", "bob")
    await asyncio.sleep(PRESENCE.grace + 1)
    assert ann.told == []
    await bob.leave()
    await ann.sees("ann")


async def test_a_server_that_is_restarted_is_quiet_for_who_comes_back(lobby: Lobby) -> None:
    ann, bob, cem = [await lobby.enter(*each) for each in (("ann", 0), ("bob", 1), ("cem", 1))]
    await ann.sees("ann", "bob", "cem")
    ann.told.clear()
    lobby.servers[1].process.terminate()
    await bob.socket.wait_closed()
    await cem.socket.wait_closed()
    assert bob.socket.close_code == 1012
    await (await lobby.enter("bob", 0)).sees("ann", "bob", "cem")
    # Whoever does not come back is gone when the grace is over, though the process that gave it has ended.
    await asyncio.to_thread(lobby.servers[1].process.wait, 15)
    await ann.sees("ann", "bob", within=GONE_WITHIN)
    assert ann.told == ["-cem"]


@keeps_nothing
async def test_a_redis_that_forgets_everybody_is_not_noticed(lobby: Lobby, ground: Ground) -> None:
    ann, bob = await lobby.enter("ann", 0), await lobby.enter("bob", 1)
    for guest in (ann, bob):
        await guest.sees("ann", "bob")
        guest.told.clear()
    ground.redis.kill()
    await asyncio.to_thread(ground.redis.start)
    began = time.monotonic()
    while (await Lounge.apresent("lounge")).count != 2:
        assert time.monotonic() - began < 3 * GONE_WITHIN
        await asyncio.sleep(0.1)
    cem = await lobby.enter("cem", 0)
    for guest in (ann, bob, cem):
        await guest.sees("ann", "bob", "cem", within=2 * GONE_WITHIN)
    assert (ann.told, bob.told) == (["+cem"], ["+cem"])


async def test_a_crowd(lobby: Lobby) -> None:
    """Each is told a few times how many there are, not once for each of the others."""
    size = 1000 if FULL else 150
    ann = await lobby.enter("ann", 0)
    await ann.sees("ann")
    frames = 0

    async def count() -> None:
        nonlocal frames
        last = ann.count
        while True:
            await asyncio.sleep(0.01)
            if ann.count != last:
                frames, last = frames + 1, ann.count

    counting = asyncio.create_task(count())
    began = time.monotonic()
    for first in range(0, size, 50):
        await asyncio.gather(*(lobby.enter(f"guest-{number}", number % 2) for number in range(first, first + 50)))
    while ann.count != size + 1:
        assert time.monotonic() - began < 60
        await asyncio.sleep(0.05)
    counting.cancel()
    took = time.monotonic() - began
    assert frames <= took / PRESENCE.interval + 2
    assert (await Lounge.apresent("lounge", limit=2000)).count == size + 1
    print(f"{size} guests came within {took:.1f} s; the first one was told so by {frames} frames")
    lobby.servers[1].kill()
    began = time.monotonic()
    while ann.count != size // 2 + 1:
        assert time.monotonic() - began < GONE_WITHIN + 5, ann.count
        await asyncio.sleep(0.05)
    print(f"the {size // 2} of a killed process were gone after {time.monotonic() - began:.1f} s")
