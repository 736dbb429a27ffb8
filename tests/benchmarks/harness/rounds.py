"""Rounds in which all targets take turns, and tables of what they have shown."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.environments import add_peers_option
from tests.benchmarks.harness.servers import Server
from tests.benchmarks.harness.targets import Target
from tests.benchmarks.reports import Spread, table

#: What one round with one target has shown: values by the name of a figure.
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of some targets, in the order in which they were played."""

    by_target: Mapping[Target, Sequence[Figures]]

    def values(self, target: Target, figure: str) -> list[float]:
        return [figures[figure] for figures in self.by_target[target]]

    def of(self, *targets: Target) -> "Rounds":
        """Those of some targets, as far as they were measured."""
        return Rounds({target: self.by_target[target] for target in targets if target in self.by_target})

    def compared(self, base: Target, formats: Mapping[str, str]) -> str:
        """A table of figures, the median of each and its ratio to that of ``base`` in the same round.

        ``formats`` says which figures, and how their values are written.
        """
        head = ["target"]
        for figure in formats:
            head += [figure, "ratio"]
        rows: list[list[str]] = []
        for target in self.by_target:
            row = [target.name]
            for figure, spec in formats.items():
                values = self.values(target, figure)
                row += [
                    format(Spread.of(values).median, spec),
                    f"{Spread.of_ratios(values, self.values(base, figure)):.2f}",
                ]
            rows.append(row)
        return table(head, rows)


def interleaved(servers: Mapping[Target, Server], play: Callable[[Server], Figures], rounds: int) -> Rounds:
    """Plays so many rounds; in each one, every target has its turn."""
    shown: dict[Target, list[Figures]] = {target: [] for target in servers}
    for _ in range(rounds):
        for target, server in servers.items():
            shown[target].append(play(server))
    return Rounds(shown)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a benchmark takes, and so how much its figures are worth."""

    rounds: int
    #: Of load in each round.
    seconds: float

    @classmethod
    def of(cls, options: argparse.Namespace, *, rounds: int, seconds: float = 1.0) -> "Effort":
        """What the options ask for; the arguments are for those who ask for nothing."""
        if options.quick:
            rounds, seconds = 3, min(seconds, 0.5)
        return cls(options.rounds or rounds, options.seconds or seconds)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every benchmark that plays rounds with servers."""
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, for a first impression")
    parser.add_argument("--rounds", type=int, help="how often each target has its turn")
    parser.add_argument("--seconds", type=float, help="how long there is load in each turn")
    add_peers_option(parser)
