"""Clients of the hostile suite, on each server and on each way of a frame through a consumer."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest

from chanx.close_codes import CLOSE_CODES, CloseCode
from tests.hostile.raw import ClosedError, RawClient
from tests.hostile.service import CONSUMERS
from tests.servers import Server, ServerKind, Servers

#: What uvicorn itself says of a frame that is no UTF-8, before any application sees it.
_OF_UVICORN: Final = re.compile(
    r"Invalid UTF-8 sequence received from client\.\nTraceback (?:(?!chanx).)*?\nUnicodeDecodeError: [^\n]*\n",
    re.DOTALL,
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
        """A connection; whatever happens on it, the server must not have failed."""
        start = server.log.stat().st_size
        with RawClient(server, f"/ws/hostile/{way}/") as client:
            assert client.receive()["action"] == "authentication"
            hostile = cls(server, client, start)
            yield hostile
        log = _OF_UVICORN.sub("", hostile.log())
        assert not re.search(r"Traceback|ERROR|CRITICAL|Exception", log), log

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
        with self.server.log.open("rb") as log:
            log.seek(self._log_starts)
            return log.read().decode(errors="backslashreplace")


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
