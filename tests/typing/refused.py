"""Mistakes that type checkers find in a user's code, each with the errors that they are reported as.

Nothing imports this module, which Python would refuse as well. ``test_inference.py`` runs the checkers without the
comments, and compares.
"""

from typing import Annotated, Any, Literal

from django.contrib.auth.models import Group

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.serialized import Serialized, SerializedBy
from chanx.testing import WebsocketCommunicator
from chanx_asyncapi import asyncapi
from tests.typing.accepted import (
    Announced,
    Deleted,
    Found,
    GroupSerializer,
    Handling,
    Matching,
    NoneAtAll,
    Post,
    Posted,
    Queried,
    Shared,
    Text,
)


class NoMessage(AsyncJsonWebsocketConsumer[Text]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    pass


class EventIsAMessage(AsyncJsonWebsocketConsumer[Post, Posted]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    pass


class GroupMessageIsPlain(AsyncJsonWebsocketConsumer[Post, None, Posted]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    pass


class NoModel(AsyncJsonWebsocketConsumer[Post, None, None, Text]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    pass


class WrongMethods(AsyncJsonWebsocketConsumer[Post | PingMessage, Announced | Deleted, Shared, Group]):
    auth_method = "head"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    authentication_classes = (Text,)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    queryset = "groups"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

    async def receive_message(self, message: Post, **kwargs: Any) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        print(self.obj.payload)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

    async def receive_event(self, event: Announced) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        await self.send_message("text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        await self.send_message(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        await self.send_group_message(Text(text=""))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        await self.send_group_message(Shared(payload=Text(text="")), kind="xml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    async def build_groups(self) -> list[int]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return []


class WrongHandlers(AsyncJsonWebsocketConsumer[Post, Announced]):
    @handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    def post(self, message: Post) -> Posted:
        return Posted(payload=self.obj.pk)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

    @handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    async def announced(self, event: Announced) -> int:
        return 1

    @handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    async def nothing(self) -> None:
        pass


class WrongOverrides(AsyncJsonWebsocketConsumer[Post]):
    @asyncapi(title="Not asynchronous")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    def post(self, message: Post) -> Posted:
        return Posted(payload=1)


asyncapi(title="No message")(Text)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
asyncapi(tags=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
asyncapi(deprecated="no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
asyncapi("A title")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class WrongSerializer(BaseMessage):
    action: Literal["wrong"] = "wrong"
    payload: SerializedBy[Text]  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeForm]


def serializers(message: Found, text: Text) -> None:
    Found(payload=text)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    print(message.payload.text)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    Annotated[GroupSerializer, Serialized(many="yes")]  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def query(consumer: Queried) -> None:
    print(consumer.query_params.size)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    page: str = consumer.query_params.page  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(page)


async def events(text: Text) -> None:
    await Handling.asend_channel_event("lobby", Deleted(payload=1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await Matching.asend_channel_event("lobby", Post(payload=text))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await NoneAtAll.asend_channel_event("lobby", Announced(payload=text))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def events_from_synchronous_code(text: Text) -> None:
    Handling.send_channel_event("lobby", Deleted(payload=1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Matching.send_channel_event("lobby", {"handler": "announced"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def results(consumer: Handling, client: WebsocketCommunicator) -> None:
    await consumer.post(PingMessage())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    posted: Posted = await consumer.post(Post(payload=Text(text="")))  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(posted)
    await client.send_message({"action": "ping"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
