"""A WebSocket client that costs next to nothing, so that the server is what is measured.

It sends frames that were encoded once, never compresses, and reads no more of a received frame than it is asked for.
"""

import asyncio
import base64
import struct
from collections.abc import Callable, Iterable
from typing import Final, cast

#: Called with each text that arrives.
OnText = Callable[[bytes], None]

_END_OF_HEAD: Final = b"\r\n\r\n"
_TEXT: Final = 0x1
_CLOSE: Final = 0x8
_PING: Final = 0x9
_PONG: Final = 0xA


class Refused(Exception):
    """The server did not accept the connection; holds the head of its answer."""


def text_frame(text: str) -> bytes:
    """A final text frame of a client. The mask is zero: as valid as any other, and cheap. (RFC 6455, 5.3)"""
    return _frame(_TEXT, text.encode())


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 2**16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + bytes(4) + payload


class Connection(asyncio.Protocol):
    """One WebSocket connection."""

    def __init__(self, path: str, headers: Iterable[tuple[str, str]] = (), on_text: OnText | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.on_text = on_text
        #: Done when the server has accepted. Its exception is :class:`Refused`.
        self.opened: asyncio.Future[None] = loop.create_future()
        #: Done when nothing comes any more; its result is the close code, None without one.
        self.closed: asyncio.Future[int | None] = loop.create_future()
        self.transport: asyncio.Transport
        self._request = _request(path, headers)
        self._buffer = b""
        self._is_open = False
        self._code: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def send(self, frame: bytes) -> None:
        """Sends what :func:`text_frame` has made."""
        self.transport.write(frame)

    def close(self) -> None:
        """Says goodbye; the server then closes the connection."""
        self.transport.write(_frame(_CLOSE, struct.pack("!H", 1000)))

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        if not self._is_open:
            head, end, data = data.partition(_END_OF_HEAD)
            if not end:
                self._buffer = head
                return
            if b" 101 " not in head[:16]:
                self._fail(Refused(head.decode(errors="replace")))
                return
            self._is_open = True
            self.opened.set_result(None)
        self._buffer = self._read_frames(data)

    def _read_frames(self, data: bytes) -> bytes:
        """Handles what is complete in ``data``, and returns the rest."""
        position, end = 0, len(data)
        while end - position >= 2:
            size, start = data[position + 1], position + 2
            if size == 126:
                start += 2
                if end < start:
                    break
                size = (data[start - 2] << 8) | data[start - 1]
            elif size == 127:
                start += 8
                if end < start:
                    break
                (size,) = struct.unpack_from("!Q", data, start - 8)
            if end < start + size:
                break
            opcode, position = data[position] & 0x0F, start + size
            if opcode == _TEXT:
                if self.on_text is not None:
                    self.on_text(data[start:position])
            elif opcode == _PING:
                self.transport.write(_frame(_PONG, data[start:position]))
            elif opcode == _CLOSE:
                self._code = struct.unpack_from("!H", data, start)[0] if size else None
                self.transport.write(_frame(_CLOSE, data[start:position]))
        return data[position:]

    def eof_received(self) -> None:
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(Refused(f"the connection was lost: {exc}"))
        if not self.closed.done():
            self.closed.set_result(self._code)

    def _fail(self, failure: Exception) -> None:
        if not self.opened.done():
            self.opened.set_exception(failure)
            # Whoever waits for it is told; nobody has to.
            self.opened.exception()


def _request(path: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join(lines).encode() + _END_OF_HEAD


async def connect(
    port: int, path: str, headers: Iterable[tuple[str, str]] = (), on_text: OnText | None = None
) -> Connection:
    """An accepted connection to a server on this machine. Raises :class:`Refused`, or OSError."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(path, headers, on_text), "127.0.0.1", port)
    await connection.opened
    return connection


async def connect_many(port: int, paths: Iterable[str], *, at_once: int = 50) -> list[Connection]:
    """Accepted connections, in the order of their paths; a server gets no more than ``at_once`` at the same time."""
    pending = list(paths)
    connections: list[Connection] = []
    for start in range(0, len(pending), at_once):
        connections += await asyncio.gather(*(connect(port, path) for path in pending[start : start + at_once]))
    return connections


async def disconnect(connections: Iterable[Connection]) -> None:
    """Closes connections, and waits until they are closed."""
    waiting = [connection for connection in connections if not connection.closed.done()]
    for connection in waiting:
        if not connection.transport.is_closing():
            connection.transport.resume_reading()
            connection.close()
    done = [connection.closed for connection in waiting]
    if done:
        await asyncio.wait(done, timeout=10)
    for connection in waiting:
        connection.transport.abort()
