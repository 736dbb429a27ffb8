"""The services on the package ``chanx`` 2 of the Python Package Index, another library, as its guide writes them."""

from typing import Literal

from channels.db import database_sync_to_async

from tests.benchmarks.targets.payloads import Order, Text
from tests.benchmarks.targets.project import run_slow_query, set_up

set_up("chanx.channels")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.permissions import IsAuthenticated

from chanx.channels.authenticator import DjangoAuthenticator
from chanx.channels.routing import path
from chanx.channels.websocket import AsyncJsonWebsocketConsumer
from chanx.core.decorators import channel, ws_handler
from chanx.messages.base import BaseMessage


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Text


class Place(BaseMessage):
    action: Literal["order"] = "order"
    payload: Order


class Placed(BaseMessage):
    action: Literal["ordered"] = "ordered"
    payload: Order


class Posted(BaseMessage):
    action: Literal["posted"] = "posted"
    payload: Text


@channel(name="echo", description="Sends back what it receives.")
class Echo(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)

    @ws_handler
    async def place(self, message: Place) -> Placed:
        return Placed(payload=message.payload)


@channel(name="room", description="Sends what it receives to everybody in the room.")
class Room(AsyncJsonWebsocketConsumer):
    async def post_authentication(self) -> None:
        await self.join_group(self.scope["url_route"]["kwargs"]["room"])

    @ws_handler(output_type=Posted)
    async def say(self, message: Say) -> None:
        await self.broadcast_message(Posted(payload=message.payload))


class TokenAuthenticator(DjangoAuthenticator):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)


class SessionAuthenticator(DjangoAuthenticator):
    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)


@channel(name="by-token", description="Lets only users in.")
class ByToken(Echo):
    authenticator_class = TokenAuthenticator


@channel(name="by-session", description="Lets only users in.")
class BySession(Echo):
    authenticator_class = SessionAuthenticator


@channel(name="query", description="Answers after a long query.")
class Query(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def say(self, message: Say) -> Said:
        await database_sync_to_async(run_slow_query)()
        return Said(payload=message.payload)


_ROUTES = [
    path("echo", Echo.as_asgi()),
    path("rooms/<room>", Room.as_asgi()),
    path("anonymous", Echo.as_asgi()),
    path("token", ByToken.as_asgi()),
    path("session", AllowedHostsOriginValidator(AuthMiddlewareStack(BySession.as_asgi()))),
    path("query", Query.as_asgi()),
]

application = ProtocolTypeRouter({"websocket": URLRouter(_ROUTES)})
