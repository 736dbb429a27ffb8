"""What a history costs: publishing and delivery with and without one, side by side, at rest, in memory and in Redis."""

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from redis import Redis

from chanx.history.base import Bounds
from chanx.history.redis import RedisHistory
from tests.benchmarks.harness.client import connect_many, disconnect
from tests.benchmarks.harness.load import fan_out, memory_of_idle, play
from tests.benchmarks.harness.rounds import Effort, Figures, Rounds, interleaved
from tests.benchmarks.harness.rounds import add_options as add_round_options
from tests.benchmarks.harness.servers import Laboratory, Server
from tests.benchmarks.harness.targets import CHANX, Target
from tests.benchmarks.reports import Spread, table
from tests.benchmarks.targets.payloads import say_frame

_PARTS: Final = ("publish", "deliver", "rest", "memory", "stored")
#: Members of a group: one, so that publishing is what is measured; and many, so that delivery is.
_MEMBERS: Final[Mapping[str, int]] = {"publish": 1, "deliver": 200}
_IDLE: Final = 1000
#: Groups with one member each that nobody sends anything to; and seconds, two looks of each into its history.
_GROUPS: Final = 1000
_REST_SECONDS: Final = 10.0
_STORED: Final = 10_000

_PER_SECOND: Final = "messages/s"
_CPU: Final = "server CPU, µs a message"
_P50: Final = "p50, ms"
_P99: Final = "p99, ms"
_COMMANDS: Final = "Redis commands"
_REDIS_CPU: Final = "Redis CPU, µs"
#: Per message that is published, as far as Redis is concerned; per delivery otherwise, where there are many members.
_FORMATS: Final = {_PER_SECOND: ",.0f", _CPU: ".0f", _P50: ".2f", _P99: ".1f", _COMMANDS: ".1f", _REDIS_CPU: ".0f"}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A service with or without a history."""

    target: Target
    path: str


def _case(name: str, path: str, engine: str = "") -> Case:
    return Case(replace(CHANX, name=name, variables={"BENCHMARK_HISTORY": engine}), path)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A channel layer, and what may keep a history beside it. The first case has none."""

    layer: str
    cases: Sequence[Case]


GROUNDS: Final[Mapping[str, Ground]] = {
    "memory": Ground(
        "memory",
        (
            _case("layer in memory, no history", "/rooms"),
            _case("… history in memory", "/kept"),
            _case("… history in SQLite", "/kept", "database"),
        ),
    ),
    "redis": Ground(
        "redis://{}",
        (_case("RedisChannelLayer, no history", "/rooms"), _case("… history in Redis", "/kept")),
    ),
    "pubsub": Ground(
        "redis+pubsub://{}",
        (_case("RedisPubSubChannelLayer, no history", "/rooms"), _case("… history in Redis", "/kept")),
    ),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    add_round_options(parser)
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS, help="what is measured")
    parser.add_argument("--layers", nargs="+", choices=GROUNDS, default=list(GROUNDS), help="channel layers")


def run(options: argparse.Namespace) -> None:
    effort = Effort.of(options, rounds=7)
    with Laboratory(options.peers) as laboratory, laboratory.redis() as redis:
        print(f"{effort.rounds} rounds of {effort.seconds} s; {laboratory.cores}")
        laboratory.credentials()
        grounds = [GROUNDS[name] for name in options.layers]
        for members in [_MEMBERS[part] for part in options.parts if part in _MEMBERS]:
            print(f"\n### To {members} in a group: each message when the one before it has arrived\n")
            print(_compared([_spoken(laboratory, redis, ground, members, effort) for ground in grounds]))
        if "rest" in options.parts:
            print(f"\n### {_GROUPS:,} groups at rest, with one member each\n")
            print(_at_rest(laboratory, redis, grounds))
        if "memory" in options.parts:
            print("\n### Memory of an idle connection\n")
            print(_memory(laboratory, redis, grounds, 2 if options.quick else 5))
        if "stored" in options.parts:
            print(f"\n### {_STORED:,} messages in Redis\n")
            print(asyncio.run(_stored(redis)))


class _RedisMeter:
    """What a Redis has done since it was made."""

    def __init__(self, address: str) -> None:
        self._client = Redis.from_url(f"redis://{address}/0", decode_responses=True)
        self._begin = self._now()

    def _now(self) -> tuple[float, float]:
        info: Any = self._client.info("everything")
        return info["total_commands_processed"], info["used_cpu_user"] + info["used_cpu_sys"]

    def spent(self) -> tuple[float, float]:
        """Commands, and seconds of CPU time."""
        commands, seconds = self._now()
        self._client.close()
        # The question itself is a command, too.
        return commands - self._begin[0] - 1, seconds - self._begin[1]


