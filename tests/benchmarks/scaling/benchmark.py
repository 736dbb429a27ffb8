"""How cost grows: with connections, with the size of a group, with the size of messages, and with the number of groups.

``--plots`` draws the curves; matplotlib lives in an environment of its own, below the folder of ``--peers``.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.environments import MATPLOTLIB, Environment
from tests.benchmarks.harness.load import echo, fan_out, groups_of_one, memory_of_idle, play
from tests.benchmarks.harness.rounds import Effort, Figures, Rounds, interleaved
from tests.benchmarks.harness.rounds import add_options as add_round_options
from tests.benchmarks.harness.servers import Laboratory, Server
from tests.benchmarks.harness.targets import CHANX, PLAIN, Target
from tests.benchmarks.reports import Spread, table
from tests.benchmarks.targets.payloads import say_frame

_DRAW: Final = Path(__file__).with_name("draw.py")

#: Active connections, while others are idle.
_ACTIVE: Final = 50
#: From so many connections on, connecting them takes the time, and one round has to do.
_MANY: Final = 3000

_REDIS: Final = "redis"
_PUBSUB: Final = "redis+pubsub"


@dataclass(frozen=True, slots=True)
class Scale:
    """One quantity that grows, and what it costs."""

    name: str
    grows: str
    costs: str
    sizes: Sequence[int]
    measure: Callable[[Server, int, float], float]
    format: str = ".1f"
    #: The channel layer: ``memory``, or the scheme of the URL of one (see Laboratory.serve).
    layer: str = "memory"
    #: The largest size that plain Channels is asked for, where its cost grows with the square of the size.
    plain_until: int | None = None

    def targets(self, size: int) -> Sequence[Target]:
        return (CHANX,) if self.plain_until is not None and size > self.plain_until else (PLAIN, CHANX)

    def figures(self, server: Server, size: int, seconds: float) -> Figures:
        return {self.costs: self.measure(server, size, seconds)}


def _active(server: Server, size: int, seconds: float) -> float:
    return play(echo(server, say_frame(), connections=size, seconds=seconds)).cpu_per_message * 1e6


def _beside_idle(server: Server, size: int, seconds: float) -> float:
    return play(echo(server, say_frame(), connections=_ACTIVE, seconds=seconds, idle=size)).cpu_per_message * 1e6


def _idle_memory(server: Server, size: int, seconds: float) -> float:
    return play(memory_of_idle(server, connections=size, path="/echo")) * size / 1e6


def _members(server: Server, size: int, seconds: float) -> float:
    return play(fan_out(server, say_frame(), members=size, seconds=seconds)).cpu_per_message * 1e6


def _bytes(server: Server, size: int, seconds: float) -> float:
    frame = say_frame("x" * (size - len(say_frame(""))))
    return play(echo(server, frame, connections=_ACTIVE, seconds=seconds)).cpu_per_message * 1e6


def _groups(server: Server, size: int, seconds: float) -> float:
    return play(groups_of_one(server, say_frame(), groups=size, seconds=seconds)).cpu_per_message * 1e6


_CPU: Final = "server CPU, µs a message"
SCALES: Final = (
    Scale("active", "active connections", _CPU, (50, 200, 500, 1000, 2000), _active),
    Scale("idle", f"idle connections beside {_ACTIVE} active ones", _CPU, (50, 1000, 3000, 10_000), _beside_idle),
    Scale("memory", "idle connections", "memory of the server, MB more", (50, 1000, 3000, 10_000), _idle_memory),
    Scale(
        "members",
        "members of a group",
        "server CPU, µs a delivery",
        (2, 10, 50, 200, 1000, 3000, 10_000),
        _members,
        plain_until=1000,
    ),
    Scale("bytes", "bytes of a message", _CPU, (100, 300, 1000, 3000, 10_000, 30_000, 60_000), _bytes),
    # The layer in memory looks at all channels for each message, and at each join.
    Scale("groups", "groups of one member, in memory", _CPU, (50, 200, 1000, 2000), _groups),
    Scale(
        "groups-pubsub",
        "groups of one member, RedisPubSubChannelLayer",
        _CPU,
        (50, 1000, 3000, 10_000),
        _groups,
        layer=_PUBSUB,
    ),
    Scale(
        "groups-redis", "groups of one member, RedisChannelLayer", _CPU, (50, 1000, 3000, 10_000), _groups, layer=_REDIS
    ),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    add_round_options(parser)
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw the curves into this folder, as PNG")
    parser.add_argument("--scales", nargs="+", choices=[scale.name for scale in SCALES], help="only these")
    parser.add_argument("--largest", type=int, metavar="N", help="leave sizes beyond N out")


def run(options: argparse.Namespace) -> None:
    effort = Effort.of(options, rounds=3)
    if options.plots and options.peers is None:
        raise SystemExit("--plots needs --peers, the folder where matplotlib may be installed.")
    drawing = Environment.of(MATPLOTLIB, options.peers) if options.plots else None
    curves: list[dict[str, object]] = []
    with Laboratory(None) as laboratory, laboratory.redis() as redis:
        print(f"{effort.rounds} rounds of {effort.seconds} s; {laboratory.cores}")
        laboratory.credentials()
        for scale in SCALES:
            if options.scales and scale.name not in options.scales:
                continue
            sizes = [size for size in scale.sizes if size <= (options.largest or max(scale.sizes))]
            shown = {size: _rounds(laboratory, scale, size, effort, redis) for size in sizes}
            print(f"\n### By {scale.grows}\n\n{_table(scale, shown)}")
            if scale.plain_until is not None and sizes[-1] > scale.plain_until:
                print(
                    f"\nPlain Channels is asked for no more than {scale.plain_until:,}: its cost grows with the square."
                )
            curves.append(_curves(scale, shown))
    if drawing is not None:
        _draw(curves, options.plots, drawing)


def _rounds(laboratory: Laboratory, scale: Scale, size: int, effort: Effort, redis: str) -> Rounds:
    layer = scale.layer if scale.layer == "memory" else f"{scale.layer}://{redis}"
    # Fresh processes: memory is not given back, and what is left of 10,000 connections would weigh on the next size.
    with laboratory.serve(*scale.targets(size), layer=layer) as servers:
        rounds = 1 if scale.name == "memory" or size >= _MANY else effort.rounds
        return interleaved(servers, lambda server: scale.figures(server, size, effort.seconds), rounds)


def _table(scale: Scale, shown: Mapping[int, Rounds]) -> str:
    def of(rounds: Rounds, target: Target) -> str:
        return f"{Spread.of(rounds.values(target, scale.costs)).median:{scale.format}}"

    rows = [
        (
            f"{size:,}",
            of(rounds, PLAIN),
            of(rounds, CHANX),
            f"{Spread.of_ratios(rounds.values(CHANX, scale.costs), rounds.values(PLAIN, scale.costs)):.2f}",
        )
        if PLAIN in rounds.by_target
        else (f"{size:,}", "–", of(rounds, CHANX), "–")
        for size, rounds in shown.items()
    ]
    return table((scale.grows, f"plain Channels: {scale.costs}", "chanx", "ratio"), rows)


def _curves(scale: Scale, shown: Mapping[int, Rounds]) -> dict[str, object]:
    def medians(target: Target) -> list[float]:
        """As far as it was asked; the sizes that are left out are the largest."""
        measured = [rounds for rounds in shown.values() if target in rounds.by_target]
        return [Spread.of(rounds.values(target, scale.costs)).median for rounds in measured]

    return {
        "name": scale.name,
        "x": scale.grows,
        "y": scale.costs,
        "sizes": list(shown),
        "curves": {"plain Channels": medians(PLAIN), "chanx": medians(CHANX)},
    }


def _draw(curves: Sequence[Mapping[str, object]], folder: Path, environment: Environment) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "scaling.json"
    data.write_text(json.dumps(curves, indent=1) + "\n")
    environment.run(_DRAW, str(data), str(folder))
