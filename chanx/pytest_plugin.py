"""pytest fixtures for consumers; pytest finds them through the entry point ``chanx``."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest


@pytest.fixture
async def websocket() -> AsyncIterator[Callable[..., Any]]:
    """Makes :class:`~chanx.testing.WebsocketCommunicator` clients and disconnects them after the test.

    ``websocket(path, application=None, headers=None, subprotocols=None)``; the application is the project's own
    unless another is given. Needs pytest-asyncio in auto mode.
    """
    # Imported late: a plugin is loaded before Django's settings are there.
    from chanx.testing import WebsocketCommunicator
    from chanx.utils.asgi import get_websocket_application

    opened: list[WebsocketCommunicator] = []

    def open_websocket(path: str, application: Any = None, **options: Any) -> WebsocketCommunicator:
        application = get_websocket_application() if application is None else application
        opened.append(WebsocketCommunicator(application, path, **options))
        return opened[-1]

    yield open_websocket
    for communicator in opened:
        if not communicator.future.done():
            await communicator.disconnect()
