"""One connection: the handshake, the authentication frame, frames, the end."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from .description import Description
from .json_values import as_list, as_object, as_seconds, parsed
from .options import Credentials, Options
from .reconnecting import Close, close_of_status

_PROTOCOLS = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
#: docs/protocol.md, "The handshake": for servers that tell a status and then close without a code.
_CODES = {401: 4401, 403: 4403, 404: 4404, 429: 4429, 500: 4500}
#: Seconds that the server gets to close after a refusal, and to answer our close.
_CLOSE_TIMEOUT = 5


class NotConnected(Exception):
    """There is no connection: the server cannot be reached, or does not let the client in."""

    def __init__(self, close: Close) -> None:
        super().__init__(close)
        self.close = close


class Connection:
    """An open connection; the server has let the client in."""

    def __init__(self, socket: Any, description: Description) -> None:
        self._socket = socket
        self._description = description
        #: What the authentication frame said.
        self.authentication: Any = None
        #: The first frame, where it was none of authentication.
        self._first: str | bytes | None = None
        self._retry_after: float | None = None

    @classmethod
    async def open(
        cls,
        url: str,
        credentials: Credentials,
        description: Description,
        options: Options,
        subprotocols: Sequence[str],
    ) -> Self:
        """Connect, and wait to be let in. Raises NotConnected."""
        socket = None
        try:
            async with asyncio.timeout(options.open_timeout):
                socket = await _opened(
                    url, credentials, description, options, subprotocols
                )
                connection = cls(socket, description)
                if description.authentication is not None:
                    await connection._authenticate(description.authentication)
                return connection
        except BaseException as error:
            if socket is not None:
                socket.transport.abort()
            if isinstance(error, InvalidStatus):
                response = error.response
                raise NotConnected(
                    close_of_status(
                        response.status_code, response.headers.get("Retry-After")
                    )
                ) from error
            if isinstance(error, OSError | TimeoutError | InvalidHandshake | EOFError):
                raise NotConnected(
                    Close(reason=f"{type(error).__name__}: {error}".rstrip(": "))
                ) from error
            raise

    async def send(self, text: str) -> None:
        """Send a frame. Raises ConnectionClosed of websockets when there is no connection any more."""
        await self._socket.send(text)

    async def receive(self) -> str | bytes | None:
        """The next frame; None when the connection has ended."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            data: str | bytes = await self._socket.recv()
        except ConnectionClosed:
            return None
        return data

    def note(self, frame: Mapping[str, Any]) -> None:
        """Remember the seconds of an error frame, which a close may be about."""
        payload = frame.get(self._description.payload_key)
        # What refuses a frame is a list of errors, what has failed is one object.
        first = as_object(as_list(payload)[0]) if payload else {}
        self._retry_after = as_seconds(first) or self._retry_after

    async def closed(self) -> Close:
        """How it ended, once it has."""
        await self._socket.wait_closed()
        return Close(
            self._socket.close_code, self._socket.close_reason or "", self._retry_after
        )

    async def close(self, code: int, reason: str) -> None:
        """Close it, and wait for the server to do so."""
        await self._socket.close(code, reason)

    def abort(self) -> None:
        """Cut it off."""
        self._socket.transport.abort()

    async def _authenticate(self, action: str) -> None:
        try:
            first = await self._socket.recv()
        except ConnectionClosed:
            raise NotConnected(await self.closed()) from None
        frame = as_object(parsed(first))
        if frame.get(self._description.action_key) != action:
            # A service that sends no such frame although its document has it.
            self._first = first
            return
        self.authentication = frame.get(self._description.payload_key)
        payload = as_object(self.authentication)
        status = payload.get("status_code", payload.get("statusCode"))
        if status == 200 or not isinstance(status, int):
            return
        data = as_object(payload.get("data"))
        self._retry_after = as_seconds(data)
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                close = await self._closed_without_frames()
        except TimeoutError:
            close = Close()
        # The status says why where the close does not.
        code = close.code if close.code >= 3000 else _CODES.get(status, 4400)
        reason = close.reason or str(data.get("detail", ""))
        raise NotConnected(Close(code, reason, self._retry_after))

    async def _closed_without_frames(self) -> Close:
        while await self.receive() is not None:
            pass
        return await self.closed()


async def _opened(
    url: str,
    credentials: Credentials,
    description: Description,
    options: Options,
    subprotocols: Sequence[str],
) -> Any:
    scheme = description.scheme
    headers = {**options.headers, **credentials.headers}
    query = dict(credentials.query)
    if credentials.token is not None:
        value = (
            f"{scheme.prefix} {credentials.token}"
            if scheme.prefix
            else credentials.token
        )
        match scheme.location:
            case "header":
                headers[scheme.name] = value
            case "query":
                query[scheme.name] = value
            case "cookie":
                cookies = [headers["Cookie"]] if headers.get("Cookie") else []
                headers["Cookie"] = "; ".join([*cookies, f"{scheme.name}={value}"])
    parts = urlsplit(url)
    whole = urlunsplit(
        parts._replace(query="&".join(filter(None, (parts.query, urlencode(query)))))
    )
    return await options.opener(
        whole,
        additional_headers=headers,
        subprotocols=[Subprotocol(each) for each in subprotocols] or None,
        origin=None if options.origin is None else Origin(options.origin),
        max_size=options.max_size,
        open_timeout=None,
        close_timeout=_CLOSE_TIMEOUT,
        # Asked for by the messages of the service, where it has some: those show that it handles messages, too.
        ping_interval=None if description.ping is not None else options.heartbeat,
        ping_timeout=options.heartbeat_timeout,
    )


def address(
    url: str, path: str, parameters: Mapping[str, Any], query: Mapping[str, Any]
) -> str:
    """The address of a channel.

    :param url: ``ws[s]://host[:port][/prefix]``, or the same with ``http``.
    :raises ValueError: when it is none, or a parameter is empty.
    """
    parts = urlsplit(url)
    if (
        parts.scheme not in _PROTOCOLS
        or not parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError(
            f"{url!r} is no address of a service: write wss://host, without a query"
        )
    for name, value in parameters.items():
        text = _text(value)
        if text in ("", ".", ".."):
            raise ValueError(f"{name}={value!r} cannot be a part of an address")
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    texts = [
        (name, _text(item))
        for name, value in query.items()
        for item in as_list(value)
        if item is not None
    ]
    return urlunsplit(
        (
            _PROTOCOLS[parts.scheme],
            parts.netloc,
            parts.path.rstrip("/") + path,
            urlencode(texts),
            "",
        )
    )


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