def _spoken(laboratory: Laboratory, redis: str, ground: Ground, members: int, effort: Effort) -> Rounds:
    paths = {case.target: case.path for case in ground.cases}

    def speak(server: Server) -> Figures:
        path = f"{paths[server.target]}/lobby"
        meter = _RedisMeter(redis)
        load = play(fan_out(server, say_frame(), members=members, seconds=effort.seconds, path=path))
        commands, cpu = meter.spent()
        # Those of the warm-up are among them, and not among the latencies; what connecting takes is little beside it.
        published = len(load.latencies) * (1 + _WARM_UP / effort.seconds)
        return {
            _PER_SECOND: load.per_second,
            _CPU: load.cpu_per_message * 1e6,
            _P50: load.percentile(0.5) * 1000,
            _P99: load.percentile(0.99) * 1000,
            _COMMANDS: commands / published,
            _REDIS_CPU: cpu / published * 1e6,
        }

    with laboratory.serve(*paths, layer=ground.layer.format(redis)) as servers:
        return interleaved(servers, speak, effort.rounds)


#: Seconds of load before anything is counted (see load.py).
_WARM_UP: Final = 0.2


def _compared(found: Sequence[Rounds]) -> str:
    """One table; each ratio is to the first target of its rounds."""
    lines: list[str] = []
    for rounds in found:
        rows = rounds.compared(next(iter(rounds.by_target)), _FORMATS).splitlines()
        lines += rows if not lines else rows[2:]
    return "\n".join(lines)


def _at_rest(laboratory: Laboratory, redis: str, grounds: Sequence[Ground]) -> str:
    rows: list[Sequence[str]] = []
    for ground in grounds:
        paths = {case.target: case.path for case in ground.cases}
        with laboratory.serve(*paths, layer=ground.layer.format(redis)) as servers:
            for target, server in servers.items():
                cpu, commands = play(_rest(server, redis, paths[target]))
                rows.append((target.name, f"{cpu * 1000:.1f}", f"{commands:.0f}", f"{cpu / _GROUPS * 1e6:.1f}"))
    return table(("case", "server CPU, ms a second", "Redis commands a second", "CPU of a group, µs a second"), rows)


async def _rest(server: Server, redis: str, path: str) -> tuple[float, float]:
    """Seconds of CPU, and commands to Redis, in each second in which nothing happens."""
    clients = await connect_many(server.port, [f"{path}/group-{number}" for number in range(_GROUPS)])
    try:
        await asyncio.sleep(1)
        meter, cpu = _RedisMeter(redis), server.cpu_seconds()
        await asyncio.sleep(_REST_SECONDS)
        cpu = server.cpu_seconds() - cpu
        commands, _ = meter.spent()
        return cpu / _REST_SECONDS, commands / _REST_SECONDS
    finally:
        await disconnect(clients)


def _memory(laboratory: Laboratory, redis: str, grounds: Sequence[Ground], rounds: int) -> str:
    """Each value is of a fresh process: what a connection has taken is not given back."""
    rows: list[Sequence[str]] = []
    for ground in grounds:
        taken: dict[Case, list[float]] = {case: [] for case in ground.cases}
        for _ in range(rounds):
            for case, values in taken.items():
                with laboratory.serve(case.target, layer=ground.layer.format(redis)) as servers:
                    idle = memory_of_idle(servers[case.target], connections=_IDLE, path=f"{case.path}/lobby")
                    values.append(play(idle) / 1000)
        for case, values in taken.items():
            ratio = Spread.of_ratios(values, taken[ground.cases[0]])
            rows.append((case.target.name, f"{Spread.of(values).median:.1f}", f"{ratio:.2f}"))
    return table(("all in one group", "kB a connection", "ratio"), rows)


async def _stored(redis: str) -> str:
    """Bytes of Redis for each message of a history, beyond those of the message itself; with and without keys."""
    rows: list[Sequence[str]] = []
    client = Redis.from_url(f"redis://{redis}/0", decode_responses=True)
    engine = RedisHistory(f"redis://{redis}/0", prefix="benchmark")
    for size in (100, 1000):
        body = json.dumps({"text": "x" * (size - len('{"text": ""}'))})
        for what, keyed in (("without a key", False), ("with a key", True)):
            client.flushall()
            await engine.position("group")
            before: Any = client.info("memory")
            for number in range(_STORED):
                key = f"key-{number}" if keyed else None
                await engine.append("group", body, Bounds(size=_STORED, ttl=3600), key=key)
            after: Any = client.info("memory")
            at_once = (after["used_memory"] - before["used_memory"]) / _STORED
            # What remembers a call for a minute goes by itself.
            for name in client.scan_iter("benchmark:call:*", count=1000):
                client.delete(name)
            later: Any = client.info("memory")
            stays = (later["used_memory"] - before["used_memory"]) / _STORED
            rows.append((f"{size} bytes, {what}", f"{at_once:.0f}", f"{stays:.0f}"))
    await engine.close()
    client.close()
    return table(("message", "bytes in the first minute", "bytes afterwards"), rows)
