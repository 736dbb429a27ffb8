"""Messages to groups: deliveries per second on each layer, beside a member that does not read, and in bursts."""

import argparse
from typing import Final

from tests.benchmarks.harness.load import burst, fan_out, play
from tests.benchmarks.harness.rounds import Effort, Figures, Rounds, interleaved
from tests.benchmarks.harness.rounds import add_options as add_round_options
from tests.benchmarks.harness.servers import Laboratory, Server
from tests.benchmarks.harness.targets import BY_HAND, CHANX, FAST_API, PEER, PLAIN, Target
from tests.benchmarks.reports import Spread, table
from tests.benchmarks.targets.payloads import say_frame

_LAYERS: Final = {
    "InMemoryChannelLayer": "memory",
    "RedisChannelLayer": "redis://{}",
    "RedisPubSubChannelLayer": "redis+pubsub://{}",
}
_SIZES: Final = (200, 2000)
_PARTS: Final = ("calm", "deaf", "burst")
#: Those who keep a list of their own need no layer; and the list is stalled by a member that does not read.
_TARGETS: Final = (PLAIN, BY_HAND, CHANX, PEER)

_DELIVERIES: Final = "deliveries/s"
_CPU: Final = "server CPU, µs a delivery"
_LAST: Final = "p99 until the last has it, ms"
_LOST: Final = "lost"
_FORMATS: Final = {_DELIVERIES: ",.0f", _CPU: ".1f", _LAST: ".1f"}

_BURST_MEMBERS: Final = 50
_BURST_MESSAGES: Final = 500


def add_options(parser: argparse.ArgumentParser) -> None:
    add_round_options(parser)
    parser.add_argument("--members", type=int, nargs="+", default=_SIZES, metavar="N", help="sizes of groups")
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS, help="what is measured on each layer")
    parser.add_argument("--layers", nargs="+", choices=_LAYERS, default=list(_LAYERS), help="channel layers")


def run(options: argparse.Namespace) -> None:
    effort = Effort.of(options, rounds=7)
    with Laboratory(options.peers) as laboratory, laboratory.redis() as redis:
        print(f"{effort.rounds} rounds of {effort.seconds} s; {laboratory.cores}")
        laboratory.credentials()
        for layer in options.layers:
            in_memory = layer == "InMemoryChannelLayer"
            targets = (*_TARGETS, FAST_API) if in_memory else _TARGETS
            with laboratory.serve(*targets, layer=_LAYERS[layer].format(redis)) as servers:
                for members in options.members if "calm" in options.parts else ():
                    print(f"\n### To {members:,} members, {layer}\n")
                    print(_to(servers, members, effort).compared(PLAIN, _FORMATS))
                if "deaf" in options.parts:
                    print(f"\n### One of {options.members[0] + 1:,} does not read, {layer}\n")
                    print(_beside_a_deaf_one(servers, options.members[0], effort))
                if "burst" in options.parts and not in_memory:
                    print(f"\n### Burst of {_BURST_MESSAGES} to {_BURST_MEMBERS} members, {layer}\n")
                    print(_bursts(servers, effort))


def _to(servers: dict[Target, Server], members: int, effort: Effort) -> Rounds:
    def speak(server: Server) -> Figures:
        load = play(fan_out(server, say_frame(), members=members, seconds=effort.seconds))
        return {
            _DELIVERIES: load.per_second,
            _CPU: load.cpu_per_message * 1e6,
            _LAST: load.percentile(0.99) * 1000,
            _LOST: load.lost / (load.lost + load.messages),
        }

    return interleaved(servers, speak, effort.rounds)


def _beside_a_deaf_one(servers: dict[Target, Server], members: int, effort: Effort) -> str:
    """Deliveries to the others, beside those of rounds in which everybody reads."""

    def speak(server: Server) -> Figures:
        calm = play(fan_out(server, say_frame(), members=members, seconds=effort.seconds))
        deaf = play(fan_out(server, say_frame(), members=members, seconds=effort.seconds, stalled=True))
        return {
            "calm": calm.per_second,
            "deaf": deaf.per_second,
            "calm p99": calm.percentile(0.99) * 1000,
            "deaf p99": deaf.percentile(0.99) * 1000,
            "lost": deaf.lost / (deaf.lost + deaf.messages),
        }

    rounds = interleaved(servers, speak, max(3, effort.rounds // 2))
    rows = [
        (
            target.name,
            f"{Spread.of_ratios(rounds.values(target, 'deaf'), rounds.values(target, 'calm')):.2f}",
            f"{Spread.of(rounds.values(target, 'calm p99')).median:.0f}",
            f"{Spread.of(rounds.values(target, 'deaf p99')).median:.0f}",
            f"{Spread.of(rounds.values(target, 'lost')).median:.0%}",
        )
        for target in servers
    ]
    head = ("target", "deliveries/s, of those when all read", "p99 when all read, ms", "p99, ms", "not delivered")
    return table(head, rows)


def _bursts(servers: dict[Target, Server], effort: Effort) -> str:
    def pour(server: Server) -> Figures:
        result = play(burst(server, members=_BURST_MEMBERS, messages=_BURST_MESSAGES))
        return {
            "lost": result.lost_share,
            "reordered": result.reordered,
            "first": result.first_seconds,
            "per second": result.arrived / max(result.seconds, 1e-9),
            _CPU: result.cpu_seconds / max(result.arrived, 1) * 1e6,
        }

    rounds = interleaved(servers, pour, max(3, effort.rounds // 2))
    rows = [
        (
            target.name,
            f"{Spread.of(rounds.values(target, 'lost')):.1%}",
            f"{max(rounds.values(target, 'reordered')):.0f}",
            f"{Spread.of(rounds.values(target, 'first')).median:.2f}",
            f"{Spread.of(rounds.values(target, 'per second')).median:,.0f}",
            f"{Spread.of(rounds.values(target, _CPU)).median:.1f}",
        )
        for target in servers
    ]
    return table(("target", "lost", "reordered", "first delivery after, s", _DELIVERIES, _CPU), rows)
