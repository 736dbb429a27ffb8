"""The WebSocket part of an ASGI application, and how a WebSocket is refused before it is one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.routing import ProtocolTypeRouter, get_default_application
from pydantic_core import to_json


def get_websocket_application(application: Any = None) -> Any:
    """The application that serves WebSockets: inside ``application``, or inside the one of ASGI_APPLICATION.

    None when a ProtocolTypeRouter has no entry for WebSockets. Raises ImproperlyConfigured when the setting is
    missing or cannot be imported.
    """
    application = get_default_application() if application is None else application
    if isinstance(application, ProtocolTypeRouter):
        return application.application_mapping.get("websocket")
    return application


async def refuse_handshake(
    scope: Mapping[str, Any], send: Callable[[Any], Awaitable[None]], status: int, data: object
) -> None:
    """Refuses a WebSocket that is not accepted yet: with an HTTP status and JSON where the server offers it (ASGI's
    extension ``websocket.http.response``), else with 403, which is all that a close says then."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": to_json(data)})
