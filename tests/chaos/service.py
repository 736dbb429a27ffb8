"""The service under test, an ASGI application of its own."""

import os
from typing import Any, Literal

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contract.settings")
if not apps.ready:
    django.setup()

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from pydantic import BaseModel

from chanx import mailbox
from chanx.generic import resuming
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.presence import GroupPresence
from chanx.routing import URLRouter, path
from tests.chaos.counting import Counter
from tests.chaos.numbers import Number

GROUP = "chaos"
BELLS = "bells"
PRESENCE = GroupPresence(ttl=2, grace=1, interval=0.1)

# A test does not wait for ten seconds.
mailbox.CHECK_INTERVAL = float(os.environ.get("CHAOS_CHECK_INTERVAL", "10"))  # type: ignore[misc]  # Final for everybody else
resuming.PATIENCE = float(os.environ.get("CHAOS_PATIENCE", "10"))  # type: ignore[misc]  # Final for everybody else
if expiry := os.environ.get("CHAOS_GROUP_EXPIRY"):
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["group_expiry"] = int(expiry)


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
    async def pass_on(self, message: Publish) -> Published:
        await publish(message.payload.number)
        return Published()


class Bell(AsyncJsonWebsocketConsumer[Publish | PingMessage, None, Tick]):
    """Receives ticks, and has no history."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()
    groups = [BELLS]  # noqa: RUF012 - as Channels has it

    @handler
    async def ring(self, message: Publish) -> Published:
        await self.send_group_message(Tick(payload=message.payload))
        return Published()


class NamedBell(Bell):
    """The same as a member by a name of its own, as in Channels."""

    channel_name: str


async def publish(number: int) -> None:
    """Publishes one tick, once, however often it is called."""
    await Ticker.apublish(GROUP, Tick(payload=Number(number=number)), key=f"tick-{number}")


class Guest(BaseModel):
    name: str


class Lounge(AsyncJsonWebsocketConsumer[PingMessage]):
    """Its guests see each other; the address tells who is who."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()
    groups = ["lounge"]  # noqa: RUF012 - as Channels has it
    presence = PRESENCE

    def presence_key(self, group: str) -> str | None:
        scope: Any = self.scope
        return str(scope["url_route"]["kwargs"]["name"])

    async def presence_info(self, group: str) -> Guest:
        return Guest(name=str(self.presence_key(group)))


application = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [
                path("ws/chaos/", Ticker),
                path("ws/lounge/<slug:name>/", Lounge),
                path("ws/publish/", Publisher),
                path("ws/bell/", Bell),
                path("ws/named/", NamedBell),
                path("ws/count/", Counter),
            ]
        )
    }
)
