"""A WebSocket client that sends what it is told, right or wrong: a library would refuse. (RFC 6455)"""

import base64
import json
import os
import socket
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


class RawClient:
    """One connection, open after construction."""

    def __init__(self, server: Server, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self._stream = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._socket.sendall(request.encode())
        status = self._stream.readline().decode()
        while self._stream.readline().strip():
            pass
        assert " 101 " in status, status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._socket.close()

    def send(self, payload: str | bytes, opcode: int = TEXT, *, is_final: bool = True) -> None:
        """Sends one WebSocket frame; a text is sent as UTF-8, bytes as they are."""
        data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
        head = bytes([(0x80 if is_final else 0) | opcode])
        # A client must mask what it sends; a mask of zeros changes nothing. (5.3)
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        elif len(data) < 65_536:
            head += b"\xfe" + len(data).to_bytes(2)
        else:
            head += b"\xff" + len(data).to_bytes(8)
        # The server may have closed before it has read everything, which receive() tells.
        with suppress(OSError):
            self._socket.sendall(head + bytes(4) + data)

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

    def _frame(self) -> tuple[int, bytes]:
        try:
            head = self._stream.read(2)
            if len(head) < 2:
                raise ClosedError(None)
            size = head[1]
            if size > 125:
                size = int.from_bytes(self._stream.read(2 if size == 126 else 8))
            return head[0] & 0x0F, self._stream.read(size)
        except ConnectionError:
            raise ClosedError(None) from None
