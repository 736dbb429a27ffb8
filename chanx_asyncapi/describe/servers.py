"""``servers``: where clients find the service."""

from typing import Final
from urllib.parse import urlsplit

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Server

#: The key of the one server that is known.
SERVER: Final = "default"
#: Where ``runserver`` listens: for documents that nobody requested from a server.
LOCAL: Final = "ws://localhost:8000"

_PROTOCOLS: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def describe_server(url: str) -> tuple[Server, list[Problem]]:
    """The server at ``url``, ``ws[s]://host[:port][/prefix]``; the local one and a problem when it is no such URL."""
    try:
        parts = urlsplit(url)
        protocol, host = _PROTOCOLS.get(parts.scheme), parts.netloc.rpartition("@")[2]
        parts.port  # noqa: B018 - raises ValueError for a malformed port
    except ValueError:
        protocol, host = None, ""
    else:
        if protocol and host and not parts.query and not parts.fragment:
            return Server(host=host, protocol=protocol, pathname=parts.path.rstrip("/") or None), []
    local, _ = describe_server(LOCAL)
    problem = Problem(
        code=Code.SERVER_URL,
        where=("servers", SERVER),
        text=f"{url!r} is no address of a WebSocket server.",
        way_out="Write it as wss://host, with a port or a path if need be, in CHANX['WEBSOCKET_BASE_URL'].",
    )
    return local, [problem]
