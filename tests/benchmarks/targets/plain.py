"""The services on plain Channels, without types: dictionaries in, dictionaries out."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from tests.benchmarks.targets.project import run_slow_query, set_up

set_up()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.auth.models import AnonymousUser
from django.urls import path as django_path
from rest_framework.authtoken.models import Token

# Its stubs know only the views of Django.
path: Any = django_path


class Echo(AsyncJsonWebsocketConsumer):
    """Sends back what it receives."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        action = "said" if content["action"] == "say" else "ordered"
        await self.send_json({"action": action, "payload": content["payload"]})


class Room(AsyncJsonWebsocketConsumer):
    """Sends what it receives to everybody in the room."""

    async def connect(self) -> None:
        scope: Any = self.scope
        self.room = scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.channel_layer.group_send(self.room, {"type": "posted", "payload": content["payload"]})

    async def posted(self, event: Any) -> None:
        await self.send_json({"action": "posted", "payload": event["payload"]})


class Private(Echo):
    """Lets only users in."""

    async def connect(self) -> None:
        scope: Any = self.scope
        if scope["user"].is_authenticated:
            await self.accept()
        else:
            await self.close()


class Query(AsyncJsonWebsocketConsumer):
    """Answers after a long query."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await database_sync_to_async(run_slow_query)()
        await self.send_json({"action": "said", "payload": content["payload"]})


class TokenMiddleware:
    """What teams write who want DRF's tokens on a WebSocket."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        header = dict(scope["headers"]).get(b"authorization", b"").decode()
        user = await self.find_user(header.removeprefix("Token "))
        await self.inner({**scope, "user": user}, receive, send)

    @database_sync_to_async
    def find_user(self, key: str) -> Any:
        token = Token.objects.select_related("user").filter(key=key).first()
        return AnonymousUser() if token is None else token.user


def services(echo: Any, room: Any) -> Any:
    """The application of a module that replaces some of the consumers."""
    routes = [
        path("echo", echo.as_asgi()),
        path("rooms/<room>", room.as_asgi()),
        path("anonymous", echo.as_asgi()),
        path("token", TokenMiddleware(Private.as_asgi())),
        path("session", AllowedHostsOriginValidator(AuthMiddlewareStack(Private.as_asgi()))),
        path("query", Query.as_asgi()),
    ]
    return ProtocolTypeRouter({"websocket": URLRouter(routes)})


application = services(Echo, Room)
