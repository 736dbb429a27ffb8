"""Group messages and channel events, between connections and from anywhere else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal

import pytest
from asgiref.sync import sync_to_async
from channels.exceptions import InvalidChannelLayerError, StopConsumer
from channels.layers import get_channel_layer
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from pydantic import ConfigDict, Field, computed_field
from pytest_django import Settings
from rest_framework.authentication import BaseAuthentication

from chanx.exceptions import GroupMessageError, UndeclaredMessageError
from chanx.generic.authenticator import AuthenticationClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.groups import member_event
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import (
    Alarmed,
    Count,
    News,
    Noticed,
    OpenMixin,
    Said,
    Say,
    connected,
    exactly,
    groups_of,
    records,
    said,
    say,
)

Act = Callable[[Any, str], Awaitable[None]]


class ByHeader(BaseAuthentication):
    """The user whose key the client names, no questions asked and no database read."""

    def authenticate(self, request: Any) -> tuple[User, None] | None:
        key = request.META.get("HTTP_X_USER")
        return (User(pk=int(key), username=f"user{key}"), None) if key else None


class Weather(BaseGroupMessage):
    action: Literal["weather"] = "weather"
    day_degrees: int = Field(alias="degreesByDay")
    payload: None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator above @property
    @property
    def is_warm(self) -> bool:
        return self.day_degrees > 20


class Closed(BaseMessage):
    model_config = ConfigDict(extra="forbid")

    action: Literal["closed"] = "closed"
    payload: str


class Member(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed | Alarmed, News | Weather]):
    """Joins the group of its address and does what a test tells it."""

    authentication_classes: AuthenticationClasses = (ByHeader,)
    outgoing_messages = (Said, Count)

    async def build_groups(self) -> list[str]:
        return [self.scope["path"].strip("/").replace("/", ".")]

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        await self.act(message.payload)

    async def act(self, text: str) -> None:
        await self.send_group_message(News(payload=text))

    async def receive_event(self, event: Noticed | Alarmed) -> None:
        match event:
            case Noticed():
                await self.send_message(Said(payload=event.payload))
            case Alarmed():
                raise LookupError("alarmed")


def acting(act: Act, base: type[Any] = Member, **namespace: Any) -> Any:
    return type("Acting", (base,), {"act": act, "__module__": "chat", **namespace})


async def join(consumer: Any = Member, path: str = "/room/", user: int | None = None) -> WebsocketCommunicator:
    headers = [] if user is None else [(b"x-user", str(user).encode())]
    return await connected(consumer, path, headers=headers)


async def leave(*communicators: WebsocketCommunicator) -> None:
    for communicator in communicators:
        await communicator.disconnect()


def news(text: str, *, is_mine: bool = False, is_current: bool = False) -> dict[str, Any]:
    return {"action": "news", "payload": text, "is_mine": is_mine, "is_current": is_current}


# -- group messages ------------------------------------------------------------------------------------------


async def test_each_member_sees_whose_message_it_is() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(News(payload=text), exclude_current=False)

    Consumer = acting(act)
    sender, same_user, other = await join(Consumer, user=1), await join(Consumer, user=1), await join(Consumer, user=2)
    stranger, elsewhere = await join(Consumer), await join(Consumer, "/other/", user=1)
    await sender.send_json_to(say("hi", id="q"))
    # A relayed group frame never carries reply_to, not even on the connection that asked for it.
    assert await sender.receive_json_from() == news("hi", is_mine=True, is_current=True)
    assert await same_user.receive_json_from() == news("hi", is_mine=True)
    assert await other.receive_json_from() == news("hi")
    assert await stranger.receive_json_from() == news("hi")
    assert await elsewhere.receive_nothing(0.05)
    await leave(sender, same_user, other, stranger, elsewhere)


async def test_the_sender_is_left_out_by_default() -> None:
    sender, other = await join(user=1), await join(user=1)
    await sender.send_json_to(say("hi"))
    assert await other.receive_json_from() == news("hi", is_mine=True)
    assert await sender.receive_nothing(0.05)
    await leave(sender, other)


async def test_an_anonymous_users_message_is_mine_on_the_sending_connection_alone() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(News(payload=text), exclude_current=False)

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi"))
    assert await sender.receive_json_from() == news("hi", is_mine=True, is_current=True)
    assert await other.receive_json_from() == news("hi")
    await leave(sender, other)


@pytest.mark.parametrize("user", [None, AnonymousUser()], ids=["none", "anonymous"])
async def test_a_user_without_a_key_is_nobody(user: Any, settings: Settings) -> None:
    """DRF's UNAUTHENTICATED_USER may be None, in projects without django.contrib.auth."""
    settings.REST_FRAMEWORK = {"UNAUTHENTICATED_USER": (lambda: user) if user else None}
    sender, other = await join(), await join()
    await sender.send_json_to(say("hi"))
    assert await other.receive_json_from() == news("hi")
    await leave(sender, other)


