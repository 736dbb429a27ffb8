"""``servers``: where clients find the service."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from chanx import document_settings
from chanx.settings import chanx_settings
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.describe.names import key
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.texts import clean
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Server

#: The key of the one server that is known, when the settings give no names.
SERVER: Final = "default"
#: Where ``runserver`` listens: for documents that nobody requested from a server.
LOCAL: Final = "ws://localhost:8000"

_PROTOCOLS: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def describe_servers(options: Options) -> tuple[dict[str, Server], list[Problem]]:
    """The servers by their keys, at least one, and a problem for each address that is none."""
    named = configured_servers(options.document) or {SERVER: {"url": options.server_url or LOCAL}}
    servers: dict[str, Server] = {}
    problems: list[Problem] = []
    for name, said in named.items():
        try:
            servers[key(name)] = server_at(said["url"], clean(str(said.get("description", ""))))
        except ValueError:
            problems.append(
                Problem(
                    code=Code.SERVER_URL,
                    where=("servers", name),
                    text=f"{said['url']!r} is no address of a WebSocket server.",
                    way_out="Write it as wss://host, with a port or a path if need be, in CHANX['SERVERS'] or "
                    "CHANX['WEBSOCKET_BASE_URL'].",
                )
            )
    return servers or {SERVER: server_at(LOCAL)}, problems


def configured_servers(document: str | None) -> Mapping[str, document_settings.Server]:
    """The servers that the settings name for a document; none where it is the one that is asked for the document."""
    if named := named_document(document).get("SERVERS") or chanx_settings.SERVERS:
        return named
    url = chanx_settings.WEBSOCKET_BASE_URL
    return {SERVER: {"url": url}} if url else {}


def server_at(url: str, description: str | None = None) -> Server:
    """The server at ``url``, ``ws[s]://host[:port][/prefix]``. Raises ValueError when it is no such URL."""
    parts = urlsplit(url)
    protocol, host = _PROTOCOLS.get(parts.scheme), parts.netloc.rpartition("@")[2]
    parts.port  # noqa: B018 - raises ValueError for a malformed port
    if not protocol or not host or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no address of a WebSocket server")
    return Server(host=host, protocol=protocol, pathname=parts.path.rstrip("/") or None, description=description)
