"""The mock as a WebSocket server, on the library ``websockets``."""

import asyncio
import base64
import binascii
import ipaddress
import json
import signal
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from chanx_asyncapi.mock.making_frames import Frames
from chanx_asyncapi.mock.script import Answer, Script, check
from chanx_asyncapi.mock.service import Line, Service, path_and_query
from chanx_asyncapi.mock.session import Client, ClientGoneError, Session

#: docs/protocol.md, "The handshake".
SUBPROTOCOL: Final = "chanx.v1"
_AUTHORIZATION: Final = "chanx.auth."
_BEARER: Final = "chanx.bearer."
#: Bytes of a frame, as ``MAX_MESSAGE_SIZE`` of chanx.
MAX_MESSAGE_SIZE: Final = 64 * 1024
#: Received frames that are remembered for tests.
MAX_REMEMBERED: Final = 10_000
#: Seconds that a client gets to answer a close.
_CLOSE_TIMEOUT: Final = 2


@dataclass(frozen=True, slots=True)
class ReceivedFrame:
    """What a client has sent."""

    channel: str
    data: str | bytes

    @property
    def frame(self) -> Any:
        """As JSON. Raises ValueError when it is none."""
        return json.loads(self.data)


class MockServer:
    """Serves the channels of a document::

        async with MockServer(document) as mock:
            connect(mock.url("chat", room_id="7"))

    :param document: the JSON shape of a document of AsyncAPI 3.
    :param script: what is not to be as the document has it.
    :param seed: two mocks with the same one choose alike.
    :param host: address to listen at. Where others can reach it, pages may connect only from there or from ``origins``.
    :param port: to listen at; 0 for any that is free.
    :param push_every: seconds, on average, between messages that nobody has asked for; 0 for none.
    :param max_connections: at a time; more are refused with HTTP 503.
    :param log: is told what happens, in sentences.
    :raises NothingToServeError: when the document has no channel with an address.
    :raises ScriptError: when the script does not fit the document.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        script: Script | None = None,
        seed: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        push_every: float = 0,
        max_connections: int = 100,
        origins: Sequence[str] = (),
        log: Callable[[str], None] | None = None,
    ) -> None:
        self._service: Final = Service(document)
        self._frames = Frames(self._service)
        self._script = script or Script()
        check(self._script, self._service, self._frames)
        self._seed = seed
        self._host = host
        self._port = port
        self._push_every = push_every
        self._max_connections = max_connections
        self._origins = frozenset(origins)
        self._tell = log
        self._server: Server | None = None
        self._connected = 0
        self._opened = 0
        self._used: Counter[int] = Counter()
        self._sessions: dict[Session, ServerConnection] = {}
        #: What clients have sent, the latest last.
        self.received: Final[deque[ReceivedFrame]] = deque(maxlen=MAX_REMEMBERED)

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse,
            self._host,
            self._port,
            process_request=self._find,
            select_subprotocol=_select,
            max_size=MAX_MESSAGE_SIZE,
            close_timeout=_CLOSE_TIMEOUT,
            # Credentials are among the headers: they are nobody's to read in a log.
            logger=None,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def port(self) -> int:
        """What it listens at. Raises RuntimeError before it does."""
        if self._server is None:
            raise RuntimeError("The mock is not running: use it in `async with`.")
        found: int = next(iter(self._server.sockets)).getsockname()[1]
        return found

    @property
    def base_url(self) -> str:
        """Where it serves, without a path."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self.port}"

    @property
    def addresses(self) -> Sequence[tuple[str, str]]:
        """The key of each channel, and its address with the names of its parameters."""
        return [(line.key, self.base_url + line.address) for line in self._service.lines]

    def url(self, channel: str, **parameters: str) -> str:
        """The address of a channel, named by its key. Raises KeyError for an unknown one."""
        line = next((line for line in self._service.lines if line.key == channel), None)
        if line is None:
            raise KeyError(channel)
        return self.base_url + line.address.format_map(parameters)

    async def push(self, channel: str, frame: str | Mapping[str, Any]) -> int:
        """Send to every client of a channel: an action, for a frame made from the document, or a frame that fits it.

        :return: how many clients there were.
        :raises FrameError: when the frame does not fit the document.
        """
        sessions = [session for session in self._sessions if session.line.key == channel]
        for session in sessions:
            with suppress(ClientGoneError):
                await session.push(frame)
        return len(sessions)

    async def close(self, channel: str, code: int, reason: str = "") -> None:
        """Close the connections of a channel with a code."""
        for session, connection in [*self._sessions.items()]:
            if session.line.key == channel:
                await connection.close(code, reason)

    def drop(self, channel: str) -> None:
        """Cut the connections of a channel off, as a network does: without a close."""
        for session, connection in [*self._sessions.items()]:
            if session.line.key == channel:
                connection.transport.abort()

    def _log(self, text: str) -> None:
        if self._tell is not None:
            self._tell(text)

    def _find(self, connection: ServerConnection, request: Request) -> Response | None:
        path, _ = path_and_query(request.path)
        if self._service.find(path) is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "The document has no channel at this path.\n")
        if self._connected >= self._max_connections:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections.\n")
        return None

    async def _converse(self, connection: ServerConnection) -> None:
        assert connection.request is not None, "a connection is made by a request"
        path, query = path_and_query(connection.request.path)
        found = self._service.find(path)
        assert found is not None, "other paths are refused before"
        line, parameters = found
        self._connected += 1
        self._opened += 1
        session = Session(
            _Socket(connection, lambda text: self._log(f"{line.key} → {text}")),
            line,
            service=self._service,
            frames=self._frames,
            script=self._script.of(line),
            random=Random(f"{self._seed}:{self._opened}"),  # noqa: S311  # nothing is secret
            log=lambda text: self._log(f"{line.key}: {text}"),
        )
        self._log(f"{line.key}: a client has connected")
        work = asyncio.create_task(
            self._serve(session, connection, self._answer(connection.request, query, line, parameters))
        )
        gone = asyncio.create_task(connection.wait_closed())
        try:
            # A step of a script may wait for an hour: not for a client that has gone.
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.wait((work, gone))
            self._connected -= 1
            self._sessions.pop(session, None)
            session.end()
            self._log(f"{line.key}: a client has gone")
        if not work.cancelled():
            work.result()

    async def _serve(self, session: Session, connection: ServerConnection, answer: Answer) -> None:
        try:
            if not await session.authenticate(answer):
                return
            session.begin(self._push_every)
            self._sessions[session] = connection
            async for data in connection:
                key = session.line.key
                self._log(f"{key} ← {data!r}" if isinstance(data, bytes) else f"{key} ← {data}")
                self.received.append(ReceivedFrame(key, data))
                await session.handle(data)
        except (ConnectionClosed, ClientGoneError):
            return

    def _answer(self, request: Request, query: str, line: Line, parameters: Mapping[str, str]) -> Answer:
        """What the script says about a client, and the rules of the runtime before it."""
        if not self._allows(request.headers.get("Origin"), request.headers.get("Host")):
            return Answer(status=403, detail="The Origin is not allowed.")
        authorization = request.headers.get("Authorization")
        offered = _offered(request)
        try:
            authorization = _credential(offered) or authorization
        except ValueError:
            return Answer(status=401, detail="The credential among the subprotocols cannot be decoded.")
        client = Client(authorization=authorization, query=dict(parse_qsl(query)), parameters=parameters)
        for answer in self._script.of(line).authentication:
            if client.fits(answer) and (answer.times is None or self._used[id(answer)] < answer.times):
                self._used[id(answer)] += 1
                return answer
        errors = self._service.query_errors(line, query)
        return Answer(status=400, data={key: [*texts] for key, texts in errors.items()}) if errors else Answer()

    def _allows(self, origin: str | None, host: str | None) -> bool:
        if origin is None or origin in self._origins or _is_loopback(self._host):
            return True
        return urlsplit(origin).netloc == host


