"""Channels' idioms: what its users write about groups and channel names works beside the hub."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator as ChannelsCommunicator
from channels.testing.application import no_op
from pytest_django import Settings

from chanx import mailbox, watchdog
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import (
    News,
    Noticed,
    OpenMixin,
    Said,
    Say,
    client,
    connected,
    records,
    said,
    say,
)


@pytest.fixture(params=["channels.layers.InMemoryChannelLayer", "tests.chanx.foreign_layer.ForeignLayer"], autouse=True)
def _layer(request: pytest.FixtureRequest, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": request.param}}


def layer() -> Any:
    return get_channel_layer()


def news(text: str) -> dict[str, Any]:
    return {"action": "news", "payload": text, "is_mine": False, "is_current": False}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def settle() -> None:
    """Lets everything happen that waits for nothing but its turn."""
    for _ in range(100):
        await asyncio.sleep(0)


class Room(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed, News]):
    """A member of the room by the hub, which tells the room what it is told."""

    groups: ClassVar[list[str]] = ["room"]  # type: ignore[misc]  # as Channels documents it
    outgoing_messages = Said

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        match message.payload.split():
            case ["join" | "enter", group]:
                await self.join_group(group)
            case ["leave" | "exit", group]:
                await self.leave_group(group)
            case ["tell", *words]:
                await self.send_group_message(News(payload=" ".join(words)))
                return
            case _:
                pass
        await self.send_message(Said(payload=message.payload))

    async def receive_event(self, event: Noticed) -> None:
        await self.send_message(Said(payload=f"event {event.payload}"))


class ByName(Room):
    """The same in Channels' words: a member by its channel name."""

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        match message.payload.split():
            case ["join", group]:
                await self.channel_layer.group_add(group, self.channel_name)
            case ["leave", group]:
                await self.channel_layer.group_discard(group, self.channel_name)
            case ["name"]:
                await self.send_message(Said(payload=self.channel_name))
                return
            case _:
                await super().receive_message(message, **kwargs)
                return
        await self.send_message(Said(payload=message.payload))


async def order(member: WebsocketCommunicator, text: str) -> None:
    await member.send_json_to(say(text))
    assert await member.receive_json_from() == said(text)


async def ordered_frames(member: WebsocketCommunicator, number: int) -> list[Any]:
    return [await member.receive_json_from() for _ in range(number)]


# -- groups of the class, and joined later -------------------------------------------------------------------


@pytest.mark.parametrize("consumer", [Room, ByName])
async def test_groups_are_joined_and_left_while_connected(consumer: Any) -> None:
    member, sender = await connected(consumer), await connected(Room)
    await Room.asend_channel_event("later", Noticed(payload="too early"))
    await order(member, "join later")
    await Room.asend_channel_event("later", Noticed(payload="in time"))
    assert await member.receive_json_from() == said("event in time")
    await order(member, "leave later")
    await Room.asend_channel_event("later", Noticed(payload="too late"))
    await sender.send_json_to(say("tell still in the room"))
    assert await member.receive_json_from() == news("still in the room")
    assert await member.receive_nothing(0.02)
    await member.disconnect()
    await sender.disconnect()


@pytest.mark.parametrize("consumer", [Room, ByName])
async def test_who_leaves_and_joins_at_once_gets_each_message_once(consumer: Any) -> None:
    member = await connected(consumer)
    for number in range(5):
        await order(member, "join later")
        await order(member, "leave later")
        await order(member, "join later")
        await Room.asend_channel_event("later", Noticed(payload=str(number)))
        assert await member.receive_json_from() == said(f"event {number}")
    assert await member.receive_nothing(0.02)
    await member.disconnect()


async def test_a_group_that_was_joined_is_one_of_the_connections_groups() -> None:
    member, other = await connected(Room), await connected(Room)
    for each in (member, other):
        await order(each, "leave room")
        await order(each, "join later")
    await member.send_json_to(say("tell here"))
    assert await other.receive_json_from() == news("here")
    await member.disconnect()
    await other.disconnect()


