"""Requests that are sent again have their effect once, whoever is killed meanwhile."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import pytest

from chanx.routing import URLRouter, path
from chanx_asyncapi.codegen.files import write_files
from chanx_asyncapi.codegen.language import Options
from chanx_asyncapi.codegen.languages import LANGUAGES, generate
from chanx_asyncapi.describe import describe
from tests.chanx_asyncapi.codegen.typescript import toolchain
from tests.chaos.asking import Answers, Asker
from tests.chaos.counting import Counter
from tests.chaos.grounds import Ground, grounds
from tests.chaos.network import bad_network
from tests.chaos.scene import ChaosServer
from tests.servers import RedisServer

#: ``make chaos`` runs the full form.
FULL: Final = os.environ.get("CHAOS") == "full"

#: Clients of each kind, and requests of each of them.
CLIENTS, REQUESTS = (10, 200) if FULL else (4, 20)
KILLS: Final = 8 if FULL else 2

ENGINES: Final = ("redis", "database", "memory")
only_in_full = pytest.mark.skipif(not FULL, reason="takes its time: make chaos")
everywhere = pytest.mark.parametrize("ground", grounds(*ENGINES), indirect=True, ids=" and ".join)

#: Asks for a range of numbers, one after the other, and prints what has become of each.
_ASK: Final = """
import { connectCounter } from "./channels.js";
const [host, first, count, clients] = process.argv.slice(2).map((each, index) => (index ? Number(each) : each));
async function run(from) {
  const client = connectCounter({ host, retry: { min: 20, max: 200 }, queue: 10 });
  await client.connect();
  for (let number = from; number < from + count; number++) {
    try {
      const { payload } = await client.request("add", { payload: { number } }, { timeout: 60_000 });
      console.log(JSON.stringify([number, payload.nonce, null]));
    } catch (error) {
      console.log(JSON.stringify([number, null, error.payload?.code ?? error.name]));
    }
  }
  client.close();
}
await Promise.all(Array.from({ length: clients }, (_, index) => run(first + index * count)));
"""


@dataclass
class Stage:
    """Servers, and the ports by which clients reach them."""

    redis: RedisServer
    servers: list[ChaosServer]
    urls: list[str]
    effects: Path
    turns: Iterator[ChaosServer] = field(init=False)

    def __post_init__(self) -> None:
        self.turns = cycle(self.servers)

    async def kill_server(self) -> None:
        """One after the other, so that each has its turn."""
        server = next(self.turns)
        server.kill()
        await asyncio.to_thread(server.start)

    async def replace_server(self) -> None:
        server = next(self.turns)
        server.process.terminate()
        await asyncio.to_thread(server.process.wait, 15)
        await asyncio.to_thread(server.start)

    async def kill_redis(self) -> None:
        self.redis.kill()
        await asyncio.to_thread(self.redis.start)


@asynccontextmanager
async def stage(
    ground: Ground, folder: Path, monkeypatch: pytest.MonkeyPatch, *, flaky: bool = False
) -> AsyncGenerator[Stage]:
    """Starts servers."""
    effects = folder / "effects"
    effects.touch()
    monkeypatch.setenv("CHAOS_EFFECTS", str(effects))
    # What one process remembers in its memory is no other's.
    running = [
        ChaosServer(ground, folder / f"server-{number}.log") for number in range(1 if ground.engine == "memory" else 2)
    ]
    async with AsyncExitStack() as stack:
        for server in running:
            stack.callback(server.kill)
        ports = [server.port for server in running]
        if flaky:
            ports = [await stack.enter_async_context(bad_network(port)) for port in ports]
        yield Stage(ground.redis, running, [f"ws://127.0.0.1:{port}" for port in ports], effects)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(describe(URLRouter([path("ws/count/", Counter, name="counter")])).document.to_wire())


@pytest.fixture(scope="module")
def python_sdk(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("python")
    write_files(generate(document, LANGUAGES["python"], Options()).files, folder / "counter_sdk")
    sys.path.insert(0, str(folder))
    return importlib.import_module("counter_sdk")


@pytest.fixture(scope="module")
def typescript_sdk(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typescript")
    source = toolchain.generated(document, folder / "source", "testing")
    assert toolchain.compiler_errors(source, emit=folder / "built") == []
    (folder / "built" / "ask.js").write_text(_ASK)
    (folder / "built" / "package.json").write_text(json.dumps({"type": "module"}))
    return folder / "built" / "ask.js"


async def ask_in_python(sdk: Any, url: str, numbers: Sequence[int], answers: Answers) -> None:
    options = sdk.Options(retry=sdk.Retry(min=0.02, max=0.2), queue=10)
    async with sdk.CounterClient(url, options=options) as client:
        for number in numbers:
            try:
                added = await client.request(
                    sdk.TestsChaosCountingAdd(payload=sdk.TestsChaosNumbersNumber(number=number)), timeout=60
                )
            except sdk.RequestFailed as failure:
                answers.errors[number] = failure.error.payload["code"]
            except sdk.ClientError as error:
                answers.errors[number] = type(error).__name__
            else:
                answers.nonces[number] = added.payload.nonce


async def ask_in_typescript(script: Path, url: str, numbers: Sequence[int], answers: Answers) -> None:
    arguments = [url, str(numbers[0]), str(REQUESTS), str(len(numbers) // REQUESTS)]
    command = ["node", "--experimental-websocket", str(script), *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            number, nonce, error = json.loads(line)
            if error is None:
                answers.nonces[number] = nonce
            else:
                answers.errors[number] = error
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@dataclass
class Crowd:
    """Clients of all kinds, and what they were told."""

    by_hand: list[Asker]
    numbers: range
    answers: Answers
    work: list[Any]

    async def ask(self, events: Sequence[Any] = ()) -> None:
        """Lets all of them ask, while things happen."""
        tasks = [asyncio.create_task(each) for each in self.work]
        happening = asyncio.create_task(self._happen(events))
        try:
            async with asyncio.timeout(500 if FULL else 120):
                await asyncio.gather(happening, *tasks)
        finally:
            for task in (happening, *tasks):
                task.cancel()

    async def _happen(self, events: Sequence[Any]) -> None:
        """Lets things happen in the midst of it, evenly over the requests."""
        for number, event in enumerate(events, 1):
            while self.known < number * len(self.numbers) / (len(events) + 1):
                await asyncio.sleep(0.005)
            await event()

    @property
    def known(self) -> int:
        """Of how many requests it is known what has become of them."""
        return len(self.answers.nonces) + len(self.answers.errors)

    @property
    def repeated(self) -> int:
        """Requests that were answered only when they were sent again, of those by hand."""
        return sum(each.repeated for each in self.by_hand)

    def tell(self, what: str) -> None:
        """For ``make chaos``: what was seen."""
        print(
            f"{what}: {len(self.numbers)} requests, {len(self.answers.nonces)} answered, each with the effect that it "
            f"had once; {len(self.answers.errors)} told that nobody knows {sorted(set(self.answers.errors.values()))}; "
            f"of {len(self.by_hand) * REQUESTS} by hand, {self.repeated} were sent again"
        )


def crowd(where: Stage, python_sdk: Any, typescript_sdk: Path) -> Crowd:
    answers = Answers()
    numbers = range(1, 3 * CLIENTS * REQUESTS + 1)
    shares = [numbers[begin : begin + REQUESTS] for begin in range(0, len(numbers), REQUESTS)]
    addresses = [f"{url}/ws/count/" for url in where.urls]
    by_hand = [Asker(addresses, share, answers) for share in shares[:CLIENTS]]
    in_python = [
        ask_in_python(python_sdk, url, share, answers)
        for url, share in zip(cycle(where.urls), shares[CLIENTS : 2 * CLIENTS], strict=False)
    ]
    rest = numbers[2 * CLIENTS * REQUESTS :]
    in_typescript = ask_in_typescript(typescript_sdk, where.urls[0], rest, answers)
    return Crowd(by_hand, numbers, answers, [*(each.run() for each in by_hand), *in_python, in_typescript])


#: Something that happens to a stage.
Event = Callable[[Stage], Awaitable[None]]
Ask = Callable[..., Awaitable[Crowd]]


@pytest.fixture
def ask(ground: Ground, python_sdk: Any, typescript_sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Has a crowd ask while things happen. Each request has had its effect once at most, and the one that was told."""

    async def ask_during(*events: Event, flaky: bool = False) -> Crowd:
        async with stage(ground, tmp_path, monkeypatch, flaky=flaky) as where:
            clients = crowd(where, python_sdk, typescript_sdk)
            await clients.ask([partial(event, where) for event in events])
        assert clients.answers.faults(where.effects, clients.numbers) == []
        return clients

    return ask_during


