"""A WebSocket client that sends what it is told, right or wrong: a library would refuse. (RFC 6455)"""

import base64
import json
import os
import select
import socket
import struct
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from tests.servers import Server

TEXT: Final = 0x1
BINARY: Final = 0x2
CONTINUATION: Final = 0x0
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

#: Seconds within which the server must answer.
PATIENCE: Final = 10


class ClosedError(Exception):
    """The server has closed; ``code`` is None when it only cut the connection off."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class RefusedError(Exception):
    """The handshake is refused, with an HTTP status."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class RawClient:
    """One connection, open after construction. ``headers`` are bytes as they are.

    Raises RefusedError when the server does not let it begin.
    """

    def __init__(self, server: Server, path: str, *headers: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self._stream = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        lines = [
            b"GET %s HTTP/1.1" % path.encode(),
            b"Host: 127.0.0.1:%d" % server.port,
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Key: " + key,
            b"Sec-WebSocket-Version: 13",
            *headers,
        ]
        self._socket.sendall(b"\r\n".join([*lines, b"", b""]))
        self._open()

    def _open(self) -> None:
        status = self._stream.readline()
        #: What the server has answered, by lower-case name.
        self.headers: dict[bytes, bytes] = {}
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            self.headers[name.lower()] = value.strip()
        if b" 101" not in status:
            body = b""
            with suppress(OSError):
                body = self._stream.read(int(self.headers.get(b"content-length", -1)))
            self._stream.close()
            self._socket.close()
            raise RefusedError(int(status.split()[1]), body)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._socket.close()

    def send(
        self, payload: str | bytes, opcode: int = TEXT, *, is_final: bool = True, is_compressed: bool = False
    ) -> None:
        """Sends one WebSocket frame; a text is sent as UTF-8, bytes as they are."""
        # The server may have closed before it has read everything, which receive() tells.
        with suppress(OSError):
            self._socket.sendall(frame(payload, opcode, is_final=is_final, is_compressed=is_compressed))

    def send_raw(self, data: bytes) -> None:
        """Sends bytes that may be anything; raises TimeoutError when the server does not take them."""
        self._socket.sendall(data)

    def set_patience(self, seconds: float) -> None:
        """How long sending and receiving may wait from now on."""
        self._socket.settimeout(seconds)

    def abort(self) -> None:
        """Resets the TCP connection, as when a process is killed."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.__exit__(None, None, None)

    def receive(self) -> Any:
        """The content of the next text frame; raises ClosedError when the server has closed instead."""
        opcode, payload = self._frame()
        while opcode == PING:
            self.send(payload, PONG)
            opcode, payload = self._frame()
        if opcode == CLOSE:
            raise ClosedError(int.from_bytes(payload[:2]) if payload else None)
        assert opcode == TEXT, f"a frame with opcode {opcode}"
        return json.loads(payload)

    def skip_to_close(self) -> int | None:
        """The code with which the server closes, whatever it sends before; None when it only cuts the connection off.
        The close is answered, as it must be. (5.5.1)"""
        try:
            opcode, payload = self._frame()
            while opcode != CLOSE:
                opcode, payload = self._frame()
        except ClosedError:
            return None
        self.send(payload, CLOSE)
        return int.from_bytes(payload[:2]) if payload else None

    def answer_pings(self, seconds: float) -> None:
        """Answers what comes in this time, which must be pings."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                return
            opcode, payload = self._frame()
            assert opcode == PING, f"a frame with opcode {opcode}"
            self.send(payload, PONG)

    def _frame(self) -> tuple[int, bytes]:
        try:
            head = self._stream.read(2)
            if len(head) < 2:
                raise ClosedError(None)
            size = head[1]
            if size > 125:
                size = int.from_bytes(self._stream.read(2 if size == 126 else 8))
            # A compressed frame has one of the upper bits set as well.
            return head[0] & 0x0F, self._stream.read(size)
        except ConnectionError:
            raise ClosedError(None) from None


def frame(payload: str | bytes, opcode: int = TEXT, *, is_final: bool = True, is_compressed: bool = False) -> bytes:
    """The bytes of a WebSocket frame."""
    data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    head = bytes([(0x80 if is_final else 0) | (0x40 if is_compressed else 0) | opcode])
    # A client must mask what it sends; a mask of zeros changes nothing. (5.3)
    if len(data) < 126:
        head += bytes([0x80 | len(data)])
    elif len(data) < 65_536:
        head += b"\xfe" + len(data).to_bytes(2)
    else:
        head += b"\xff" + len(data).to_bytes(8)
    return head + bytes(4) + data
