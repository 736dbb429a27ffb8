"""Each benchmark runs, for a moment: what is measured is nothing, but nobody finds it broken in a year."""

import re
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.benchmarks import run
from tests.benchmarks.clients import benchmark as clients
from tests.benchmarks.harness import load
from tests.benchmarks.harness.servers import DEFAULT_SERVER, Laboratory, Server
from tests.benchmarks.harness.targets import BY_HAND, CHANX, PLAIN, RAW, Target
from tests.benchmarks.history.benchmark import GROUNDS
from tests.benchmarks.scaling import benchmark as scaling
from tests.benchmarks.servers import benchmark as servers

_TARGETS = (PLAIN, BY_HAND, CHANX, RAW)


class Shared:
    """One laboratory for all benchmarks: a server that is started for one of them serves the others as well."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.stack = ExitStack()
        self.laboratory = laboratory
        self.cores = laboratory.cores
        self.credentials = laboratory.credentials
        self._made = laboratory.credentials()
        self._redis = self.stack.enter_context(laboratory.redis())
        self._running: dict[tuple[Target, str, str], Server] = {}

    def open(self, peers: object) -> "Shared":
        return self

    def __enter__(self) -> "Shared":
        self.credentials = lambda: self._made
        return self

    def __exit__(self, *exception: object) -> None: ...

    def has(self, target: Target) -> bool:
        return target in _TARGETS or any(target is case.target for each in GROUNDS.values() for case in each.cases)

    @contextmanager
    def serve(
        self, *targets: Target, server: str = DEFAULT_SERVER, layer: str = "memory"
    ) -> Generator[dict[Target, Server]]:
        chosen = [target for target in targets if self.has(target)]
        for target in chosen:
            if (target, server, layer) not in self._running:
                started = self.stack.enter_context(self.laboratory.serve(target, server=server, layer=layer))
                self._running[target, server, layer] = started[target]
        yield {target: self._running[target, server, layer] for target in chosen}

    @contextmanager
    def redis(self) -> Generator[str]:
        yield self._redis


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    with Laboratory(None) as laboratory:
        found = Shared(laboratory)
        with found.stack:
            yield found


@pytest.mark.parametrize(
    ("options", "tables"),
    [
        (["frames"], 5),
        (["broadcast", "--members", "3", "--layers", "RedisChannelLayer"], 3),
        (["history", "--layers", "redis", "--parts", "publish", "rest", "stored"], 3),
        (["connections"], 5),
        (["servers"], 1),
        (["scaling", "--largest", "50", "--scales", "active", "members", "groups-pubsub"], 3),
    ],
    ids=["frames", "broadcast", "history", "connections", "servers", "scaling"],
)
def test_it_runs(
    options: list[str],
    tables: int,
    shared: Shared,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module = sys.modules[f"tests.benchmarks.{options[0]}.benchmark"]
    monkeypatch.setattr(module, "Laboratory", shared.open)
    monkeypatch.setattr(module, "_IDLE", 10, raising=False)
    for name, small in (("_GROUPS", 5), ("_REST_SECONDS", 0.1), ("_STORED", 50)):
        monkeypatch.setattr(module, name, small, raising=False)
    monkeypatch.setattr(module, "_BURST_MESSAGES", 10, raising=False)
    monkeypatch.setattr(servers, "SERVERS", [DEFAULT_SERVER])  # the others start in the same way
    monkeypatch.setattr(load, "_WARM_UP_SECONDS", 0.02)
    monkeypatch.setattr(scaling, "_ACTIVE", 2)
    monkeypatch.setattr("sys.argv", ["bench", *options, "--quick", "--rounds", "1", "--seconds", "0.02"])
    run.main()
    printed = capsys.readouterr().out
    assert len(re.findall(r"^\|-", printed, re.MULTILINE)) == tables
    assert "| chanx " in printed or "chanx: " in printed or options[0] == "history"


def test_clients(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(clients, "_QUICK_ROUNDS", {2: 1})
    monkeypatch.setattr("sys.argv", ["bench", "clients", "--quick"])
    run.main()
    printed = capsys.readouterr().out
    assert len(re.findall(r"^\| 2 .*\d\.\d\d", printed, re.MULTILINE)) == 4