async def test_several_groups_and_groups_of_others() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(News(payload=text), groups=["a", "b"])

    Consumer = acting(act)
    sender, first, second = await join(Consumer, "/c/"), await join(Consumer, "/a/"), await join(Consumer, "/b/")
    bystander = await join(Consumer, "/c/")
    await sender.send_json_to(say("hi"))
    assert await first.receive_json_from() == await second.receive_json_from() == news("hi")
    assert await bystander.receive_nothing(0.05)
    await leave(sender, first, second, bystander)


async def test_an_empty_list_of_groups_is_no_group() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(News(payload=text), groups=[])
        await self.send_message(Said(payload="done"))

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi"))
    assert await sender.receive_json_from() == said("done")
    assert await other.receive_nothing(0.05)
    await leave(sender, other)


@pytest.mark.undescribed_frames("nobody checks what is sent as JSON")
async def test_json_messages_are_relayed_without_a_check() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(Said(payload=text), kind="json", exclude_current=False)
        await self.send_to_groups({"any_thing": {"kept_key": text}})

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi", id="q"))
    assert await sender.receive_json_from() == {**said("hi"), "is_mine": True, "is_current": True}
    assert await other.receive_json_from() == {**said("hi"), "is_mine": False, "is_current": False}
    assert await other.receive_json_from() == {"any_thing": {"kept_key": "hi"}, "is_mine": False, "is_current": False}
    await leave(sender, other)


@pytest.mark.parametrize("camelize", [False, True])
async def test_a_message_that_allows_no_other_keys_is_relayed_as_json(camelize: bool, settings: Settings) -> None:
    settings.CHANX = {"CAMELIZE": camelize}

    async def act(self: Any, text: str) -> None:
        await self.send_group_message(Closed(payload=text), kind="json")

    Consumer = acting(act, outgoing_messages=Closed)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi"))
    seen = {"isMine": False, "isCurrent": False} if camelize else {"is_mine": False, "is_current": False}
    assert await other.receive_json_from() == {"action": "closed", "payload": "hi", **seen}
    await leave(sender, other)


async def test_dictionaries_may_be_sent_as_messages() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_to_groups({"action": "news", "payload": text, "is_mine": True}, kind="message")

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi"))
    assert await other.receive_json_from() == news("hi"), "whose it is, the member decides"
    await leave(sender, other)


async def test_aliases_and_computed_fields_arrive() -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(Weather(degreesByDay=25))

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi"))
    assert await other.receive_json_from() == {
        "action": "weather",
        "payload": None,
        "degreesByDay": 25,
        "is_warm": True,
        "is_mine": False,
        "is_current": False,
    }
    await leave(sender, other)


