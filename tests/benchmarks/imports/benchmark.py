"""What an import adds to a project that has loaded Django, DRF, Channels and pydantic already.

Each measurement is a fresh process: CPU milliseconds, with all modules compiled.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.environments import CHANNELS_SPECTACULAR, CHANX_2, Environment, Peer, add_peers_option
from tests.benchmarks.reports import Spread, table

_WORKER: Final = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True)
class Target:
    """Modules that applications import."""

    modules: tuple[str, ...]
    #: What is loaded before the clock starts, besides the project.
    before: tuple[str, ...] = ()
    peer: Peer | None = None


_CHANX: Final = (
    "chanx.apps",
    "chanx.checks",
    "chanx.layer_checks",
    "chanx.generic.websocket",
    "chanx.generic.handlers",
    "chanx.routing",
)
_APPLICATION: Final = ("chanx_asyncapi.apps", "chanx_asyncapi.checks")
_TARGETS: Final = {
    "chanx: consumers, routing, system checks": Target(_CHANX),
    "chanx_asyncapi as an application, besides": Target(_APPLICATION, before=_CHANX),
    "chanx_asyncapi.urls, besides": Target(("chanx_asyncapi.urls",), before=(*_CHANX, *_APPLICATION)),
    CHANX_2.name: Target(
        ("chanx.channels.apps", "chanx.channels.websocket", "chanx.core.decorators", "chanx.channels.routing"),
        peer=CHANX_2,
    ),
    CHANNELS_SPECTACULAR.name: Target(("channels_spectacular",), peer=CHANNELS_SPECTACULAR),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first impression")
    add_peers_option(parser)


def run(options: argparse.Namespace) -> None:
    rounds = 5 if options.quick else 25
    environments = {
        name: environment
        for name, target in _TARGETS.items()
        if (environment := Environment.of(target.peer, options.peers))
    }
    measured: dict[str, list[float]] = {name: [] for name in environments}
    # The first round compiles the modules.
    for number in range(rounds + 1):
        for name, values in measured.items():
            target = _TARGETS[name]
            seconds = environments[name].run(_WORKER, "--before", *target.before, "--modules", *target.modules)
            if number:
                values.append(float(seconds) * 1000)
    print(f"{rounds} rounds\n")
    print(table(("imported", "ms added"), [(name, f"{Spread.of(values):.0f}") for name, values in measured.items()]))
