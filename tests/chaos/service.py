"""The service under test, an ASGI application of its own."""

import os
from typing import Literal

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contract.settings")
if not apps.ready:
    django.setup()

from channels.routing import ProtocolTypeRouter
from pydantic import BaseModel

from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import URLRouter, path

GROUP = "chaos"


class Number(BaseModel):
    number: int


class Tick(BaseGroupMessage):
    """One of many, numbered by who has sent it."""

    action: Literal["tick"] = "tick"
    payload: Number


class Ticker(AsyncJsonWebsocketConsumer[PingMessage, None, Tick]):
    """Receives ticks."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()
    groups = [GROUP]  # noqa: RUF012 - as Channels has it
    history = GroupHistory(size=100_000, ttl=3600)


class Publish(BaseMessage):
    """Have a tick published by the process of the server: a history in its memory is no other's."""

    action: Literal["publish"] = "publish"
    payload: Number


class Published(BaseMessage):
    action: Literal["published"] = "published"
    payload: None = None


class Publisher(AsyncJsonWebsocketConsumer[Publish]):
    """Publishes."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()

    @handler
    async def publish(self, message: Publish) -> Published:
        await publish(message.payload.number)
        return Published()


async def publish(number: int) -> None:
    """Publishes one tick, once, however often it is called."""
    await Ticker.apublish(GROUP, Tick(payload=Number(number=number)), key=f"tick-{number}")


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/chaos/", Ticker), path("ws/publish/", Publisher)])})
