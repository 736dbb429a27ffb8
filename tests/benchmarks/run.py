"""``make bench``: runs the benchmarks, all of them or the one that is named.

Each is a folder with a module ``benchmark``. Rounds of all targets interleave, so that a noisy machine disturbs them
alike; quoted are medians of ratios, and between which values four fifths of the rounds lie.
"""

import argparse
import io
import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Final, Protocol, TextIO

from tests.benchmarks.broadcast import benchmark as broadcast
from tests.benchmarks.classes import benchmark as classes
from tests.benchmarks.clients import benchmark as clients
from tests.benchmarks.connections import benchmark as connections
from tests.benchmarks.echo import benchmark as echo
from tests.benchmarks.frames import benchmark as frames
from tests.benchmarks.generation import benchmark as generation
from tests.benchmarks.history import benchmark as history
from tests.benchmarks.hostile import benchmark as hostile
from tests.benchmarks.imports import benchmark as imports
from tests.benchmarks.page import benchmark as page
from tests.benchmarks.reports import machine
from tests.benchmarks.scaling import benchmark as scaling
from tests.benchmarks.servers import benchmark as servers


class Benchmark(Protocol):
    """What a module ``benchmark`` has."""

    __doc__: str | None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Every benchmark has ``--quick``."""
        ...

    def run(self, options: argparse.Namespace) -> None:
        """Measures, and prints the result."""
        ...


BENCHMARKS: Final[dict[str, Benchmark]] = {
    "frames": frames,
    "hostile": hostile,
    "broadcast": broadcast,
    "history": history,
    "connections": connections,
    "servers": servers,
    "scaling": scaling,
    "echo": echo,
    "generation": generation,
    "imports": imports,
    "classes": classes,
    "clients": clients,
    "page": page,
}


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
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there, too")
    options = parser.parse_args()
    chosen = [options] if options.name else [parser.parse_args([name]) for name in BENCHMARKS]
    with ExitStack() as stack:
        if options.markdown:
            file = stack.enter_context(options.markdown.open("w"))
            stack.enter_context(redirect_stdout(_Copied(sys.stdout, file)))
        print(machine())
        for each in chosen:
            print(f"\n## {each.name}\n")
            BENCHMARKS[each.name].run(each)
        print(f"\nAt the end: {machine()}")


class _Copied(io.TextIOBase):
    """What is written to two files."""

    def __init__(self, *files: TextIO) -> None:
        self._files = files

    def write(self, text: str) -> int:
        for file in self._files:
            file.write(text)
            file.flush()
        return len(text)


if __name__ == "__main__":
    main()
