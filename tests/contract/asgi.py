"""The demo's application, and below ``/ws/wire/`` the consumers for frames that the demo never needs."""

from channels.routing import ProtocolTypeRouter, URLRouter

# After the demo's, which loads Django.
from chanx.routing import include, path
from config.asgi import application as demo
from tests.contract import wire

application = ProtocolTypeRouter(
    {
        **demo.application_mapping,
        "websocket": URLRouter(
            [path("ws/wire/", wire.router), path("", include(demo.application_mapping["websocket"]))]
        ),
    }
)
