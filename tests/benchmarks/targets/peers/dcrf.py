"""The echo on djangochannelsrestframework: an action with dictionaries, which nobody validates."""

from typing import Any

from tests.benchmarks.targets.project import set_up

set_up()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from djangochannelsrestframework.consumers import AsyncAPIConsumer
from djangochannelsrestframework.decorators import action
from djangochannelsrestframework.permissions import AllowAny


class Echo(AsyncAPIConsumer):
    permission_classes = (AllowAny,)

    @action()
    async def say(self, payload: Any, **kwargs: Any) -> Any:
        return payload, 200

    @action()
    async def order(self, payload: Any, **kwargs: Any) -> Any:
        return payload, 200


application = ProtocolTypeRouter(
    {"websocket": URLRouter([path("echo", Echo.as_asgi()), path("anonymous", Echo.as_asgi())])}
)