class _Socket:
    """A connection as a session sees it."""

    def __init__(self, connection: ServerConnection, log: Callable[[str], None]) -> None:
        self._connection = connection
        self._log = log

    async def send(self, text: str) -> None:
        self._log(text)
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise ClientGoneError from error

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, reason)

    def drop(self) -> None:
        self._connection.transport.abort()


def _select(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Never one that holds a credential."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


def _offered(request: Request) -> list[str]:
    values = request.headers.get_all("Sec-WebSocket-Protocol")
    return [name.strip() for value in values for name in value.split(",")]


def _credential(offered: Sequence[str]) -> str | None:
    """The value of the header Authorization that the subprotocols stand for. Raises ValueError for a wrong one."""
    found: list[str] = []
    for name in offered:
        if name.startswith(_BEARER):
            found.append(f"Bearer {name.removeprefix(_BEARER)}")
        elif name.startswith(_AUTHORIZATION):
            text = name.removeprefix(_AUTHORIZATION)
            try:
                found.append(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode())
            except (binascii.Error, UnicodeDecodeError) as error:
                raise ValueError("a credential that cannot be decoded") from error
    if len(found) > 1:
        raise ValueError("more than one credential")
    return found[0] if found else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def run(mock: MockServer, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM comes, and close every connection with 1001. Raises OSError for a taken port."""
    asyncio.run(_serve_until_a_signal(mock, started))


async def _serve_until_a_signal(mock: MockServer, started: Callable[[], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows' loops have no handlers: there, asyncio.run() ends with KeyboardInterrupt.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with mock:
        started()
        await stop.wait()
