"""What every test may use."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.recorder import Recorder
from tests.servers import RedisServer, Server, Servers

_RECORDER: Final = pytest.StashKey[Recorder]()
_RUN: Final = pytest.StashKey["Run"]()

#: Folders whose modules take longest. Several workers begin with them, so that none is alone with one at the end.
_LONG_FOLDERS: Final = frozenset(
    ("benchmarks", "browser", "chaos", "clients", "contract", "docs", "hostile", "packaging", "typing")
)

#: A run of all tests that holds fewer frames than these against documents has lost sight of some.
_FRAMES_AT_LEAST: Final = {"here": 1200, "in servers": 4000}


@dataclass
class Run:
    """What a run of tests has seen: in this process, or in all its workers together (pytest-xdist)."""

    frames: Counter[str] = field(default_factory=Counter[str])
    exempt: int = 0
    deselected: int = 0

    def add(self, other: "Run") -> None:
        self.frames.update(other.frames)
        self.exempt += other.exempt
        self.deselected += other.deselected

    def is_complete(self, session: pytest.Session) -> bool:
        """Whether all tests have run: none named, none deselected, and no end before the last."""
        chosen = session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS
        return not (chosen or session.shouldfail or session.shouldstop or self.deselected)

    def complaints(self) -> list[str]:
        """A sentence for each place in which a complete run should have seen more frames."""
        return [
            f"{self.frames[where]} frames sent {where} were held against their documents, expected at least {least}"
            for where, least in _FRAMES_AT_LEAST.items()
            if self.frames[where] < least
        ]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept-golden",
        action="store_true",
        help="write what the code makes now into tests/golden/, instead of comparing",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RUN] = Run()
    config.addinivalue_line(
        "markers", "undescribed_frames(reason): consumers of this test send what their document lacks, on purpose"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Alone, a process keeps the order that pytest-django has chosen: what may reuse a database comes first.
    if hasattr(config, "workerinput"):
        here = Path(__file__).parent
        items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in _LONG_FOLDERS)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    if items:
        items[0].config.stash[_RUN].deselected += len(items)


@pytest.fixture(scope="session")
def recorder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """Sees each frame that the tests make a consumer send."""
    recorder = request.config.stash[_RECORDER] = Recorder(tmp_path_factory.mktemp("frames"))
    with recorder.recording():
        yield recorder
    complaints = recorder.complaints()
    assert not complaints, "\n".join(["sent after the last test:", *complaints])


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    run = session.config.stash[_RUN]
    if recorder := session.config.stash.get(_RECORDER, None):
        run.add(Run(Counter(recorder.checked), recorder.exempt))
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["run"] = {**asdict(run), "frames": dict(run.frames)}
    elif run.is_complete(session) and run.complaints() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a worker of pytest-xdist has seen; one that has died has told nothing."""
    if told := getattr(node, "workeroutput", {}).get("run"):
        node.config.stash[_RUN].add(Run(Counter(told["frames"]), told["exempt"], told["deselected"]))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    run = config.stash[_RUN]
    if run.frames:
        seen = ", ".join(f"{number} sent {where}" for where, number in sorted(run.frames.items()))
        terminalreporter.write_line(f"frames held against their documents: {seen}; exempt: {run.exempt}")
    if run.is_complete(terminalreporter._session):
        for complaint in run.complaints():
            terminalreporter.write_line(complaint, red=True)


@pytest.fixture(autouse=True)
def _described_frames(request: pytest.FixtureRequest, recorder: Recorder) -> Iterator[None]:
    """Fails a test that makes a consumer send a frame which the document of the consumer does not describe."""
    yield
    exemption = request.node.get_closest_marker("undescribed_frames")
    complaints = recorder.complaints(exempt=exemption is not None)
    if exemption is None:
        assert not complaints, "\n".join(complaints)
    else:
        assert complaints, "each frame is described: remove the marker undescribed_frames"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Starts real ASGI servers of the demo, each kind once for the same settings; stops them at the end."""
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of the tests' own, on a free port, without persistence."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="session")
def demo(servers: Servers) -> Server:
    """The demo as ``make demo`` serves it: uvicorn, SQLite, the layer inside the process."""
    return servers.start("uvicorn")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> "Golden":
    """Compares texts with the files in tests/golden/."""
    return Golden(accept=bool(request.config.getoption("--accept-golden")))


class Golden:
    """The files that hold what the code is expected to make."""

    folder = Path(__file__).parent / "golden"

    def __init__(self, *, accept: bool) -> None:
        self._accept = accept

    def check(self, name: str, text: str) -> None:
        """Fails unless ``text`` is that of the file; ``--accept-golden`` writes the file instead."""
        file = self.folder / name
        if self._accept:
            file.write_text(text, encoding="utf-8")
        expected = file.read_text(encoding="utf-8") if file.exists() else ""
        assert text == expected, f"{name} differs: look at the difference, then accept it with `make golden`"
