"""``servers``: where clients find the service."""

from collections.abc import Mapping
from typing import Final

from chanx import document_settings
from chanx.settings import chanx_settings
from chanx_asyncapi.addresses import parse_address
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


def describe_servers(options: Options) -> tuple[dict[str, Server], list[Problem]]:
    """The servers by their keys, at least one, and a problem for each address that is none."""
    named = configured_servers(options.document) or {SERVER: {"url": options.server_url or LOCAL}}
    servers: dict[str, Server] = {}
    problems: list[Problem] = []
    for name, said in named.items():
        try:
            servers[key(name)] = _server(said["url"], clean(str(said.get("description", ""))))
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
    return servers or {SERVER: _server(LOCAL)}, problems


def configured_servers(document: str | None) -> Mapping[str, document_settings.Server]:
    """The servers that the settings name for a document; none where it is the one that is asked for the document."""
    if named := named_document(document).get("SERVERS") or chanx_settings.SERVERS:
        return named
    url = chanx_settings.WEBSOCKET_BASE_URL
    return {SERVER: {"url": url}} if url else {}


def _server(url: str, description: str | None = None) -> Server:
    address = parse_address(url)
    return Server(host=address.host, protocol=address.protocol, pathname=address.pathname, description=description)
