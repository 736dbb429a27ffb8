"""A chat server of a few lines that speaks the wire contract: what the page is tested against without Django.

It serves the page under a strict content security policy, its document, its built files, and one room.
"""

import asyncio
import base64
import json
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from weakref import WeakSet

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

POLICY = "default-src 'self'; connect-src 'self' ws: wss:"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".md": "text/markdown"}
TOKENS = {"Token ada-key": "ada", "Bearer bob-key": "bob"}
SESSIONS = {"sessionid=carols-session": "carol"}


class ChatServer:
    """Listens on a free port of the loopback interface while `running()` lasts."""

    def __init__(self, page: str, bundle: Path, document: str) -> None:
        self.page = page
        self.bundle = bundle
        #: Status and body of the document's URL; a test may change them.
        self.document: tuple[HTTPStatus, str] = (HTTPStatus.OK, document)
        self.port = 0
        #: The paths, query string included, of the handshakes that came.
        self.handshakes: list[str] = []
        self._room: dict[ServerConnection, str] = {}
        self._transports: WeakSet[asyncio.BaseTransport] = WeakSet()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Generator["ChatServer"]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            server = asyncio.run_coroutine_threadsafe(self._start(), loop).result(timeout=10)
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(_stop(server, self._transports), loop).result(timeout=10)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=10)
            loop.close()

    async def _start(self) -> Server:
        transports = self._transports

        class Connection(ServerConnection):
            """Is known by its transport from its first moment on, long before its request has come."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                transports.add(transport)
                super().connection_made(transport)

        server = await serve(
            self._talk,
            "127.0.0.1",
            0,
            process_request=self._answer,
            select_subprotocol=_select_subprotocol,
            create_connection=Connection,
        )
        self.port = next(iter(server.sockets)).getsockname()[1]
        return server

    def _answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path.startswith("/ws/"):
            self.handshakes.append(request.path)
            return None
        if path == "/docs/":
            return _response(HTTPStatus.OK, "text/html", self.page.encode())
        if path == "/docs/asyncapi.json":
            status, document = self.document
            return _response(status, "application/json", document.encode())
        file = self.bundle / path.rpartition("/")[2]
        if "/chanx_asyncapi/" in path and file.is_file():
            return _response(HTTPStatus.OK, TYPES[file.suffix], file.read_bytes())
        return _response(HTTPStatus.NOT_FOUND, "text/plain", b"not here")

    async def _talk(self, connection: ServerConnection) -> None:
        user = _user_of(connection)
        if user is None:
            await _send(connection, _authentication(HTTPStatus.UNAUTHORIZED))
            await connection.close(4401, "not authenticated")
            return
        await _send(connection, _authentication(HTTPStatus.OK))
        self._room[connection] = user
        try:
            async for text in connection:
                await self._receive(connection, user, text)
        finally:
            del self._room[connection]

    async def _receive(self, connection: ServerConnection, user: str, text: str | bytes) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            problem = {"type": "invalid_json", "loc": [], "msg": "Invalid JSON"}
            await _send(connection, {"action": "error", "payload": [problem]})
            return
        reply_to = {"reply_to": frame["id"]} if "id" in frame else {}
        match frame["action"]:
            case "ping":
                await _send(connection, {"action": "pong", "payload": None, **reply_to})
            case "burst":
                for number in range(frame["payload"]["count"]):
                    await _send(connection, {"action": "tick", "payload": number})
            case "blob":
                rows = [{"text": "x" * 90} for _ in range(frame["payload"]["size"] // 103)]
                await _send(connection, {"action": "blob", "payload": rows, **reply_to})
            case "new_chat":
                said = frame["payload"]["text"]
                await _send(connection, {"action": "posted", "payload": {"id": 1, "text": said}, **reply_to})
                for other in self._room.keys() - {connection}:
                    payload = {"author": user, "text": said}
                    await _send(other, {"action": "chat_posted", "payload": payload, "is_mine": False})
            case unknown:
                problem = {"type": "unknown_action", "loc": ["action"], "msg": f"Unknown action {unknown}"}
                await _send(connection, {"action": "error", "payload": [problem], **reply_to})


async def _stop(server: Server, transports: Iterable[asyncio.BaseTransport]) -> None:
    """Cuts off everybody, also who comes at the last moment: browsers open sockets in advance, and one of those may be
    accepted while the server is being closed, and never send its request."""
    # asyncio loses a socket whose acceptance is overtaken by close(): none is accepted any more before that.
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener.fileno())
    await asyncio.sleep(0)
    server.server.close()
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for transport in transports:
        transport.close()
    # Transports close their sockets in the next turn of the loop.
    await asyncio.sleep(0)


async def _send(connection: ServerConnection, frame: dict[str, Any]) -> None:
    await connection.send(json.dumps(frame))


def _authentication(status: HTTPStatus) -> dict[str, Any]:
    payload = {"status_code": status, "status_text": status.phrase, "data": {"detail": status.phrase}}
    return {"action": "authentication", "payload": payload}


def _response(status: HTTPStatus, content_type: str, body: bytes) -> Response:
    headers = Headers()
    headers["Content-Type"] = content_type
    headers["Content-Length"] = str(len(body))
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    return Response(status, status.phrase, headers, body)


def _select_subprotocol(_connection: ServerConnection, offered: Any) -> Subprotocol | None:
    return Subprotocol("chanx.v1") if "chanx.v1" in offered else None


def _user_of(connection: ServerConnection) -> str | None:
    """Who the credential stands for: the subprotocol's, else the session cookie's."""
    assert connection.request is not None
    headers = connection.request.headers
    for offered in headers.get("Sec-WebSocket-Protocol", "").split(","):
        prefix, separator, credential = offered.strip().partition("chanx.auth.")
        if not prefix and separator:
            padding = "=" * (-len(credential) % 4)
            return TOKENS.get(base64.urlsafe_b64decode(credential + padding).decode())
    return SESSIONS.get(headers.get("Cookie", ""))
