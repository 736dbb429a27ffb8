"""The fixture of the pytest plugin."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.typing import WebSocketDisconnectEvent
from channels.routing import ProtocolTypeRouter, URLRouter
from pytest_django import Settings

from chanx import pytest_plugin
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.routing import path
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import OpenMixin

# Here under its name also where chanx is not installed, so that pytest does not know the plugin.
websocket = pytest_plugin.websocket

Open = Callable[..., WebsocketCommunicator]

with use_registry(Registry()):

    class Listening(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
        async def post_authentication(self) -> None:
            opened.append(self)

        async def websocket_disconnect(self, message: WebSocketDisconnectEvent) -> None:
            # Not `disconnect`, which only clients that were let in cause.
            left.append(message["code"])
            await super().websocket_disconnect(message)


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", Listening)])})
opened: list[Listening] = []
left: list[int] = []


@pytest.fixture
def afterwards() -> Iterator[list[int]]:
    """The close codes that a test expects to be seen once the fixture has cleaned up after it."""
    opened.clear()
    left.clear()
    expected: list[int] = []
    yield expected
    assert left == expected


async def test_clients_are_disconnected_after_the_test(afterwards: list[int], websocket: Open) -> None:
    clients = [websocket("/ws/", Listening.as_asgi()) for _ in range(2)]
    for communicator in clients:
        await communicator.connect()
        await communicator.assert_authenticated_status_ok()
    assert left == []
    afterwards += [1000, 1000]


async def test_a_client_that_the_test_disconnected_is_left_alone(afterwards: list[int], websocket: Open) -> None:
    communicator = websocket("/ws/", Listening.as_asgi())
    await communicator.connect()
    await communicator.disconnect(1001)
    afterwards += [1001]


async def test_a_client_that_never_connected_is_ended_too(afterwards: list[int], websocket: Open) -> None:
    websocket("/ws/", Listening.as_asgi())
    afterwards += [1000]


async def test_without_an_application_it_is_the_projects(
    afterwards: list[int], websocket: Open, settings: Settings
) -> None:
    settings.ASGI_APPLICATION = f"{__name__}.application"
    communicator = websocket("/ws/?a=1", headers=[(b"x-a", b"b")], subprotocols=["chanx.v1"])
    assert await communicator.connect() == (True, "chanx.v1")
    await communicator.assert_authenticated_status_ok()
    scope: Any = opened[0].scope
    assert (b"x-a", b"b") in scope["headers"]
    assert scope["query_string"] == b"a=1"
    afterwards += [1000]


def test_pytest_finds_the_plugin_by_its_entry_point() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"chanx": pytest_plugin.__name__}
