"""Clients of the hostile suite, on each server and on each way of a frame through a consumer."""

import re
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from chanx.close_codes import CLOSE_CODES, CloseCode
from tests.hostile.raw import ClosedError, RawClient
from tests.hostile.service import CONSUMERS
from tests.servers import Server, ServerKind, Servers

#: What servers themselves say, before any application sees a frame, or after it is done.
_OF_SERVERS: Final = (
    re.compile(
        r"Invalid UTF-8 sequence received from client\.\nTraceback (?:(?!chanx).)*?\nUnicodeDecodeError: [^\n]*\n",
        re.DOTALL,
    ),
    # uvicorn, of each handshake that is answered with an HTTP status.
    re.compile(r"[^\n]*ASGI callable returned without completing handshake\.\n"),
)


@dataclass
class Hostile:
    """A connection to the service, and the log that the server has written since it was opened."""

    server: Server
    client: RawClient
    _log_starts: int

    @classmethod
    @contextmanager
    def connected(cls, server: Server, way: str) -> Generator["Hostile"]:
        """A connection to a way of the service; whatever happens on it, the server must not have failed."""
        with cls.at(server, f"/ws/hostile/{way}/") as hostile:
            assert hostile.client.receive()["action"] == "authentication"
            yield hostile

    @classmethod
    @contextmanager
    def at(cls, server: Server, path: str, *headers: bytes, fails: bool = False) -> Generator["Hostile"]:
        """A connection to an address, with its first frame still to be received. Unless it ``fails``, the server must
        not have logged a failure in the end."""
        start = server.log.stat().st_size
        with RawClient(server, path, *headers) as client:
            hostile = cls(server, client, start)
            yield hostile
        if not fails:
            assert_no_failure(hostile.log())

    @classmethod
    @contextmanager
    def working(cls, server: Server, name: str = "working", *, fails: bool = False) -> Generator["Hostile"]:
        """A connection to one of the services that count what they do."""
        with cls.at(server, f"/ws/guarded/{name}/", fails=fails) as hostile:
            assert hostile.client.receive()["payload"]["status_code"] == 200
            yield hostile

    def ask(self, text: str | bytes, **options: Any) -> Any:
        """The answer to a frame."""
        self.client.send(text, **options)
        return self.client.receive()

    def refused(self, text: str | bytes, **options: Any) -> dict[str, Any]:
        """The error that a frame is refused with, the only one; the connection must still serve."""
        (error,) = self.errors(text, **options)
        return error

    def errors(self, text: str | bytes, **options: Any) -> list[dict[str, Any]]:
        """The errors that a frame is refused with; the connection must still serve."""
        answer = self.ask(text, **options)
        assert answer["action"] == "error", answer
        errors = answer["payload"]
        assert isinstance(errors, list), answer
        assert self.ask('{"action":"ping"}') == {"action": "pong", "payload": None}
        return errors

    def echoed(self, text: str | bytes) -> Any:
        """What the handler has got from a frame."""
        answer = self.ask(text)
        assert answer["action"] == "echoed", answer
        return answer["payload"]

    def closed(self, text: str | bytes, **options: Any) -> int | None:
        """The code with which the server closes after a frame."""
        self.client.send(text, **options)
        with pytest.raises(ClosedError) as closed:
            self.client.receive()
        code: int | None = closed.value.code
        return code

    def code(self, code: CloseCode) -> int:
        """The number that a close code has on this server."""
        return CLOSE_CODES[code].daphne if self.server.kind == "daphne" else int(code)

    def log(self) -> str:
        """What the server has logged since the client connected."""
        return log_since(self.server, self._log_starts)


def log_since(server: Server, start: int) -> str:
    """What a server has logged behind a position in its log."""
    with server.log.open("rb") as log:
        log.seek(start)
        return log.read().decode(errors="backslashreplace")


def assert_no_failure(log: str) -> None:
    """What the servers have logged is no failure, neither theirs nor chanx's."""
    for known in _OF_SERVERS:
        log = known.sub("", log)
    assert not re.search(r"Traceback|ERROR|CRITICAL|Exception", log), log


def counts(server: Server) -> Counter[str]:
    """What has happened in a server since it was started, by what its service counts."""
    with RawClient(server, "/ws/guarded/working/") as client:
        client.receive()
        client.send('{"action":"ask"}')
        return Counter(client.receive()["payload"])


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Waits for something that happens in a server; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.05)


def memory(server: Server) -> int:
    """Bytes that a server holds in memory, those of its workers included."""
    found = 0
    for pid in _family(server.process.pid):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                found += int(line.split()[1]) * 1024
    return found


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


KINDS: Final[tuple[ServerKind, ...]] = get_args(ServerKind)


@pytest.fixture(params=KINDS)
def any_server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    """Each server, as a deployment would have it, and each of its implementations of WebSockets."""
    return servers.start(request.param, DJANGO_DEBUG="0")


@pytest.fixture(params=["uvicorn", "daphne"])
def kind(request: pytest.FixtureRequest) -> ServerKind:
    kind: ServerKind = request.param
    return kind


@pytest.fixture
def server(kind: ServerKind, servers: Servers) -> Server:
    """The server that a deployment would have: DEBUG is off."""
    return servers.start(kind, DJANGO_DEBUG="0")


@pytest.fixture(params=sorted(CONSUMERS))
def way(request: pytest.FixtureRequest) -> str:
    """How the consumer reads its frames."""
    way: str = request.param
    return way


@pytest.fixture
def hostile(server: Server, way: str) -> Iterator[Hostile]:
    with Hostile.connected(server, way) as hostile:
        yield hostile
