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
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.messages.base import BaseGroupMessage
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


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/chaos/", Ticker)])})
