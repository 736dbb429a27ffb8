"""What type checkers infer in a user's code. mypy and pyright read it; ``test_inference.py`` also runs it."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Generic, Literal, assert_never, assert_type

from django.contrib.auth.models import AnonymousUser, Group, User
from django.db.models import Model, QuerySet
from pydantic import BaseModel
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.serializers import ModelSerializer
from typing_extensions import TypeVar

from chanx.generic.authenticator import ChanxWebsocketAuthenticator
from chanx.generic.authenticator import User as AnyUser
from chanx.generic.handlers import handler
from chanx.generic.presenting import PresentMembers
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import AuthenticationMessage, PongMessage
from chanx.messages.serialized import Serialized, SerializedBy
from chanx.presence import GroupPresence
from chanx.registry import ConsumerSpec
from chanx.testing import WebsocketCommunicator
from chanx_asyncapi import asyncapi


class Text(BaseModel):
    text: str


class Post(BaseMessage):
    action: Literal["post"] = "post"
    payload: Text


class Posted(BaseMessage):
    action: Literal["posted"] = "posted"
    payload: int


class Refused(BaseMessage):
    action: Literal["refused"] = "refused"
    payload: str


class Shared(BaseGroupMessage):
    action: Literal["shared"] = "shared"
    payload: Text


class Announced(BaseChannelEvent):
    handler: Literal["announced"] = "announced"
    payload: Text


class Deleted(BaseChannelEvent):
    handler: Literal["deleted"] = "deleted"
    payload: int


class Matching(AsyncJsonWebsocketConsumer[Post | PingMessage, Announced | Deleted, Shared, Group]):
    """Everything in two methods."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = [IsAuthenticated & IsAdminUser]  # noqa: RUF012 - a list, as in DRF's guide
    queryset = Group.objects.all()
    lookup_url_kwarg = "room"
    auth_method = "post"
    outgoing_messages = Posted | PongMessage

    async def build_groups(self) -> list[str]:
        assert_type(self.obj, Group)
        assert_type(self.user, AnyUser)
        assert_type(self.request, Request)
        if isinstance(self.user, User):
            assert_type(self.user.username, str)
        else:
            assert not isinstance(self.user, AnonymousUser)
        return [self.obj.name]

    async def receive_message(self, message: Post | PingMessage, **kwargs: Any) -> None:
        match message:
            case Post():
                assert_type(message.action, Literal["post"])
                assert_type(message.payload, Text)
                await self.send_message(Posted(payload=1))
                await self.send_group_message(Shared(payload=message.payload), exclude_current=False)
                await self.send_group_message(Posted(payload=1), ["elsewhere"], kind="json")
                await self.send_to_groups({"action": "shared", "payload": {"text": ""}}, kind="message")
            case PingMessage():
                assert_type(message.payload, None)
                await self.send_message(PongMessage())
            case _:
                assert_never(message)

    async def receive_event(self, event: Announced | Deleted) -> None:
        match event:
            case Announced():
                assert_type(event.handler, Literal["announced"])
                assert_type(event.payload, Text)
            case Deleted():
                assert_type(event.payload, int)
            case _:
                assert_never(event)

    def get_queryset(self) -> QuerySet[Group]:
        return super().get_queryset().filter(name=self.request.query_params["name"])

    def get_object(self) -> Group:
        found = super().get_object()
        assert_type(found, Group)
        return found


class Handling(AsyncJsonWebsocketConsumer[Post | PingMessage, Announced]):
    """A method for each message; the parameters that it does not need are omitted."""

    queryset = Group.objects

    @handler
    async def post(self, message: Post) -> Posted | Refused:
        assert_type(self.obj, None)
        return Posted(payload=1) if message.payload.text else Refused(payload="Say something.")

    @handler
    async def ping(self, message: PingMessage) -> AsyncIterator[PongMessage | Posted]:
        yield PongMessage()
        yield Posted(payload=1)

    @handler
    async def announced(self, event: Announced) -> None:
        assert_type(event.payload, Text)


class NoneAtAll(AsyncJsonWebsocketConsumer[PingMessage, None, None, None]):
    async def post_authentication(self) -> None:
        assert_type(self.obj, None)


class OnlyModel(AsyncJsonWebsocketConsumer[PingMessage, None, None, Group]):
    def get_object(self) -> Group:
        return Group.objects.get(name="lobby")

    async def post_authentication(self) -> None:
        assert_type(self.obj, Group)


IC = TypeVar("IC", bound=BaseMessage)
M = TypeVar("M", bound=Model)


class AboutObjects(AsyncJsonWebsocketConsumer[IC, Announced, None, M], Generic[IC, M], abstract=True):
    """A base of one's own, which leaves some parameters open."""

    async def receive_event(self, event: Announced) -> None:
        assert_type(event.payload, Text)

    def latest(self) -> M:
        return self.obj


class AboutGroups(AboutObjects[Post, Group]):
    queryset = Group.objects.all()

    async def receive_message(self, message: Post, **kwargs: Any) -> None:
        assert_type(self.obj, Group)
        assert_type(self.latest(), Group)