@everywhere
async def test_kills_of_servers(ask: Ask, ground: Ground) -> None:
    clients = await ask(*[Stage.kill_server] * KILLS)
    # Of those that were handled at the moment of a kill, nobody can know.
    assert set(clients.answers.errors.values()) <= {"outcome_unknown"}
    assert len(clients.answers.errors) <= KILLS * 3 * CLIENTS
    assert clients.repeated or clients.answers.errors, "nobody was asking at the moment of a kill"
    clients.tell(f"{ground}, {KILLS} kills of servers")


@only_in_full
async def test_kills_of_redis(ask: Ask, ground: Ground) -> None:
    clients = await ask(*[Stage.kill_redis] * KILLS)
    assert set(clients.answers.errors.values()) <= {"outcome_unknown", "unavailable"}
    clients.tell(f"{ground}, {KILLS} kills of Redis")


@pytest.mark.parametrize("own_redis", [()], indirect=True, ids=["nothing kept"])
async def test_kills_of_a_redis_that_forgets(ask: Ask, ground: Ground) -> None:
    clients = await ask(*[Stage.kill_redis, Stage.kill_server] * (KILLS // 2), flaky=True)
    assert set(clients.answers.errors.values()) <= {"outcome_unknown", "unavailable"}
    clients.tell(f"{ground} that keeps nothing, connections reset, kills of both")


@pytest.mark.parametrize("ground", grounds(*(ENGINES if FULL else ENGINES[:1])), indirect=True, ids=" and ".join)
async def test_connections_that_are_reset_cost_nothing(ask: Ask, ground: Ground) -> None:
    clients = await ask(flaky=True)
    # Every single one is answered: a handler does not end because its client has gone.
    assert clients.answers.errors == {}
    assert clients.answers.nonces.keys() == set(clients.numbers)
    clients.tell(f"{ground}, connections reset and delayed")


@only_in_full
async def test_a_rolling_restart_costs_nothing(ask: Ask, ground: Ground) -> None:
    clients = await ask(*[Stage.replace_server] * KILLS)
    assert clients.answers.errors == {}
    clients.tell(f"{ground}, {KILLS} restarts by SIGTERM")
