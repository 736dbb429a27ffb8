"""What a frame costs in a server: echoes small, large and invalid, on chanx, on peers and with nothing at all.

Each target serves in a process of its own, under uvicorn; the load client is this process.
"""

import argparse
from typing import Final

from tests.benchmarks.harness.load import echo, play
from tests.benchmarks.harness.rounds import Effort, Figures, Rounds, add_options, interleaved
from tests.benchmarks.harness.servers import Laboratory, Server
from tests.benchmarks.harness.targets import BY_HAND, CHANX, FAST_API, PEER, PLAIN, RAW, REST, UNCHECKED
from tests.benchmarks.targets.payloads import INVALID_FRAME, order_frame, say_frame

__all__ = ["add_options", "run"]

#: Connections of which each has one message on its way at any time.
_CONNECTIONS: Final = 50

_THROUGHPUT: Final = "messages/s"
_CPU: Final = "server CPU, µs a message"
_MEDIAN: Final = "p50 at one connection, µs"
_FORMATS: Final = {_THROUGHPUT: ",.0f", _CPU: ".1f", _MEDIAN: ".0f"}

_TYPED: Final = (BY_HAND, CHANX, PEER, FAST_API, RAW)


def run(options: argparse.Namespace) -> None:
    effort = Effort.of(options, rounds=11)
    with Laboratory(options.peers) as laboratory:
        print(f"{effort.rounds} rounds of {effort.seconds} s; {laboratory.cores}\n")
        laboratory.credentials()
        with laboratory.serve(PLAIN, *_TYPED, UNCHECKED, REST) as servers:
            print("### Echo of a small message\n")
            small = interleaved(servers, lambda server: _echo(server, say_frame(), effort), effort.rounds)
            print(small.compared(PLAIN, _FORMATS))
            print("\n### Echo of 10 KB, nested\n")
            nested = interleaved(servers, lambda server: _echo(server, order_frame(), effort), effort.rounds)
            print(nested.compared(PLAIN, _FORMATS))
            print("\n### Replies to an invalid message\n")
            # Whoever validates nothing cannot find anything wrong.
            typed = {target: server for target, server in servers.items() if target in _TYPED}
            invalid = interleaved(typed, lambda server: _echo(server, INVALID_FRAME, effort), effort.rounds)
            print(invalid.compared(BY_HAND, _FORMATS))
            print("\n### What checks of hostile input cost, and what is left to save\n")
            print(_of_the_floor(small, nested))


def _echo(server: Server, frame: str, effort: Effort) -> Figures:
    many = play(echo(server, frame, connections=_CONNECTIONS, seconds=effort.seconds))
    one = play(echo(server, frame, connections=1, seconds=effort.seconds / 4))
    return {
        _THROUGHPUT: many.per_second,
        _CPU: many.cpu_per_message * 1e6,
        _MEDIAN: one.percentile(0.5) * 1e6,
    }


def _of_the_floor(small: Rounds, nested: Rounds) -> str:
    """chanx with its checks and without them, measured by the raw application."""
    lines: list[str] = []
    for name, rounds in (("small", small), ("10 KB", nested)):
        compared = rounds.of(RAW, UNCHECKED, CHANX).compared(RAW, {_CPU: _FORMATS[_CPU]})
        lines.append(f"{name}:\n\n{compared}")
    return "\n\n".join(lines)