class AboutUsers(AboutObjects[Post | PingMessage, User]):
    queryset = User.objects.filter(is_active=True)

    async def receive_message(self, message: Post | PingMessage, **kwargs: Any) -> None:
        assert_type(self.obj, User)


class Deciding(ChanxWebsocketAuthenticator):
    permission_classes = (IsAuthenticated,)
    queryset = Group.objects


class GroupSerializer(ModelSerializer[Group]):
    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = Group
        fields = ("id", "name")


class Found(BaseMessage):
    action: Literal["found"] = "found"
    payload: SerializedBy[GroupSerializer]


class FoundAll(BaseMessage):
    action: Literal["found_all"] = "found_all"
    payload: Annotated[GroupSerializer, Serialized(many=True, max_length=10)] | None = None


def serializers_are_serializers(message: Found, group: Group) -> None:
    """A payload that DRF validates is the serializer, and one is what makes a message."""
    assert_type(message.payload, GroupSerializer)
    assert_type(message.payload.save(), Group)
    assert_type(message.payload.instance, Group | None)
    assert_type(Found(payload=GroupSerializer(group)).payload, GroupSerializer)
    assert_type(FoundAll(payload=GroupSerializer([group], many=True)).payload, GroupSerializer | None)


class Window(BaseModel):
    page: int = 1
    tags: list[str] = []


class Queried(AsyncJsonWebsocketConsumer[PingMessage]):
    """The annotation of the query string is its declaration."""

    query_params: Window

    async def post_authentication(self) -> None:
        assert_type(self.query_params, Window)
        assert_type(self.query_params.tags, list[str])
        assert_type(await self.get_page(), int)

    async def get_page(self) -> int:
        return self.query_params.page


async def from_elsewhere() -> None:
    """Events from a view or a task: the class knows which ones it takes."""
    text = Text(text="")
    assert_type(await Matching.asend_channel_event("lobby", Announced(payload=text)), None)
    assert_type(await Matching.asend_channel_event("lobby", Deleted(payload=1)), None)
    assert_type(await Handling.asend_channel_event("lobby", Announced(payload=text)), None)
    assert_type(await AboutGroups.asend_channel_event("lobby", Announced(payload=text)), None)


def from_synchronous_code() -> None:
    assert_type(Matching.send_channel_event("lobby", Deleted(payload=1)), None)
    assert_type(AboutUsers.send_channel_event("lobby", Announced(payload=Text(text=""))), None)


async def handlers_keep_their_types(consumer: Handling) -> None:
    """A handler is still the method that was written."""
    assert_type(await consumer.post(Post(payload=Text(text=""))), Posted | Refused)
    assert_type(await consumer.announced(Announced(payload=Text(text=""))), None)
    async for reply in consumer.ping(PingMessage()):
        assert_type(reply, PongMessage | Posted)


async def in_tests(client: WebsocketCommunicator) -> None:
    assert_type(await client.wait_for_auth(), AuthenticationMessage | None)
    assert_type(await client.receive_all_json(), list[dict[str, Any]])
    assert_type(await client.receive_until_action("posted"), list[dict[str, Any]])
    await client.send_message(Post(payload=Text(text="")))


@asyncapi(title="Adds up", examples=[{"action": "add", "payload": {"text": "1"}}])
class Add(BaseMessage):
    action: Literal["add"] = "add"
    payload: Text


@asyncapi(tags=["sums"], extensions={"x-audience": "internal"})
class Overridden(AsyncJsonWebsocketConsumer[Add | PingMessage, Announced]):
    @asyncapi(deprecated=True)
    @handler
    async def add(self, message: Add) -> Posted:
        return Posted(payload=1)

    @handler
    @asyncapi(summary="Counts up.")
    async def ping(self, message: PingMessage) -> AsyncIterator[PongMessage | Posted]:
        yield PongMessage()

    @asyncapi(exclude=True)
    @handler
    async def announced(self, event: Announced) -> None: ...


async def overrides_keep_the_types(consumer: Overridden) -> None:
    """What a document is told changes nothing about the code."""
    assert_type(Overridden, type[Overridden])
    assert_type(Add(payload=Text(text="")).payload, Text)
    assert_type(await consumer.add(Add(payload=Text(text=""))), Posted)
    async for reply in consumer.ping(PingMessage()):
        assert_type(reply, PongMessage | Posted)
    assert_type(await Overridden.asend_channel_event("lobby", Announced(payload=Text(text=""))), None)


def specs() -> None:
    assert_type(Matching.spec, ConsumerSpec)


class Present(AsyncJsonWebsocketConsumer[PingMessage]):
    """Its members are known by what one method tells."""

    presence = GroupPresence(ttl=10)

    async def presence_info(self, group: str) -> Text:
        return Text(text=group)

    async def post_authentication(self) -> None:
        assert_type(await self.apresent("room"), PresentMembers[Text])
        await self.update_presence()


class Unspoken(AsyncJsonWebsocketConsumer[PingMessage]):
    """Nothing is told about its members."""

    presence = GroupPresence()


def ask() -> None:
    present = Present.present("room", limit=3)
    assert_type(present, PresentMembers[Text])
    assert_type(present.members[0].info.text, str)
    assert_type(Unspoken.present("room"), PresentMembers[BaseModel | None])
