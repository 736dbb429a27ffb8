"""This repository: describe() and render() on top of the classes."""

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from tests.benchmarks.generation.service import Consumer

_CONSUMER = '''\
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage

{models}

{messages}

class {name}(AsyncJsonWebsocketConsumer[{received}]):
    """Serves the benchmark."""

{handlers}

CONSUMER = {name}
'''

_HANDLER = '''\
    @handler
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
        received=" | ".join(exchange.received for exchange in consumer.exchanges),
        handlers="\n".join(handlers),
    )


def set_up() -> None:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "rest_framework",
            "drf_spectacular",
            "channels",
            "chanx",
            "chanx_asyncapi",
        ]
    )
    django.setup()
    from drf_spectacular.extensions import OpenApiAuthenticationExtension
    from rest_framework.authentication import SessionAuthentication

    for name in (
        "drf_spectacular.openapi",
        "chanx.generic.handlers",
        "chanx_asyncapi.describe",
        "chanx_asyncapi.render",
    ):
        import_module(name)
    # Asked for the first time, drf-spectacular tries to import every library that it has an extension for.
    OpenApiAuthenticationExtension.get_match(SessionAuthentication())


def generate(modules: "Sequence[ModuleType]") -> str:
    from chanx_asyncapi.describe import describe
    from chanx_asyncapi.render import render

    return render(describe(_application(modules)).document)


def generate_cached(modules: "Sequence[ModuleType]") -> bytes:
    """The document as the view hands it out, and keeps it."""
    from chanx_asyncapi.describe import cached_description

    return cached_description(_application(modules)).representation("json").body


def _application(modules: "Sequence[ModuleType]") -> Any:
    from channels.routing import URLRouter

    from chanx.routing import path

    return URLRouter([path(f"ws/{module.__name__}/<int:pk>/", module.CONSUMER) for module in modules])


def messages(document: str) -> int:
    return sum(key.startswith("service_") for key in json.loads(document)["components"]["messages"])
