"""Consumers for frames that the demo has no reason to send: some fail on purpose."""

from typing import Any, Literal

from django.contrib.auth.models import User
from pydantic import BaseModel, Field
from rest_framework import serializers
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.serialized import SerializedBy
from chanx.routing import URLRouter, path
from chanx.throttling import ConnectionRateThrottle


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


class OneMessage(ConnectionRateThrottle):
    rate = "1/d"


class CalmConsumer(AsyncJsonWebsocketConsumer[Fail | PingMessage]):
    """Takes one message a day from each connection."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    message_throttle_classes = (OneMessage,)

    @handler
    async def fail(self, message: Fail) -> None:
        """Succeeds."""


class Broken(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        raise RuntimeError("a secret of the server")


class CrashingConsumer(AsyncJsonWebsocketConsumer[PingMessage]):
    """Cannot decide who may connect."""

    authentication_classes = ()
    permission_classes = (Broken,)


class ListQuery(BaseModel):
    """What is listed."""

    page: int = Field(1, ge=1)
    tags: list[str] = []


class Listed(BaseMessage):
    """What the query string asked for."""

    action: Literal["listed"] = "listed"
    payload: ListQuery


class ListingConsumer(AsyncJsonWebsocketConsumer[PingMessage]):
    """Says how it has read the query string."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    outgoing_messages = Listed
    query_params: ListQuery

    async def post_authentication(self) -> None:
        await self.send_message(Listed(payload=self.query_params))


class MentionSerializer(serializers.Serializer[Any]):
    """Somebody who is meant."""

    user = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.all())
    text_color = serializers.ChoiceField(["red", "blue"], required=False)


class Mention(BaseMessage):
    """Names somebody."""

    action: Literal["mention"] = "mention"
    payload: SerializedBy[MentionSerializer]


class MentionConsumer(AsyncJsonWebsocketConsumer[Mention]):
    """Finds users by their names."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @handler
    async def mention(self, message: Mention) -> Mention:
        """Says who was found."""
        assert isinstance(message.payload.validated_data["user"], User)
        return message


router = URLRouter(
    [
        path("failing/", FailingConsumer),
        path("throttled/", ThrottledConsumer),
        path("calm/", CalmConsumer),
        path("crashing/", CrashingConsumer),
        path("listing/", ListingConsumer),
        path("mention/", MentionConsumer),
    ]
)
