"""Sessions in a terminal, as the documentation shows them, played against a server or an application.

::

    $ python -m websockets ws://127.0.0.1:8000/ws/rooms/lobby/
    < {"action":"authentication", ...}
    > {"action": "ping"}
    < {"action":"pong","payload":null}
    Connection closed: 4403 (private use).

``>`` is typed, ``<`` is received; both are compared as JSON. In a text that is received, ``…`` stands for anything.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chanx.testing import WebsocketCommunicator
from tests.docs.pages import Block

_TIMEOUT: Final = 10


class Connection(Protocol):
    """An open connection, whatever carries it."""

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str: ...
    async def closed_with(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """One session: where it connects, and what happens then."""

    place: str
    url: str
    lines: Sequence[str]

    @classmethod
    def of(cls, block: Block) -> Self:
        command, *lines = block.text.splitlines()
        prompt, _, url = command.rpartition(" ")
        assert prompt == "$ python -m websockets", f"{block.place}: not a session of the client: {command}"
        # In quotes, where a shell would read something into it.
        return cls(block.place, url.strip('"'), lines)

    async def begin(self, connection: Connection) -> Sequence[str]:
        """Reads the first frame, which comes when the connection is in its groups; returns the lines that are left."""
        await self._line(connection, self.lines[0])
        return self.lines[1:]

    async def go_on(self, connection: Connection, lines: Sequence[str]) -> None:
        for line in lines:
            await self._line(connection, line)

    async def _line(self, connection: Connection, line: str) -> None:
        try:
            await self._do(connection, line)
        except (TimeoutError, ConnectionClosed) as error:
            raise AssertionError(f"{self.place}: instead of the line\n  {line}\n{error!r}") from error

    async def _do(self, connection: Connection, line: str) -> None:
        if line.startswith("> "):
            await connection.send(line[2:])
        elif line.startswith("< "):
            received = json.loads(await asyncio.wait_for(connection.receive(), _TIMEOUT))
            expected = json.loads(line[2:])
            assert matches(received, expected), (
                f"{self.place}: the page shows\n  {expected}\nbut this came\n  {received}"
            )
        elif closed := re.match(r"Connection closed: (\d+)", line):
            code = await asyncio.wait_for(connection.closed_with(), _TIMEOUT)
            assert code == int(closed[1]), f"{self.place}: closed with {code}, the page says {closed[1]}"
        else:
            raise AssertionError(f"{self.place}: what is this line? {line!r}")


def matches(received: Any, expected: Any) -> bool:
    """Whether ``received`` is what a page shows, where ``…`` in a text stands for anything."""
    if isinstance(expected, dict) and isinstance(received, dict):
        return expected.keys() == received.keys() and all(matches(received[key], expected[key]) for key in expected)
    if isinstance(expected, list) and isinstance(received, list):
        return len(expected) == len(received) and all(map(matches, received, expected))
    if isinstance(expected, str) and isinstance(received, str) and "…" in expected:
        return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), received, re.DOTALL) is not None
    return type(received) is type(expected) and received == expected


class _Socket:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        await self._socket.send(text)

    async def receive(self) -> str:
        return str(await self._socket.recv())

    async def closed_with(self) -> int:
        try:
            frame = await self._socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the connection broke off"
            return int(closed.rcvd.code)
        raise AssertionError(f"expected the close, received {frame!r}")


async def play(
    sessions: Sequence[Block], address: str, *, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Plays sessions at the same time against the server at ``address``, which stands for ``127.0.0.1:8000``.

    All connect and read their first frame; then ``meanwhile`` runs, and the sessions go on.
    """
    transcripts = [Transcript.of(block) for block in sessions]
    opened: list[ClientConnection] = []
    try:
        left: list[Sequence[str]] = []
        for transcript in transcripts:
            assert "127.0.0.1:8000" in transcript.url, f"{transcript.place}: not the address of the server"
            opened.append(await connect(transcript.url.replace("127.0.0.1:8000", address), compression=None))
            left.append(await transcript.begin(_Socket(opened[-1])))
        if meanwhile is not None:
            await meanwhile()
        await asyncio.gather(
            *(
                transcript.go_on(_Socket(socket), lines)
                for transcript, socket, lines in zip(transcripts, opened, left, strict=True)
            )
        )
    finally:
        for socket in opened:
            await socket.close()


class _InProcess:
    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self._communicator = communicator

    async def send(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def receive(self) -> str:
        return str(await self._communicator.receive_from(timeout=_TIMEOUT))

    async def closed_with(self) -> int:
        event = await self._communicator.receive_output(_TIMEOUT)
        assert event["type"] == "websocket.close", f"expected the close, received {event}"
        return int(event["code"])


async def play_in_process(sessions: Sequence[Block], application: Any, **options: Any) -> None:
    """Plays sessions at the same time against an ASGI application of this process."""
    transcripts = [Transcript.of(block) for block in sessions]
    communicators: list[WebsocketCommunicator] = []
    left: list[Sequence[str]] = []
    for transcript in transcripts:
        path = transcript.url.removeprefix("ws://127.0.0.1:8000")
        communicators.append(WebsocketCommunicator(application, path, **options))
        await communicators[-1].connect()
        left.append(await transcript.begin(_InProcess(communicators[-1])))
    await asyncio.gather(
        *(
            transcript.go_on(_InProcess(communicator), lines)
            for transcript, communicator, lines in zip(transcripts, communicators, left, strict=True)
        )
    )
    for communicator in communicators:
        await communicator.disconnect()
