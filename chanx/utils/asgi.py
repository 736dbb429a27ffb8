"""Finds the WebSocket part of an ASGI application."""

from typing import Any

from channels.routing import ProtocolTypeRouter, get_default_application


def get_websocket_application(application: Any = None) -> Any:
    """The application that serves WebSockets: inside ``application``, or inside the one of ASGI_APPLICATION.

    None when a ProtocolTypeRouter has no entry for WebSockets. Raises ImproperlyConfigured when the setting is
    missing or cannot be imported.
    """
    application = get_default_application() if application is None else application
    if isinstance(application, ProtocolTypeRouter):
        return application.application_mapping.get("websocket")
    return application