async def test_the_end_of_a_connection_leaves_what_it_has_joined() -> None:
    member, stays = await connected(Room), await connected(Room)
    await order(member, "join later")
    await member.disconnect()
    await stays.send_json_to(say("tell nobody"))
    await order(stays, "alive")
    await stays.disconnect()
    if hasattr(layer(), "groups"):
        assert layer().groups == {}


async def test_a_join_that_ends_after_the_connection_leaves_again() -> None:
    gate = asyncio.Event()
    joins: list[asyncio.Task[None]] = []

    class Late(Room):
        async def post_authentication(self) -> None:
            joins.append(asyncio.create_task(self.join_group("later")))

    group_add = layer().group_add

    async def slow(group: str, channel: str) -> None:
        if group == "later":
            await gate.wait()
        await group_add(group, channel)

    layer().group_add = slow
    member = await connected(Late)
    await member.disconnect()
    gate.set()
    await joins[0]
    assert not await members_of("later")


async def members_of(group: str) -> int:
    found = layer().members(group) if hasattr(layer(), "members") else len(layer().groups.get(group, ()))
    return int(found)


# -- a name of its own ---------------------------------------------------------------------------------------


async def test_anybody_may_send_to_a_connection_by_its_name() -> None:
    class Called(ByName):
        async def chat_message(self, event: dict[str, Any]) -> None:
            await self.send_message(Said(payload=event["text"]))

    member, other = await connected(Called), await connected(Called)
    await member.send_json_to(say("name"))
    name = (await member.receive_json_from())["payload"]
    await layer().send(name, {"type": "chat.message", "text": "psst"})
    assert await member.receive_json_from() == said("psst")
    assert await other.receive_nothing(0.02)
    await member.disconnect()
    await other.disconnect()


async def test_anybody_may_put_a_connection_into_groups_and_out_of_them() -> None:
    member, sender = await connected(ByName), await connected(Room)
    await member.send_json_to(say("name"))
    name = (await member.receive_json_from())["payload"]
    await layer().group_add("elsewhere", name)
    await Room.asend_channel_event("elsewhere", Noticed(payload="added"))
    assert await member.receive_json_from() == said("event added")
    for group in ("elsewhere", "room"):  # also the one that it has joined itself
        await layer().group_discard(group, name)
        await Room.asend_channel_event(group, Noticed(payload="discarded"))
    assert await sender.receive_json_from() == said("event discarded")
    assert await member.receive_nothing(0.02)
    await member.disconnect()
    await sender.disconnect()


def forget_all() -> None:
    """The layer loses its memory."""
    getattr(layer(), "groups" if hasattr(layer(), "groups") else "_members").clear()


@pytest.mark.parametrize("consumer", [Room, ByName])
async def test_a_layer_that_has_forgotten_all_hears_of_its_members_again(
    consumer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "CHECK_INTERVAL", 0.02)
    monkeypatch.setattr(mailbox, "PATIENCE", 0.1)
    member = await connected(consumer)
    await member.send_json_to(say("enter later"))
    assert await member.receive_json_from() == said("enter later")
    forget_all()
    async with asyncio.timeout(20):
        while not (await members_of("room") and await members_of("later")):
            await asyncio.sleep(0.01)
    for group in ("room", "later"):
        await Room.asend_channel_event(group, Noticed(payload=group))
        assert await member.receive_json_from() == said(f"event {group}")
    await member.disconnect()
    for group in ("room", "later"):
        assert not await members_of(group)


async def test_who_has_left_is_not_joined_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "CHECK_INTERVAL", 0.02)
    monkeypatch.setattr(mailbox, "PATIENCE", 0.1)
    member = await connected(ByName)
    for text in ("enter later", "exit room", "enter twice", "enter twice", "exit twice"):
        await order(member, text)
    forget_all()
    async with asyncio.timeout(20):
        while not await members_of("later"):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert not await members_of("room")
    assert not await members_of("twice")
    await member.disconnect()


