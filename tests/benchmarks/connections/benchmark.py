"""What a connection costs: to open it, to keep it while it is idle, and beside others that keep the database busy."""

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from tests.benchmarks.harness.load import beside_queries, come_and_go, memory_of_idle, play
from tests.benchmarks.harness.rounds import Effort, Figures, add_options, interleaved
from tests.benchmarks.harness.servers import Credentials, Laboratory, Server
from tests.benchmarks.harness.targets import BY_HAND, CHANX, FAST_API, PEER, PLAIN, RAW, Target
from tests.benchmarks.reports import Spread, table
from tests.benchmarks.targets.payloads import say_frame

__all__ = ["add_options", "run"]

#: How many clients are coming, or going, at any time.
_AT_ONCE: Final = 20
_IDLE: Final = 1000

#: Those whose first frame says that a client is in; the peer says it only where somebody is authenticated.
_GREETING: Final[Mapping[Target, Sequence[str]]] = {
    CHANX: ("anonymous", "token", "session"),
    PEER: ("token", "session"),
}
#: Those who have users.
_WITH_USERS: Final = (PLAIN, CHANX, PEER)

_RATE: Final = "connections/s"
_CPU: Final = "server CPU, µs a connection"
_FORMATS: Final = {_RATE: ",.0f", _CPU: ".0f"}


def run(options: argparse.Namespace) -> None:
    effort = Effort.of(options, rounds=9)
    with Laboratory(options.peers) as laboratory:
        print(f"{effort.rounds} rounds of {effort.seconds} s; {laboratory.cores}")
        credentials = laboratory.credentials()
        with laboratory.serve(*_WITH_USERS, FAST_API) as servers:
            _connect(servers, credentials, effort)
            print("\n### Round trips of one connection, while another one runs queries of 200 ms\n")
            with_database = {target: servers[target] for target in _WITH_USERS if target in servers}
            waiting = interleaved(with_database, lambda server: _beside(server, effort), effort.rounds)
            print(waiting.compared(PLAIN, {"p50, ms": ".2f", "p99, ms": ".2f"}))
        print("\n### Memory of an idle connection\n")
        print(_memory(laboratory, options.quick))


def _connect(servers: dict[Target, Server], credentials: Credentials, effort: Effort) -> None:
    kinds: dict[str, Sequence[tuple[str, str]]] = {
        "anonymous": (),
        "token": (("Authorization", f"Token {credentials.token}"),),
        "session": (("Cookie", f"sessionid={credentials.session}"), ("Origin", "http://127.0.0.1")),
    }
    for kind, headers in kinds.items():
        chosen = {target: each for target, each in servers.items() if kind == "anonymous" or target in _WITH_USERS}
        print(f"\n### Connections, {kind}\n")
        visits = partial(_visits, kind=kind, headers=headers, effort=effort)
        rounds = interleaved(chosen, visits, effort.rounds)
        print(rounds.compared(PLAIN, _FORMATS))


def _visits(server: Server, *, kind: str, headers: Sequence[tuple[str, str]], effort: Effort) -> Figures:
    greeted = kind in _GREETING.get(server.target, ())
    load = play(come_and_go(server, f"/{kind}", headers, greeted=greeted, at_once=_AT_ONCE, seconds=effort.seconds))
    return {_RATE: load.per_second, _CPU: load.cpu_per_message * 1e6}


def _beside(server: Server, effort: Effort) -> Figures:
    # Several queries long, or there would be one reply in a round.
    load = play(beside_queries(server, frame=say_frame(), seconds=max(1.0, effort.seconds)))
    return {"p50, ms": load.percentile(0.5) * 1000, "p99, ms": load.percentile(0.99) * 1000}


def _memory(laboratory: Laboratory, quick: bool) -> str:
    """Each value is of a fresh process: what a connection has taken is not given back."""
    targets = (PLAIN, BY_HAND, CHANX, PEER, FAST_API, RAW)
    places = {"without a group": "/echo", "in a group": "/rooms/lobby"}
    taken: dict[tuple[Target, str], list[float]] = {}
    for _ in range(2 if quick else 5):
        for where, path in places.items():
            for target in targets:
                if laboratory.has(target) and not (target is RAW and path != "/echo"):
                    with laboratory.serve(target) as servers:
                        bytes_taken = play(memory_of_idle(servers[target], connections=_IDLE, path=path))
                    taken.setdefault((target, where), []).append(bytes_taken / 1000)
    rows = [
        (
            target.name,
            where,
            f"{Spread.of(values).median:.1f}",
            f"{Spread.of_ratios(values, taken[PLAIN, where]):.2f}",
        )
        for (target, where), values in taken.items()
    ]
    return table(("target", "connection", "kB", "of plain Channels"), rows)
