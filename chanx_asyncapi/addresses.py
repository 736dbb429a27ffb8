"""Addresses of WebSocket servers, taken apart."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PROTOCOLS: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is, in the parts that AsyncAPI knows."""

    protocol: str
    #: With the port, if there is one.
    host: str
    #: What all paths begin with, without a slash at its end.
    pathname: str | None


def parse_address(url: str) -> Address:
    """``ws[s]://host[:port][/prefix]``, or the same with ``http``. Raises ValueError when ``url`` is no such URL."""
    parts = urlsplit(url)
    protocol, host = _PROTOCOLS.get(parts.scheme), parts.netloc.rpartition("@")[2]
    parts.port  # noqa: B018 - raises ValueError for a malformed port
    if not protocol or not host or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no address of a WebSocket server")
    return Address(protocol=protocol, host=host, pathname=parts.path.rstrip("/") or None)
