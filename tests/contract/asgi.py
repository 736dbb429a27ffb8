"""The demo's application, and what tests need besides, below ``/ws/wire/``, ``/ws/hostile/`` and ``/ws/guarded/``."""

from channels.routing import ProtocolTypeRouter

from chanx.routing import URLRouter, path
from config.asgi import application as demo

# After the demo's application, which loads Django.
from config.routing import router
from tests.contract import wire
from tests.hostile import guarded
from tests.hostile import service as hostile

application = ProtocolTypeRouter(
    {
        **demo.application_mapping,
        "websocket": URLRouter(
            [
                path("ws/wire/", wire.router),
                path("ws/hostile/", hostile.router),
                path("ws/guarded/", guarded.router),
                path("", router),
            ]
        ),
    }
)
