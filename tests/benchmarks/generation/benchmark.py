"""How long the classes of a service and its document take: pydantic alone, this chanx, and peers.

Each measurement is a fresh process: CPU seconds from the first class of the service to its document. Imports of
libraries are not in them (the benchmark "imports" has those), nor is Python's parser. The floor is what pydantic alone
takes: the classes of the same messages, and one call of models_json_schema() for all of them.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tests.benchmarks.environments import CHANNELS_SPECTACULAR, CHANX_2, Environment, Peer, add_peers_option
from tests.benchmarks.generation import service
from tests.benchmarks.generation.frameworks import channels_spectacular, chanx_2, pydantic_alone, this_chanx
from tests.benchmarks.reports import Spread, table

_HERE: Final = Path(__file__).parent

#: Rounds by number of consumers: small services are made in less time than the machine is quiet.
_ROUNDS: Final = {1: 25, 10: 15, 100: 9, 1000: 5}
_QUICK_ROUNDS: Final = {1: 5, 10: 5, 100: 3}


class Framework(Protocol):
    """What a module of ``frameworks`` has; it runs in the worker, and imports no other module of the repository."""

    @property
    def __file__(self) -> str | None: ...

    def source(self, consumer: service.Consumer) -> str:
        """The module of a consumer."""
        ...


_FLOOR: Final = "pydantic alone"
_TARGETS: Final[Mapping[str, tuple[Framework, Peer | None]]] = {
    _FLOOR: (pydantic_alone, None),
    "chanx": (this_chanx, None),
    CHANX_2.name: (chanx_2, CHANX_2),
    CHANNELS_SPECTACULAR.name: (channels_spectacular, CHANNELS_SPECTACULAR),
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the worker prints: CPU seconds, and the bytes of the highest point of memory."""

    classes: float
    generation: float
    again: float
    messages: int
    peak: int | None

    @property
    def total(self) -> float:
        return self.classes + self.generation


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="fewer rounds, up to 100 consumers")
    parser.add_argument("--consumers", type=int, nargs="+", metavar="N", help="sizes of the service")
    parser.add_argument("--rounds", type=int, help="rounds for each size")
    parser.add_argument("--memory", action="store_true", help="trace memory as well, at the largest size")
    parser.add_argument("--no-gc", action="store_true", help="without the garbage collector, which has no even pace")
    add_peers_option(parser)


def run(options: argparse.Namespace) -> None:
    rounds = _QUICK_ROUNDS if options.quick else _ROUNDS
    sizes: list[int] = sorted(options.consumers or rounds)
    with tempfile.TemporaryDirectory() as folder:
        workers = {
            name: _Worker(name, framework, environment, Path(folder), consumers=max(sizes))
            for name, (framework, peer) in _TARGETS.items()
            if (environment := Environment.of(peer, options.peers))
        }
        measured = {
            size: _interleaved(
                workers,
                size,
                options.rounds or rounds.get(size, min(rounds.values())),
                ["--no-gc"] if options.no_gc else [],
            )
            for size in sizes
        }
        print(_times(measured))
        if options.memory:
            print(f"\n{_memory({name: worker.run(sizes[-1], '--memory') for name, worker in workers.items()})}")


class _Worker:
    """Runs one target in fresh processes."""

    def __init__(
        self, name: str, framework: Framework, environment: Environment, folder: Path, *, consumers: int
    ) -> None:
        assert framework.__file__ is not None
        self._name = name
        self._framework = Path(framework.__file__)
        self._environment = environment
        self._folder = folder / self._framework.stem
        self._folder.mkdir()
        (self._folder / "common.py").write_text(service.COMMON)
        for number in range(consumers):
            source = framework.source(service.Consumer.draw(number))
            (self._folder / f"service_{number:04}.py").write_text(source)

    def run(self, consumers: int, *options: str) -> Measurement:
        """Raises SystemExit when the target fails, or when its document lacks a message."""
        printed = self._environment.run(
            _HERE / "worker.py", str(self._framework), str(self._folder), str(consumers), *options
        )
        measurement = Measurement(**json.loads(printed))
        if measurement.messages != consumers * service.MESSAGES_PER_CONSUMER:
            raise SystemExit(f"{self._name}: {measurement.messages} messages in the document of {consumers} consumers")
        return measurement


def _interleaved(
    workers: Mapping[str, _Worker], consumers: int, rounds: int, options: Sequence[str]
) -> dict[str, list[Measurement]]:
    for worker in workers.values():
        # Compiles the modules, and brings files into the memory of the operating system.
        worker.run(consumers)
    measured: dict[str, list[Measurement]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            measured[name].append(worker.run(consumers, *options))
    return measured


def _times(measured: Mapping[int, Mapping[str, Sequence[Measurement]]]) -> str:
    head = ("consumers", "target", "classes, s", "document, s", "both, of the floor", "both, ms a consumer", "again, s")
    return table(head, list(_rows(measured)))


def _rows(measured: Mapping[int, Mapping[str, Sequence[Measurement]]]) -> Iterator[Sequence[object]]:
    for size, targets in measured.items():
        floor = [each.total for each in targets[_FLOOR]]
        for name, rounds in targets.items():
            total = [each.total for each in rounds]
            yield (
                size,
                name,
                f"{Spread.of([each.classes for each in rounds]).median:.3f}",
                f"{Spread.of([each.generation for each in rounds]).median:.3f}",
                f"{Spread.of_ratios(total, floor):.2f}",
                f"{Spread.of(total).median / size * 1000:.1f}",
                f"{Spread.of([each.again for each in rounds]).median:.3f}",
            )


def _memory(measured: Mapping[str, Measurement]) -> str:
    rows = [(name, f"{(each.peak or 0) / 2**20:.0f}") for name, each in measured.items()]
    return table(("target", "highest memory while the document is made, MiB"), rows)
