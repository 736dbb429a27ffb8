"""The service under test, an ASGI application of its own."""

import os
from typing import Literal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contract.settings")
django.setup()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - Django first
from pydantic import BaseModel  # noqa: E402

from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses  # noqa: E402
from chanx.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from chanx.history import GroupHistory  # noqa: E402
from chanx.messages.base import BaseGroupMessage  # noqa: E402
from chanx.messages.incoming import PingMessage  # noqa: E402
from chanx.routing import URLRouter, path  # noqa: E402

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
