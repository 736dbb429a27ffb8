"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import RedisServer, Server, Servers


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept-golden",
        action="store_true",
        help="write what the code makes now into tests/golden/, instead of comparing",
    )


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
