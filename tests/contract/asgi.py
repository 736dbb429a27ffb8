"""The demo's application, and below ``/ws/wire/`` the consumers for frames that the demo never needs."""

from channels.routing import ProtocolTypeRouter, URLRouter

from chanx.routing import path
from config.asgi import application as demo

# After the demo's application, which loads Django.
from config.routing import router
from tests.contract import wire

application = ProtocolTypeRouter(
    {
        **demo.application_mapping,
        "websocket": URLRouter([path("ws/wire/", wire.router), path("", router)]),
    }
)