async def test_joins_of_one_group_at_the_same_time_are_taken_back_by_one_leave() -> None:
    class Hasty(ByName):
        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            await asyncio.gather(*(self.join_group("later") for _ in range(3)))
            joined = await members_of("later")
            await self.leave_group("later")
            await self.send_message(Said(payload=f"{joined} {await members_of('later')}"))

    member = await connected(Hasty)
    await member.send_json_to(say("now"))
    assert await member.receive_json_from() == said("1 0")
    await member.disconnect()


async def test_who_was_taken_out_of_a_group_may_join_it_again() -> None:
    member = await connected(ByName)
    await member.send_json_to(say("name"))
    await layer().group_discard("room", (await member.receive_json_from())["payload"])
    await order(member, "enter room")
    await Room.asend_channel_event("room", Noticed(payload="back"))
    assert await member.receive_json_from() == said("event back")
    await member.disconnect()


async def test_a_connection_that_is_put_into_a_group_twice_gets_each_message_once() -> None:
    member, sender = await connected(ByName), await connected(Room)
    await member.send_json_to(say("name"))
    await layer().group_add("room", (await member.receive_json_from())["payload"])
    await order(member, "join room")
    await sender.send_json_to(say("tell once"))
    assert await member.receive_json_from() == news("once")
    assert await member.receive_nothing(0.02)
    await member.disconnect()
    await sender.disconnect()


