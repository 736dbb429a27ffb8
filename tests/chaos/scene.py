"""Redis, servers, clients and a publisher, and what happens to them."""

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from websockets.asyncio.client import connect

from tests.chaos.clients import Client
from tests.chaos.grounds import Ground
from tests.chaos.network import bad_network
from tests.chaos.service import publish
from tests.servers import ROOT

#: Of each server, with ``{}`` for the port.
_OPTIONS: Final = {
    "uvicorn": "--host 127.0.0.1 --port {} --lifespan off --no-access-log --log-level warning",
    "daphne": "-b 127.0.0.1 -p {} -v 0",
}


@dataclass
class ChaosServer:
    """A process of the service, on a port that it keeps when it is started again."""

    ground: Ground
    log: Path
    kind: Literal["uvicorn", "daphne"] = "uvicorn"
    port: int = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return self.address("chaos")

    def address(self, name: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/{name}/"

    def start(self) -> None:
        """Starts it, or starts it again; returns when it takes connections."""
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'management'}",
            **self.ground.environment,
        }
        options = _OPTIONS[self.kind].format(self.port).split()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.kind, "tests.chaos.service:application", *options],
                env=environment,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def kill(self) -> None:
        """Ends it at once."""
        self.process.kill()
        self.process.wait(10)


@dataclass
class Scene:
    """Everything that a test of delivery needs."""

    ground: Ground
    servers: list[ChaosServer]
    clients: list[Client]
    published: int = 0

    async def publish(self, count: int, *, rate: float) -> None:
        """Publishes as a task queue would: with a key, again until it has succeeded."""
        for _ in range(count):
            number = self.published + 1
            while True:
                try:
                    await self._publish_once(number)
                except Exception:
                    await asyncio.sleep(0.05)
                else:
                    break
            self.published = number
            await asyncio.sleep(1 / rate)

    async def _publish_once(self, number: int) -> None:
        if self.ground.engine != "memory":
            await publish(number)
            return
        async with connect(self.servers[0].address("publish")) as connection:
            await connection.send(json.dumps({"action": "publish", "payload": {"number": number}}))
            async with asyncio.timeout(5):
                while json.loads(await connection.recv())["action"] != "published":
                    pass

    async def settle(self, seconds: float = 30) -> None:
        """Waits until every client has heard the last message."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(client.heard and client.heard[-1] == self.published for client in self.clients):
                return
            await asyncio.sleep(0.05)

    def faults(self) -> dict[int, list[str]]:
        """What is wrong, by client."""
        found = {number: client.faults(self.published) for number, client in enumerate(self.clients)}
        return {number: faults for number, faults in found.items() if faults}

    async def restart_redis(self) -> None:
        self.ground.redis.kill()
        await asyncio.to_thread(self.ground.redis.start)

    async def freeze_redis(self, seconds: float) -> None:
        self.ground.redis.pause()
        await asyncio.sleep(seconds)
        self.ground.redis.resume()

    async def restart_server(self) -> None:
        server = random.choice(self.servers)
        server.kill()
        await asyncio.to_thread(server.start)

    async def replace_server(self, number: int) -> None:
        """Restarts one as a deployment does."""
        server = self.servers[number]
        server.process.terminate()
        await asyncio.to_thread(server.process.wait, 15)
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def scene(
    folder: Path,
    ground: Ground,
    *,
    clients: int,
    servers: int = 2,
    flaky: bool = False,
    kind: Literal["uvicorn", "daphne"] = "uvicorn",
) -> AsyncGenerator[Scene]:
    """Starts servers, and connects clients to them; through a bad network, if it is to be flaky."""
    running = [ChaosServer(ground, folder / f"server-{number}.log", kind) for number in range(servers)]
    async with AsyncExitStack() as stack:
        for server in running:
            stack.callback(server.kill)
        ports = [server.port for server in running]
        if flaky:
            ports = [await stack.enter_async_context(bad_network(port)) for port in ports]
        urls = [f"ws://127.0.0.1:{port}/ws/chaos/" for port in ports]
        set_up = Scene(ground, running, [Client(urls) for _ in range(clients)])
        tasks = [asyncio.create_task(client.run()) for client in set_up.clients]
        try:
            deadline = time.monotonic() + 30 + clients / 20
            while any(client._name is None for client in set_up.clients):  # pyright: ignore[reportPrivateUsage]  # it is theirs to say
                assert time.monotonic() < deadline, "the clients did not connect"
                await asyncio.sleep(0.05)
            yield set_up
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        failures = [each for each in outcomes if not isinstance(each, asyncio.CancelledError)]
        assert not failures, failures
