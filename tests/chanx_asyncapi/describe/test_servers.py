"""The servers: from the settings of the document and of the service, from the request, or the local one."""

from typing import Any

import pytest
from django.utils.functional import lazystr

from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options
from chanx_asyncapi.describe.servers import configured_servers, describe_servers


@pytest.mark.parametrize("url", ["", "wss://a.example:x"])
def test_a_wrong_address_is_a_problem_and_the_document_keeps_a_server(url: str) -> None:
    with override_chanx_settings(SERVERS={"eu": {"url": url}}):
        servers, problems = describe_servers(Options())

    assert {name: server.to_wire() for name, server in servers.items()} == {
        "default": {"host": "localhost:8000", "protocol": "ws"}
    }
    assert [str(problem) for problem in problems] == [
        f"asyncapi.E004 [servers > eu] {url!r} is no address of a WebSocket server. Write it as wss://host, with a "
        "port or a path if need be, in CHANX['SERVERS'] or CHANX['WEBSOCKET_BASE_URL']."
    ]


EU, US = {"url": "wss://eu.example"}, {"url": "wss://us.example", "description": lazystr("  The  other one.\n")}


def hosts(options: Options) -> dict[str, str]:
    servers, problems = describe_servers(options)
    assert problems == []
    return {name: server.host for name, server in servers.items()}


@pytest.mark.parametrize(
    ("chanx", "options", "expected"),
    [
        ({}, Options(), {"default": "localhost:8000"}),
        ({}, Options(server_url="wss://asked.example"), {"default": "asked.example"}),
        ({"WEBSOCKET_BASE_URL": "wss://b.example"}, Options(server_url="wss://asked"), {"default": "b.example"}),
        ({"SERVERS": {"eu": EU, "us": US}}, Options(), {"eu": "eu.example", "us": "us.example"}),
        ({"SERVERS": {"eu": EU}, "WEBSOCKET_BASE_URL": "wss://b.example"}, Options(), {"eu": "eu.example"}),
        ({"SERVERS": {"eu": EU}, "DOCUMENTS": {"d": {}}}, Options(document="d"), {"eu": "eu.example"}),
        (
            {"SERVERS": {"eu": EU}, "DOCUMENTS": {"d": {"SERVERS": {"us": US}}}},
            Options(document="d"),
            {"us": "us.example"},
        ),
        ({"SERVERS": {"eu": EU}, "DOCUMENTS": {"d": {"SERVERS": {"us": US}}}}, Options(), {"eu": "eu.example"}),
    ],
)
def test_which_servers_count(chanx: dict[str, Any], options: Options, expected: dict[str, str]) -> None:
    with override_chanx_settings(**chanx):
        assert hosts(options) == expected
        assert bool(configured_servers(options.document)) == bool(chanx)


def test_a_description_and_a_name_that_is_no_key() -> None:
    with override_chanx_settings(SERVERS={"new york": US}):
        servers, _ = describe_servers(Options())

    ((name, server),) = servers.items()
    assert name.startswith("new-york-")
    assert server.to_wire() == {"host": "us.example", "protocol": "wss", "description": "The  other one."}
