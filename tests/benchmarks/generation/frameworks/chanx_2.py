"""The package ``chanx`` 2 of the Python Package Index, another library for typed consumers on Channels."""

import json
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.generation.service import Consumer

_CONSUMER = """\
from chanx.channels.websocket import AsyncJsonWebsocketConsumer
from chanx.core.decorators import channel, ws_handler
from chanx.messages.base import BaseMessage

{models}

{messages}

@channel(name="{name}", description="Serves the benchmark.")
class {name}(AsyncJsonWebsocketConsumer):
{handlers}

CONSUMER = {name}
"""

_HANDLER = '''\
    @ws_handler
    async def handle{number}(self, message: {received}) -> {sent}:
        """Answers {received}."""
        raise NotImplementedError
'''


def source(consumer: "Consumer") -> str:
    handlers = (
        _HANDLER.format(number=number, received=exchange.received, sent=exchange.sent)
        for number, exchange in enumerate(consumer.exchanges)
    )
    return _CONSUMER.format(
        name=consumer.name,
        models=consumer.models,
        messages=consumer.messages("BaseMessage"),
        handlers="\n".join(handlers),
    )


def set_up() -> None:
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["*"],
        ASGI_APPLICATION="service_routing.application",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "rest_framework",
            "channels",
            "chanx.channels",
        ],
    )
    django.setup()
    for name in ("websocket", "routing", "views"):
        import_module(f"chanx.channels.{name}")


def generate(modules: "Sequence[ModuleType]") -> str:
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.test import RequestFactory

    # Another package of the same name is what this repository's type checkers would read.
    path: Any = import_module("chanx.channels.routing").path
    schema: Any = import_module("chanx.channels.views").generate_asyncapi_schema

    routes = [path(f"ws/{module.__name__}/<int:pk>/", module.CONSUMER.as_asgi()) for module in modules]
    # Its document is made of the application that the settings name.
    routing: Any = ModuleType("service_routing")
    routing.application = ProtocolTypeRouter({"websocket": URLRouter(routes)})
    sys.modules["service_routing"] = routing
    return json.dumps(schema(RequestFactory().get("/")), indent=2)


def messages(document: str) -> int:
    return sum(any(digit in key for digit in "0123456789") for key in json.loads(document)["components"]["messages"])
