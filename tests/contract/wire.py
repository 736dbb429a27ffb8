"""Consumers that fail on purpose: the demo has no reason to."""

from typing import Any, Literal

from channels.routing import URLRouter
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import path


class Fail(BaseMessage):
    """Makes its handler fail."""

    action: Literal["fail"] = "fail"
    payload: None = None


class FailingConsumer(AsyncJsonWebsocketConsumer[Fail | PingMessage]):
    """Its handler raises."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @handler
    async def fail(self, message: Fail) -> None:
        raise RuntimeError("a secret of the server")


class OncePerDay(SimpleRateThrottle):
    scope = "wire"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return "wire"


class ThrottledConsumer(AsyncJsonWebsocketConsumer[PingMessage]):
    """Lets one client in, and nobody else for a day."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (OncePerDay,)


class Broken(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        raise RuntimeError("a secret of the server")


class CrashingConsumer(AsyncJsonWebsocketConsumer[PingMessage]):
    """Cannot decide who may connect."""

    authentication_classes = ()
    permission_classes = (Broken,)


router = URLRouter(
    [path("failing/", FailingConsumer), path("throttled/", ThrottledConsumer), path("crashing/", CrashingConsumer)]
)