async def test_the_wire_format_applies_to_relayed_messages(settings: Settings) -> None:
    settings.CHANX = {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type"}

    async def act(self: Any, text: str) -> None:
        await self.send_group_message(News(payload=text))
        await self.send_to_groups({"type": "said", "payload": text, "snake_case": text})

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to({"type": "say", "payload": "hi"})
    assert await other.receive_json_from() == {"type": "news", "payload": "hi", "isMine": False, "isCurrent": False}
    assert await other.receive_json_from() == {
        "type": "said",
        "payload": "hi",
        "snake_case": "hi",
        "isMine": False,
        "isCurrent": False,
    }
    await leave(sender, other)


async def test_a_completion_frame_ends_each_relayed_message(settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETION": True}

    async def act(self: Any, text: str) -> None:
        await self.send_group_message(News(payload=text))
        await self.send_to_groups(said("json"))

    Consumer = acting(act)
    sender, other = await join(Consumer), await join(Consumer)
    await sender.send_json_to(say("hi", id="q"))
    assert await sender.receive_json_from() == {"action": "complete", "payload": None, "reply_to": "q"}
    frames = [await other.receive_json_from() for _ in range(4)]
    complete = {"action": "group_complete", "payload": None}
    assert frames == [news("hi"), complete, said("json", is_mine=False, is_current=False), complete]
    assert await sender.receive_nothing(0.05)
    await leave(sender, other)


async def failing(consumer: Any, caplog: pytest.LogCaptureFixture) -> BaseException:
    sender = await join(consumer)
    await sender.send_json_to(say("hi"))
    assert (await sender.receive_json_from())["payload"]["code"] == "handler_failed"
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    await leave(sender)
    assert record.exc_info is not None
    error = record.exc_info[1]
    assert error is not None
    return error


async def test_a_consumer_without_group_messages_says_how_to_declare_one(caplog: pytest.LogCaptureFixture) -> None:
    class Plain(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            await self.send_group_message(News(payload="x"))

    error = await failing(Plain, caplog)
    assert isinstance(error, GroupMessageError)
    assert str(error) == (
        f"{Plain.spec.path} declares no group message that it could relay. "
        "Name one as its OG parameter, or send with kind='json'."
    )


async def test_a_message_that_is_no_group_message_is_refused_where_it_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    async def act(self: Any, text: str) -> None:
        await self.send_group_message(Said(payload=text))

    error = await failing(acting(act), caplog)
    assert isinstance(error, GroupMessageError)
    assert str(error).startswith("chat.Acting: a group message is none of those in its OG parameter.\n")


async def test_a_member_that_cannot_relay_a_message_reports_it_and_lives_on(caplog: pytest.LogCaptureFixture) -> None:
    class Other(OpenMixin, AsyncJsonWebsocketConsumer[Say, None, Weather]):
        groups = ["room"]  # noqa: RUF012 - as Channels documents it

        @handler
        async def say(self, message: Say) -> Said:
            return Said(payload=message.payload)

    sender, other = await join(), await join(Other)
    await sender.send_json_to(say("hi"))
    await asyncio.sleep(0.02)  # the relaying is not the sender's to wait for
    await other.send_json_to(say("still here"))
    assert await other.receive_json_from() == said("still here")
    assert records(caplog, "ERROR") == [f"{Other.spec.path} cannot relay a group message"]
    await leave(sender, other)


# -- membership ----------------------------------------------------------------------------------------------


async def test_groups_are_of_one_connection_alone() -> None:
    """Channels keeps the list on the class: extending it would let each connection join the groups of all before."""
    groups: list[list[str]] = []

    class Listing(Member):
        groups = ["lobby", "lobby"]  # noqa: RUF012 - as Channels documents it

        async def build_groups(self) -> list[str]:
            return [self.scope["path"].strip("/"), "lobby"]

        async def post_authentication(self) -> None:
            groups.append(list(self.groups))
            self.groups.append("private")

    first, second = await join(Listing, "/one/"), await join(Listing, "/two/")
    assert groups == [["lobby", "one"], ["lobby", "two"]]
    assert Listing.groups == ["lobby", "lobby"]
    layer: Any = get_channel_layer()
    # A process is in a group once, however many of its connections are.
    assert {name: len(members) for name, members in groups_of(layer).items()} == {"lobby": 1, "one": 1, "two": 1}
    await leave(first, second)
    assert groups_of(layer) == {}


async def test_a_list_that_a_hook_changes_in_place_is_not_the_class_s() -> None:
    class Appending(Member):
        groups = ["lobby"]  # noqa: RUF012 - as Channels documents it

        async def build_groups(self) -> list[str]:
            self.groups.append(self.scope["path"].strip("/"))
            return []

    first, second = await join(Appending, "/one/"), await join(Appending, "/two/")
    layer: Any = get_channel_layer()
    # A process is in a group once, however many of its connections are.
    assert {name: len(members) for name, members in groups_of(layer).items()} == {"lobby": 1, "one": 1, "two": 1}
    assert Appending.groups == ["lobby"]
    await leave(first, second)


async def test_a_relayed_message_is_no_answer_even_where_a_handler_relays_it() -> None:
    async def act(self: Any, text: str) -> None:
        event = member_event(
            {"action": "news", "payload": text},
            kind="message",
            exclude_current=False,
            from_channel="other",
            from_user_pk=None,
        )
        await self.send_group_member(event)
        await self.send_message(Said(payload="answer"))

    member = await join(acting(act))
    await member.send_json_to(say("hi", id="q"))
    assert await member.receive_json_from() == news("hi")
    assert await member.receive_json_from() == said("answer", reply_to="q")
    await leave(member)


async def test_groups_are_left_however_the_connection_ends() -> None:
    async def act(self: Any, text: str) -> None:
        raise StopConsumer

    layer: Any = get_channel_layer()
    stopping = await join(acting(act))
    assert set(groups_of(layer)) == {"room"}
    await stopping.send_json_to(say("x"))
    await asyncio.wait([stopping.future], timeout=2)
    assert groups_of(layer) == {}
    # Asked to close: the groups are left with the disconnect that follows.
    closing = await join(acting(lambda self, text: self.close()))
    await closing.send_json_to(say("x"))
    await closing.assert_closed()
    await leave(closing)
    assert groups_of(layer) == {}


async def test_without_groups_no_layer_is_needed(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {}

    class Alone(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> Said:
            return Said(payload=message.payload)

    communicator = await connected(Alone)
    await communicator.send_json_to(say("x"))
    assert await communicator.receive_json_from() == said("x")
    await leave(communicator)


async def test_groups_without_a_layer_are_reported(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {}
    expected = "uses groups, which need a channel layer: set CHANNEL_LAYERS in Django's settings."
    with pytest.raises(InvalidChannelLayerError, match=exactly(f"{Member.spec.path} {expected}")):
        await Member.asend_channel_event("room", Noticed(payload="x"))


async def test_a_plain_channels_message_to_the_connection_works() -> None:
    """What Channels users write keeps working: a message type is the name of a method."""

    class Custom(Member):
        async def tell(self, event: dict[str, Any]) -> None:
            await self.send_message(Said(payload=event["text"]))

    member = await join(Custom)
    layer: Any = get_channel_layer()
    await layer.group_send("room", {"type": "tell", "text": "plain"})
    assert await member.receive_json_from() == said("plain")
    await leave(member)


# -- channel events ------------------------------------------------------------------------------------------


def sync_view(request: HttpRequest) -> HttpResponse:
    Member.send_channel_event("room", Noticed(payload=request.path))
    return HttpResponse()


async def async_view(request: HttpRequest) -> HttpResponse:
    await Member.asend_channel_event("room", Noticed(payload=request.path))
    return HttpResponse()


@pytest.mark.parametrize("how", ["sync", "async"])
async def test_an_event_from_a_view_reaches_the_group(how: str) -> None:
    members = [await join(), await join()]
    bystander = await join(path="/other/")
    if how == "sync":
        await sync_to_async(sync_view)(RequestFactory().get("/from/view/"))
    else:
        await async_view(AsyncRequestFactory().get("/from/view/"))
    for member in members:
        assert await member.receive_json_from() == said("/from/view/")
    assert await bystander.receive_nothing(0.05)
    await leave(*members, bystander)


async def test_events_are_handled_by_handlers_which_may_reply_and_stream() -> None:
    class Handling(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed | Alarmed]):
        groups = ["room"]  # noqa: RUF012 - as Channels documents it

        @handler
        async def say(self, message: Say) -> None: ...

        @handler
        async def noticed(self, event: Noticed) -> Said | None:
            return Said(payload=event.payload) if event.payload else None

        @handler
        async def alarmed(self, event: Alarmed) -> AsyncIterator[Count]:
            for number in range(event.payload):
                yield Count(payload=number)

    member = await join(Handling)
    for event in (Noticed(payload=""), Noticed(payload="x"), Alarmed(payload=2)):
        await Handling.asend_channel_event("room", event)
    frames = [await member.receive_json_from() for _ in range(3)]
    assert frames == [said("x"), {"action": "count", "payload": 0}, {"action": "count", "payload": 1}]
    await leave(member)


async def test_a_completion_frame_ends_each_event_also_a_failed_one(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHANX = {"SEND_COMPLETION": True}
    member = await join()
    await Member.asend_channel_event("room", Noticed(payload="x"))
    await Member.asend_channel_event("room", Alarmed(payload=1))
    complete = {"action": "complete", "payload": None}
    assert [await member.receive_json_from() for _ in range(3)] == [said("x"), complete, complete]
    assert records(caplog, "ERROR") == [f"{Member.spec.path} failed to process the channel event alarmed"]
    await leave(member)


async def test_an_undeclared_event_is_refused_where_it_is_sent() -> None:
    class Alone(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        async def receive_message(self, message: Say, **kwargs: Any) -> None: ...

    class Special(Noticed): ...

    for consumer, event, declared in (
        (Member, Special(payload="x"), "Alarmed, Noticed"),
        (Member, None, "Alarmed, Noticed"),
        (Alone, Noticed(payload="x"), "none"),
    ):
        sender: Any = consumer
        name = type(event).__name__
        with pytest.raises(
            TypeError,
            match=exactly(f"{sender.spec.path} handles no {name}; its Event parameter declares: {declared}."),
        ):
            await sender.asend_channel_event("room", event)


@pytest.mark.parametrize(
    "event",
    [
        {"event_data": {"handler": "other"}},
        {"event_data": {"handler": "alarmed", "payload": "no number"}},
        {"event_data": "text"},
        {},
    ],
    ids=str,
)
async def test_an_event_that_is_none_is_logged_and_harmless(
    event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    member = await join()
    layer: Any = get_channel_layer()
    await layer.group_send("room", {"type": "handle_channel_event", **event})
    await Member.asend_channel_event("room", Noticed(payload="after"))
    assert await member.receive_json_from() == said("after")
    assert records(caplog, "ERROR") == [f"{Member.spec.path} was sent a channel event that it does not declare"]
    await leave(member)


async def test_an_undeclared_message_of_an_event_is_raised_into_a_test() -> None:
    async def receive_event(self: Any, event: Any) -> None:
        await self.send_message(Say(payload="x"))

    Consumer = acting(Member.act, receive_event=receive_event)
    member = await join(Consumer)
    await Consumer.asend_channel_event("room", Noticed(payload="x"))
    with pytest.raises(UndeclaredMessageError):
        await member.receive_json_from()


async def test_an_event_is_handled_while_a_message_is() -> None:
    gate = asyncio.Event()

    async def act(self: Any, text: str) -> None:
        await gate.wait()
        await self.send_message(Said(payload=text))

    member = await join(acting(act))
    await member.send_json_to(say("message", id="q"))
    await Member.asend_channel_event("room", Noticed(payload="event"))
    assert await member.receive_json_from() == said("event")
    gate.set()
    assert await member.receive_json_from() == said("message", reply_to="q")
    await leave(member)


async def test_an_event_handler_is_never_the_answer_to_a_frame(settings: Settings) -> None:
    async def act(self: Any, text: str) -> None:
        await type(self).asend_channel_event("room", Noticed(payload=text))

    member = await join(acting(act))
    await member.send_json_to(say("x", id="q"))
    assert await member.receive_json_from() == said("x")
    await leave(member)