async def test_a_name_that_the_class_does_not_mention_is_there_where_it_does_no_harm() -> None:
    consumers: list[Any] = []

    class Quiet(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        async def post_authentication(self) -> None:
            consumers.append(self)

        async def receive_message(self, message: Say, **kwargs: Any) -> None: ...

    class Annotated(Quiet):
        groups: ClassVar[list[str]] = ["room"]  # type: ignore[misc]  # an attribute of instances in the stubs
        channel_name: str

    class InGroup(Quiet):
        groups: ClassVar[list[str]] = ["room"]  # type: ignore[misc]  # an attribute of instances in the stubs

    for consumer in (Annotated, InGroup, Quiet):
        member = await connected(consumer)
        found = consumers.pop()
        if consumer is Annotated or (consumer is Quiet and hasattr(layer(), "groups")):
            assert isinstance(found.channel_name, str)
        else:
            with pytest.raises(AttributeError, match="Annotate the class with `channel_name: str`"):
                _ = found.channel_name
        await member.disconnect()


async def test_without_a_layer_there_is_no_name(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {}
    errors: list[str] = []

    class Asking(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        async def post_authentication(self) -> None:
            try:
                _ = self.channel_name
            except AttributeError as error:
                errors.append(str(error))

        async def receive_message(self, message: Say, **kwargs: Any) -> None: ...

    member = await connected(Asking)
    assert errors == [f"{Asking.spec.path} has no channel_name: CHANNEL_LAYERS is not set."]
    await member.disconnect()


# -- plain Channels in the same group ------------------------------------------------------------------------


class Plain(ChannelsConsumer):
    """A consumer of Channels itself, in the same group."""

    groups: ClassVar[list[str]] = ["room"]  # type: ignore[misc]  # an attribute of instances in the stubs

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.channel_layer.group_send("room", {"type": "chat.message", "text": content["text"]})

    async def chat_message(self, event: Any) -> None:
        await self.send_json({"plain": event["text"]})

    async def send_group_member(self, event: Any) -> None:
        await self.send_json({"relayed": event["content"]["payload"]})

    async def handle_channel_event(self, event: Any) -> None:
        await self.send_json({"event": event["event_data"]["payload"]})


async def test_plain_consumers_share_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    # Channels looks at the connection that an earlier test has left in its thread; this test has no database.
    monkeypatch.setattr("channels.db.close_old_connections", no_op)

    class Chanx(Room):
        async def chat_message(self, event: Any) -> None:
            await self.send_message(Said(payload=event["text"]))

    plain = ChannelsCommunicator(Plain.as_asgi(), "/")
    assert (await plain.connect())[0]
    members = [await connected(Chanx), await connected(Chanx)]
    await plain.send_json_to({"text": "hello"})
    assert await plain.receive_json_from(20) == {"plain": "hello"}
    for member in members:
        assert await member.receive_json_from() == said("hello")
    await members[0].send_json_to(say("tell hi"))
    assert await plain.receive_json_from(20) == {"relayed": "hi"}
    assert await members[1].receive_json_from() == news("hi")
    await Chanx.asend_channel_event("room", Noticed(payload="x"))
    assert await plain.receive_json_from(20) == {"event": "x"}
    for member in members:
        assert await member.receive_json_from() == said("event x")
        assert await member.receive_nothing(0.02)
        await member.disconnect()
    await plain.disconnect()


async def test_a_message_written_by_hand_is_relayed() -> None:
    """Whoever has no consumer at hand writes down what GroupMemberEvent and EventPayload say."""
    member = await connected(Room)
    content = {"action": "news", "payload": "by hand"}
    sender = {"exclude_current": True, "from_channel": "", "from_user_pk": None}
    await layer().group_send("room", {"type": "send_group_member", "content": content, "kind": "message", **sender})
    await layer().group_send(
        "room", {"type": "handle_channel_event", "event_data": {"handler": "noticed", "payload": "by hand"}}
    )
    assert await ordered_frames(member, 2) == [news("by hand"), said("event by hand")]
    await member.disconnect()


async def test_a_type_that_nobody_knows_is_logged_and_harmless(caplog: pytest.LogCaptureFixture) -> None:
    member, by_name = await connected(Room), await connected(ByName)
    for kind in ("no.such", "_private", 7):
        await layer().group_send("room", {"type": kind})
    await layer().group_send("room", {"no": "type"})
    await Room.asend_channel_event("room", Noticed(payload="x"))
    for each in (member, by_name):
        assert await each.receive_json_from() == said("event x")
        await each.disconnect()
    text = "was sent a message of a type that it does not know:"
    kinds = ("'no.such'", "'_private'", "7", "None")
    expected = [f"{each.spec.path} {text} {kind}" for each in (Room, ByName) for kind in kinds]
    assert sorted(records(caplog, "ERROR")) == sorted(expected)


# -- order, and classes that want to see it all --------------------------------------------------------------


class OwnRelay(Room):
    async def send_group_member(self, event: Any) -> None:
        await self.send_message(Said(payload=f"own {event['content']['payload']}"))


class OwnDispatch(Room):
    async def dispatch(self, message: Any) -> None:
        if message["type"] == "send_group_member":
            message["content"]["payload"] += " changed"
        await super().dispatch(message)


class OwnJson(Room):
    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        await super().send_json({**content, "seen": True}, close)


class OwnMessage(Room):
    async def send_message(self, message: Any) -> None:
        if isinstance(message, News):
            message = News(payload=f"{message.payload} rewritten")
        await super().send_message(message)


class OwnSend(Room):
    async def send(self, text_data: Any = None, bytes_data: Any = None, close: bool = False) -> None:
        await super().send(text_data and text_data.replace("one", "1"), bytes_data, close)


@pytest.mark.parametrize(
    ("consumer", "first"),
    [
        (Room, news("one")),
        (ByName, news("one")),
        (OwnRelay, said("own one")),
        (OwnDispatch, news("one changed")),
        (OwnJson, {**news("one"), "seen": True}),
        (OwnMessage, news("one rewritten")),
        (OwnSend, news("1")),
    ],
)
async def test_group_messages_and_events_come_in_order(consumer: Any, first: Any) -> None:
    members, sender = [await connected(consumer), await connected(consumer)], await connected(Room)
    for number in range(20):
        await sender.send_json_to(say("tell one"))
        await asyncio.sleep(0.001)
        await Room.asend_channel_event("room", Noticed(payload=str(number)))
        await asyncio.sleep(0.001)
    for member in members:
        frames = await ordered_frames(member, 40)
        assert frames[0::2] == [first] * 20
        assert [frame["payload"] for frame in frames[1::2]] == [f"event {number}" for number in range(20)]
        await member.disconnect()
    await sender.disconnect()


async def test_a_slow_event_holds_up_its_own_connection_alone() -> None:
    gate = asyncio.Event()

    class Slow(Room):
        async def receive_event(self, event: Noticed) -> None:
            if self.scope["path"] == "/slow/":
                await gate.wait()
            await super().receive_event(event)

    slow, quick, sender = await connected(Slow, "/slow/"), await connected(Slow), await connected(Room)
    await Slow.asend_channel_event("room", Noticed(payload="x"))
    assert await quick.receive_json_from() == said("event x")
    await sender.send_json_to(say("tell y"))
    assert await quick.receive_json_from() == news("y")
    # Its own frames are handled meanwhile.
    await order(slow, "alive")
    gate.set()
    assert await ordered_frames(slow, 2) == [said("event x"), news("y")]
    for member in (slow, quick, sender):
        await member.disconnect()


async def test_nothing_of_a_group_comes_before_the_client_is_let_in() -> None:
    gate = asyncio.Event()

    class Lingering(Room):
        async def post_authentication(self) -> None:
            await gate.wait()
            await self.send_message(Said(payload="welcome"))

    member, sender = client(Lingering), await connected(Room)
    await member.connect()
    await member.assert_authenticated_status_ok()
    await sender.send_json_to(say("tell early"))
    await asyncio.sleep(0.02)
    await Room.asend_channel_event("room", Noticed(payload="early"))
    assert await sender.receive_json_from() == said("event early")
    assert await member.receive_nothing(0.02)
    gate.set()
    assert await ordered_frames(member, 3) == [said("welcome"), news("early"), said("event early")]
    await member.disconnect()
    await sender.disconnect()


@pytest.mark.parametrize("consumer", [Room, ByName])
async def test_what_a_handler_of_the_layer_raises_ends_its_connection_alone(consumer: Any) -> None:
    async def break_down(self: Any, event: Any) -> None:
        raise LookupError("broken")

    Fragile: Any = type("Fragile", (consumer,), {"break_down": break_down, "__module__": __name__})
    fragile, other = await connected(Fragile), await connected(Room)
    await layer().group_send("room", {"type": "break.down"})
    with pytest.raises(LookupError, match="broken"):
        await fragile.wait()
    await order(other, "alive")
    await other.disconnect()


async def test_a_layer_that_fails_to_receive_does_not_end_a_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chanx.arrivals.FIRST_PAUSE", 0.001)
    receive, failures = layer().receive, iter(range(6))

    async def failing(channel: str) -> Any:
        if next(failures, None) is not None:
            raise ConnectionError("away")
        return await receive(channel)

    layer().receive = failing
    members = [await connected(Room), await connected(ByName)]
    await until(lambda: next(failures, None) is None)
    await Room.asend_channel_event("room", Noticed(payload="back"))
    for member in members:
        assert await member.receive_json_from() == said("event back")
        await member.disconnect()
    assert len([text for text in records(caplog, "WARNING") if "fails; it is asked again" in text]) == 1


@pytest.mark.parametrize("consumer", [Room, ByName])
@pytest.mark.parametrize("fails", ["new_channel", "group_add"])
async def test_a_layer_that_is_away_when_a_client_comes_is_told_with_1013(consumer: Any, fails: str) -> None:
    async def away(*args: Any) -> None:
        raise ConnectionError("away")

    setattr(layer(), fails, away)
    member = client(consumer)
    assert (await member.connect(20))[0]
    await member.assert_closed(1013)
    await member.disconnect()


async def test_a_name_that_the_layer_does_not_allow_is_no_outage() -> None:
    class Wrong(Room):
        groups: ClassVar[list[str]] = ["no spaces"]  # type: ignore[misc]  # an attribute of instances in the stubs

    if not hasattr(layer(), "require_valid_group_name"):
        return
    member = client(Wrong)
    assert (await member.connect(20))[0]
    await member.assert_closed(4500)
    await member.disconnect()


# -- clients that do not read --------------------------------------------------------------------------------


class Blocked:
    """The server of a client that does not read: takes the accept, and then nothing until it is told to."""

    def __init__(self, consumer: Any, *, closes: bool = False) -> None:
        self.arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.events: list[dict[str, Any]] = []
        self.reading = asyncio.Event()
        self._closes = closes
        scope = {"type": "websocket", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}
        self.arriving.put_nowait({"type": "websocket.connect"})
        self.served = asyncio.create_task(consumer.as_asgi()(scope, self.arriving.get, self.send))

    async def send(self, event: dict[str, Any]) -> None:
        takes = event["type"] == "websocket.accept" or event.get("text", "").startswith('{"action":"authentication"')
        if not takes and not (self._closes and event["type"] == "websocket.close"):
            await self.reading.wait()
        self.events.append(event)
        if event["type"] == "websocket.close":
            self.arriving.put_nowait({"type": "websocket.disconnect", "code": event["code"]})


class Noting(Room):
    """Notes how its connections end."""

    codes: ClassVar[list[int]] = []

    async def disconnect(self, code: int) -> None:
        self.codes.append(code)


@pytest.fixture
def _hurry(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHANX = {"SEND_TIMEOUT": 0.05}
    monkeypatch.setattr(watchdog, "INTERVAL", 0.01)
    monkeypatch.setattr("chanx.generic.sending.CLOSE_PATIENCE", 0.05)
    Noting.codes.clear()


@pytest.mark.usefixtures("_hurry")
@pytest.mark.parametrize("closes", [True, False], ids=["takes the close frame", "takes nothing"])
async def test_a_client_that_does_not_read_is_closed_and_delays_nobody(
    closes: bool, caplog: pytest.LogCaptureFixture
) -> None:
    blocked, member, sender = Blocked(Noting, closes=closes), await connected(Room), await connected(Room)
    await until(lambda: len(blocked.events) == 2)
    for number in range(3):
        await sender.send_json_to(say(f"tell {number}"))
        assert await member.receive_json_from() == news(str(number))
    async with asyncio.timeout(20):
        await blocked.served
    assert Noting.codes == [1013]
    assert [event.get("code") for event in blocked.events[2:]] == ([1013] if closes else [])
    assert [text for text in records(caplog, "WARNING") if "reads too slowly" in text] == [
        f"{Noting.spec.path} closes because the client reads too slowly: it has not taken a frame for 0.05 seconds"
    ]
    for each in (member, sender):
        await each.disconnect()
    assert await members_of("room") == 0


@pytest.mark.usefixtures("_hurry")
async def test_a_client_that_lets_too_much_wait_is_closed(settings: Settings) -> None:
    settings.CHANX = {"SEND_TIMEOUT": None, "OUTBOX_SIZE": 1000}
    blocked, sender = Blocked(Noting, closes=True), await connected(Room)
    await until(lambda: len(blocked.events) == 2)
    for number in range(8):
        await sender.send_json_to(say(f"tell {number}"))
    async with asyncio.timeout(20):
        await blocked.served
    assert Noting.codes == [1013]
    await sender.disconnect()


@pytest.mark.usefixtures("_hurry")
async def test_a_handler_whose_client_does_not_read_is_cancelled() -> None:
    cancelled: list[bool] = []

    class Answering(Noting):
        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            try:
                await super().receive_message(message, **kwargs)
            except asyncio.CancelledError:
                cancelled.append(True)
                raise

    blocked = Blocked(Answering, closes=True)
    await until(lambda: len(blocked.events) == 2)
    blocked.arriving.put_nowait({"type": "websocket.receive", "text": '{"action": "say", "payload": "x"}'})
    async with asyncio.timeout(20):
        await blocked.served
    assert (cancelled, Noting.codes) == ([True], [1013])


async def test_replies_and_group_messages_keep_their_order_for_a_slow_client(settings: Settings) -> None:
    settings.CHANX = {"SEND_TIMEOUT": None}
    blocked, sender = Blocked(Room), await connected(Room)
    await until(lambda: len(blocked.events) == 2)
    await sender.send_json_to(say("tell 1"))
    await settle()
    blocked.arriving.put_nowait({"type": "websocket.receive", "text": '{"action": "say", "payload": "2"}'})
    await settle()
    await sender.send_json_to(say("tell 3"))
    await settle()
    blocked.reading.set()
    await until(lambda: len(blocked.events) == 5)
    assert [event["text"].split('"payload":')[1][1] for event in blocked.events[2:]] == ["1", "2", "3"]
    blocked.arriving.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await blocked.served
    await sender.disconnect()
