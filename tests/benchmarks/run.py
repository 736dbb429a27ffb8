"""``make bench``: runs the benchmarks, all of them or the one that is named.

Each is a folder with a module ``benchmark``. Rounds of all targets interleave, so that a noisy machine disturbs them
alike; quoted are medians of ratios, and between which values four fifths of the rounds lie.
"""

import argparse
from typing import Final, Protocol

from tests.benchmarks.echo import benchmark as echo
from tests.benchmarks.generation import benchmark as generation
from tests.benchmarks.imports import benchmark as imports
from tests.benchmarks.reports import machine


class Benchmark(Protocol):
    """What a module ``benchmark`` has."""

    __doc__: str | None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Every benchmark has ``--quick``."""
        ...

    def run(self, options: argparse.Namespace) -> None:
        """Measures, and prints the result."""
        ...


BENCHMARKS: Final[dict[str, Benchmark]] = {"echo": echo, "generation": generation, "imports": imports}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    names = parser.add_subparsers(dest="name", metavar="|".join(BENCHMARKS))
    for name, benchmark in BENCHMARKS.items():
        description = benchmark.__doc__ or ""
        benchmark.add_options(
            names.add_parser(
                name,
                help=description.partition("\n")[0],
                description=description,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    options = parser.parse_args()
    chosen = [options] if options.name else [parser.parse_args([name]) for name in BENCHMARKS]
    print(machine())
    for each in chosen:
        print(f"\n## {each.name}\n")
        BENCHMARKS[each.name].run(each)


if __name__ == "__main__":
    main()
