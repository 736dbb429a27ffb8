"""The services on chanx, as users run it: with its defaults, or without what holds hostile input off."""

import os
from typing import Any, Final, Literal

from channels.db import database_sync_to_async

from tests.benchmarks.targets.project import run_slow_query, set_up

#: As good as no bound, where there is no switch.
_UNBOUNDED: Final = 1_000_000_000
_IS_UNCHECKED: Final = bool(os.environ.get("BENCHMARK_UNCHECKED"))

_CHANX: Final[dict[str, Any]] = {}
# The rate and the number of connections are looked at as ever; but a load client is what the defaults keep off.
if os.environ.get("BENCHMARK_HISTORY") == "database":
    _CHANX["HISTORY"] = {"BACKEND": "chanx.history.database.engine.DatabaseHistory"}
set_up(
    "chanx",
    "chanx.history.database",
    CHANX={**_CHANX, "MAX_FRAME_RATE": 1e9, "MAX_CONNECTIONS_PER_USER": _UNBOUNDED},
)

from channels.routing import ProtocolTypeRouter
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.permissions import IsAuthenticated

from chanx import codec
from chanx.generic import receiving
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.routing import URLRouter, path
from tests.benchmarks.targets.payloads import Order, Text


def _has_none(text: str) -> bool:
    return False


def _keeps_to(text: str, size: int | None, depth: int) -> bool:
    return True


if _IS_UNCHECKED:
    # There is no switch for these, and there should be none. Repeated keys of the envelope are looked for as ever.
    checks: Any = codec
    checks.has_number_beyond_double = _has_none
    limits: Any = receiving
    limits.is_small_and_flat = _keeps_to


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


class Posted(BaseGroupMessage):
    action: Literal["posted"] = "posted"
    payload: Text


class Open(AsyncJsonWebsocketConsumer[Say | Place]):
    """Sends back what it receives."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()

    @handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)

    @handler
    async def place(self, message: Place) -> Placed:
        return Placed(payload=message.payload)


class Echo(Open):
    # The other targets have none, and not everything is about connecting.
    send_authentication_message = False


class Room(AsyncJsonWebsocketConsumer[Say, None, Posted]):
    """Sends what it receives to everybody in the room."""

    authentication_classes = ()
    permission_classes = ()
    send_authentication_message = False

    async def build_groups(self) -> list[str]:
        scope: Any = self.scope
        return [scope["url_route"]["kwargs"]["room"]]

    @handler
    async def say(self, message: Say) -> None:
        await self.send_group_message(Posted(payload=message.payload), exclude_current=False)


class KeptRoom(Room):
    """The same, and what is sent is kept."""

    history = GroupHistory(size=1000, ttl=3600)


class ByToken(Open):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)


class BySession(Open):
    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)


class Query(AsyncJsonWebsocketConsumer[Say]):
    """Answers after a long query."""

    authentication_classes = ()
    permission_classes = ()
    send_authentication_message = False

    @handler
    async def say(self, message: Say) -> Said:
        await database_sync_to_async(run_slow_query)()
        return Said(payload=message.payload)


_ROUTES: Final[list[Any]] = [
    path("echo", Echo),
    path("rooms/<room>", Room),
    path("kept/<room>", KeptRoom),
    path("anonymous", Open),
    path("token", ByToken),
    path("session", BySession),
    path("query", Query),
]

application = ProtocolTypeRouter({"websocket": URLRouter(_ROUTES)})
