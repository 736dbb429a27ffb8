"""The same echo and broadcast under each ASGI server, and each of uvicorn's WebSocket implementations."""

import argparse
from typing import Final

from tests.benchmarks.harness.load import echo, fan_out, play
from tests.benchmarks.harness.rounds import Effort, Figures, Rounds, add_options, interleaved
from tests.benchmarks.harness.servers import SERVERS, Laboratory, Server
from tests.benchmarks.harness.targets import CHANX, PLAIN
from tests.benchmarks.reports import Spread, table
from tests.benchmarks.targets.payloads import say_frame

__all__ = ["add_options", "run"]

_CONNECTIONS: Final = 50
_MEMBERS: Final = 200


def run(options: argparse.Namespace) -> None:
    effort = Effort.of(options, rounds=5)
    rows: list[tuple[str, ...]] = []
    with Laboratory(None) as laboratory:
        print(f"{effort.rounds} rounds of {effort.seconds} s; {laboratory.cores}\n")
        laboratory.credentials()
        for name in SERVERS:
            with laboratory.serve(PLAIN, CHANX, server=name) as servers:
                rounds = interleaved(servers, lambda server: _figures(server, effort), effort.rounds)
            rows.append((name, *_row(rounds)))
    head = (
        "server",
        "plain Channels, echoes/s",
        "chanx: echoes/s, ratio",
        "CPU a message, ratio",
        "plain Channels, deliveries/s",
        "chanx: deliveries/s, ratio",
        "CPU a delivery, ratio",
    )
    print(table(head, rows))


def _figures(server: Server, effort: Effort) -> Figures:
    echoes = play(echo(server, say_frame(), connections=_CONNECTIONS, seconds=effort.seconds))
    deliveries = play(fan_out(server, say_frame(), members=_MEMBERS, seconds=effort.seconds))
    return {
        "echoes": echoes.per_second,
        "echo CPU": echoes.cpu_per_message,
        "deliveries": deliveries.per_second,
        "delivery CPU": deliveries.cpu_per_message,
    }


def _row(rounds: Rounds) -> list[str]:
    cells: list[str] = []
    for rate, cpu in (("echoes", "echo CPU"), ("deliveries", "delivery CPU")):
        cells.append(f"{Spread.of(rounds.values(PLAIN, rate)).median:,.0f}")
        cells += [
            f"{Spread.of_ratios(rounds.values(CHANX, figure), rounds.values(PLAIN, figure)):.2f}"
            for figure in (rate, cpu)
        ]
    return cells
