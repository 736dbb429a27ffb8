"""Finding the WebSocket part of an ASGI application."""

from typing import Any

import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from chanx.utils.asgi import get_websocket_application

router = URLRouter([])
application = ProtocolTypeRouter({"websocket": router})


async def http_only(scope: Any, receive: Any, send: Any) -> None:
    raise NotImplementedError


def test_the_websocket_part_of_a_protocol_router() -> None:
    assert get_websocket_application(application) is router
    assert get_websocket_application(ProtocolTypeRouter({"http": http_only})) is None


def test_any_other_application_is_the_one() -> None:
    assert get_websocket_application(router) is router


def test_without_an_argument_it_is_the_projects(settings: Settings) -> None:
    settings.ASGI_APPLICATION = f"{__name__}.application"
    assert get_websocket_application() is router


def test_a_setting_that_cannot_be_imported_is_reported(settings: Settings) -> None:
    settings.ASGI_APPLICATION = "nowhere.application"
    with pytest.raises(ImproperlyConfigured, match="nowhere"):
        get_websocket_application()
