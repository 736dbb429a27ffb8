"""The package ``django-channels-spectacular`` of the Python Package Index: decorators for Channels' own consumers.

It validates nothing, so its users write the classes of messages all the same, and hand them to the decorators.
"""

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from tests.benchmarks.generation.service import Consumer

_CONSUMER = '''\
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels_spectacular import document_action, document_event

{models}

{messages}

class {name}(AsyncJsonWebsocketConsumer):
    """Serves the benchmark."""

{handlers}

CONSUMER = {name}
'''

_HANDLER = """\
    @document_action("{received}", summary="Answers {received}.", payload={received})
    async def handle{number}(self, content):
        raise NotImplementedError

    @document_event("{sent}", summary="Tells of {sent}.", payload={sent})
    async def event{number}(self, event):
        raise NotImplementedError
"""


def source(consumer: "Consumer") -> str:
    handlers = (
        _HANDLER.format(number=number, received=exchange.received, sent=exchange.sent)
        for number, exchange in enumerate(consumer.exchanges)
    )
    return _CONSUMER.format(
        name=consumer.name,
        models=consumer.models,
        messages=consumer.messages("BaseModel"),
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
            "channels",
            "channels_spectacular",
        ]
    )
    django.setup()
    import_module("channels.generic.websocket")
    import_module("channels_spectacular.generator")


def generate(modules: "Sequence[ModuleType]") -> str:
    generator: Any = import_module("channels_spectacular").AsyncAPIGenerator
    consumers = [(module.CONSUMER, f"/ws/{module.__name__}/") for module in modules]
    # Its own text is YAML, and PyYAML takes far longer than all the rest.
    return json.dumps(generator(consumers=consumers).get_spec(), indent=2)


def messages(document: str) -> int:
    return len(json.loads(document)["components"]["messages"])
