"""The members of a group see who is there, and others may ask."""

import asyncio
import types
from typing import Any, ClassVar, Literal

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from pydantic import BaseModel
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import IsAuthenticated

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.groups import group_id
from chanx.history import GroupHistory
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.presence import GroupPresence
from chanx.presence.frames import member_id
from chanx.registry import Registry, use_registry
from chanx.testing import WebsocketCommunicator
from chanx.utils.settings import override_chanx_settings
from tests.chanx.support import News, OpenMixin, Say, client, connected, records, say

ROOM = group_id("room")
QUICK = GroupPresence(interval=0, grace=0.2)


class Who(BaseModel):
    name: str
    shown_as: str = ""


class Chat(OpenMixin, AsyncJsonWebsocketConsumer[Say | PingMessage, None, News]):
    """The address tells who somebody is."""

    groups = ["room"]  # noqa: RUF012 - as Channels has it
    presence = QUICK

    def presence_key(self, group: str) -> str | None:
        return self.scope["path"].rpartition("/")[2] or None

    async def presence_info(self, group: str) -> Who:
        return Who(name=str(self.presence_key(group)))

    @handler
    async def say(self, message: Say) -> None:
        if message.payload.startswith("join "):
            await self.join_group(message.payload.removeprefix("join "))
        elif message.payload.startswith("leave "):
            await self.leave_group(message.payload.removeprefix("leave "))
        else:
            await self.send_group_message(News(payload=message.payload))


def ids(*names: str, group: str = "room") -> list[str]:
    return [member_id(group, name) for name in names]


class Client:
    """A client that follows who is in each group."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator
        self.names: dict[str, dict[str, str]] = {}
        self.counts: dict[str, int] = {}
        self.you: str | None = None

    @classmethod
    async def enter(cls, name: str, consumer: Any = Chat, **options: Any) -> "Client":
        """Connects, and reads who is there."""
        made = cls(await connected(consumer, f"/ws/{name}", **options))
        await made.hear("presence")
        return made

    async def hear(self, action: str) -> dict[str, Any]:
        frame = await self.communicator.receive_json_from(5)
        assert frame["action"] == action, frame
        payload: dict[str, Any] = frame["payload"]
        self.counts[payload["group"]] = payload["count"]
        told = self.names.setdefault(payload["group"], {})
        if action == "presence":
            self.you = payload["you"]
            told.clear()
            told.update({each["id"]: each["info"]["name"] for each in payload["members"] or []})
        else:
            for each in payload["left"]:
                del told[each]
            told.update({each["id"]: each["info"]["name"] for each in payload["joined"] + payload["updated"]})
        return payload

    async def sees(self, *names: str, group: str = "room") -> None:
        """Reads what is told until these are there."""
        expected = dict(zip(ids(*names, group=group), names, strict=True))
        async with asyncio.timeout(5):
            while self.names.get(group_id(group)) != expected:
                await self.hear("presence_changed")
        assert self.counts[group_id(group)] == len(names)

    async def hears_nothing(self, seconds: float = 0.05) -> None:
        assert await self.communicator.receive_nothing(seconds)

    async def say(self, text: str) -> None:
        await self.communicator.send_json_to(say(text))

    async def leave(self, code: int = 1000) -> None:
        await self.communicator.disconnect(code)


async def test_who_comes_sees_who_is_there_and_is_seen() -> None:
    ann = await Client.enter("ann")
    assert (ann.names, ann.you) == ({ROOM: {ann.you: "ann"}}, ids("ann")[0])
    bob = await Client.enter("bob")
    await bob.sees("ann", "bob")
    payload = await ann.hear("presence_changed")
    assert payload == {
        "group": ROOM,
        "count": 2,
        "joined": [{"id": ids("bob")[0], "info": {"name": "bob", "shown_as": ""}}],
        "left": [],
        "updated": [],
    }
    await bob.leave()
    assert await ann.hear("presence_changed") == {
        "group": ROOM,
        "count": 1,
        "joined": [],
        "left": ids("bob"),
        "updated": [],
    }
    await ann.leave()
    assert (await Chat.apresent("room")).count == 0


async def test_several_connections_are_one_member() -> None:
    ann = await Client.enter("ann")
    first, second = await Client.enter("bob"), await Client.enter("bob")
    await second.sees("ann", "bob")
    await ann.sees("ann", "bob")
    await first.leave()
    await ann.hears_nothing()
    await second.leave()
    await ann.sees("ann")
    await ann.leave()


async def test_a_page_that_is_reloaded_is_not_noticed() -> None:
    ann, bob = await Client.enter("ann"), await Client.enter("bob")
    await ann.sees("ann", "bob")
    for _ in range(3):
        await bob.leave(1001)
        bob = await Client.enter("bob")
        await bob.sees("ann", "bob")
    await ann.hears_nothing(0.3)
    await ann.leave()
    await bob.leave()


@pytest.mark.parametrize("code", [1001, 1006, 1012, 4401])
async def test_whose_connection_is_lost_is_gone_after_the_grace(code: int) -> None:
    ann, bob = await Client.enter("ann"), await Client.enter("bob")
    await ann.sees("ann", "bob")
    await bob.leave(code)
    await ann.hears_nothing(0.1)
    await ann.sees("ann")
    await ann.leave()


@pytest.mark.parametrize("code", [1000, 1005, 4403, 4404])
async def test_who_does_not_come_back_is_gone_at_once(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Patient(Chat):
        presence = GroupPresence(interval=0, grace=60)

    ann, bob = await Client.enter("ann", Patient), await Client.enter("bob", Patient)
    await ann.sees("ann", "bob")
    await bob.leave(code)
    await ann.sees("ann")
    await ann.leave()


async def test_a_member_without_a_key_only_looks_on() -> None:
    ann = await Client.enter("ann")
    onlooker = await Client.enter("")
    assert onlooker.you is None
    await onlooker.sees("ann")
    await ann.hears_nothing()
    await ann.leave()
    await onlooker.sees()
    await onlooker.leave()


async def test_groups_that_are_joined_and_left_later() -> None:
    class Lonely(Chat):
        groups = []  # noqa: RUF012 - as Channels has it
        presence = GroupPresence(interval=0, grace=60)

    ann, bob = [Client(await connected(Lonely, f"/ws/{name}")) for name in ("ann", "bob")]
    await ann.hears_nothing()
    for joining in (ann, bob):
        await joining.say("join hall")
        await joining.hear("presence")
    await bob.sees("ann", "bob", group="hall")
    await ann.sees("ann", "bob", group="hall")
    await bob.say("leave hall")
    await ann.sees("ann", group="hall")
    await ann.say("leave hall")
    await ann.hears_nothing()
    # And once more, by a connection that was there before.
    await bob.say("join hall")
    assert (await bob.hear("presence"))["count"] == 1
    await ann.hears_nothing()
    await ann.leave()
    await bob.leave()


async def test_what_is_told_may_change() -> None:
    class Changing(Chat):
        name = ""

        async def presence_info(self, group: str) -> Who:
            return Who(name=self.name)

        @handler
        async def say(self, message: Say) -> None:
            self.name = message.payload
            await self.update_presence()

    ann, bob = await Client.enter("ann", Changing), await Client.enter("bob", Changing)
    await ann.hear("presence_changed")
    await bob.say("Bob, away")
    payload = await ann.hear("presence_changed")
    assert (payload["joined"], payload["left"]) == ([], [])
    assert payload["updated"] == [{"id": ids("bob")[0], "info": {"name": "Bob, away", "shown_as": ""}}]
    await bob.hear("presence_changed")
    await bob.say("Bob, away")  # nothing else than before
    await ann.hears_nothing()
    await ann.leave()
    await bob.leave()


async def test_who_has_another_key_by_the_time_that_it_is_known_what_to_tell() -> None:
    class Masked(Chat):
        key = "ann"
        is_changing = False

        def presence_key(self, group: str) -> str:
            return self.key

        async def presence_info(self, group: str) -> Who:
            if self.is_changing:
                # As another task of the consumer may do it meanwhile.
                self.is_changing, self.key = False, "mask"
                await self.leave_group(group)
                await self.join_group(group)
                return Who(name="of the other key")
            return Who(name=self.key)

        @handler
        async def say(self, message: Say) -> None:
            self.is_changing = True
            await self.update_presence()

    ann = await Client.enter("ann", Masked)
    await ann.say("change")
    await ann.hear("presence")
    assert ann.names == {ROOM: {ids("mask")[0]: "mask"}}
    await ann.hears_nothing()
    await ann.leave()


async def test_of_a_large_group_only_the_number_is_told() -> None:
    class Small(Chat):
        presence = GroupPresence(interval=0, max_listed=2)

    ann, bob = await Client.enter("ann", Small), await Client.enter("bob", Small)
    await ann.sees("ann", "bob")
    cem = Client(await connected(Small, "/ws/cem"))
    assert await cem.hear("presence") == {"group": ROOM, "you": ids("cem")[0], "count": 3, "members": None}
    payload = await ann.hear("presence_changed")
    assert payload == {"group": ROOM, "count": 3, "joined": [], "left": [], "updated": []}
    await bob.leave()
    # It can be listed again: everybody gets the list.
    for left in (ann, cem):
        payload = await left.hear("presence")
        assert [each["id"] for each in payload["members"]] == ids("ann", "cem")
        assert payload["you"] == ids("ann" if left is ann else "cem")[0]
        await left.leave()


async def test_a_full_group_counts_no_more() -> None:
    class Full(Chat):
        presence = GroupPresence(interval=0, max_listed=1, max_members=1)

    ann, bob = await Client.enter("ann", Full), await Client.enter("bob", Full)
    assert bob.names == {ROOM: {ids("ann")[0]: "ann"}}
    await ann.hears_nothing()
    await ann.leave()
    await bob.leave()


async def test_many_come_at_once() -> None:
    """Each is told a few times, and not once for each of the others."""

    class Storm(Chat):
        presence = GroupPresence(interval=0.5)

    first = await Client.enter("first", Storm)
    others = await asyncio.gather(*(connected(Storm, f"/ws/{number}") for number in range(1000)))
    frames = 0
    async with asyncio.timeout(30):
        while first.counts[ROOM] < 1001:
            await first.hear("presence_changed")
            frames += 1
    assert frames < 50
    assert (await Storm.apresent("room")).count == 1001
    assert len((await Storm.apresent("room")).members) == 100
    for other in others:
        seen = Client(other)
        while seen.counts.get(ROOM) != 1001:
            frame = await other.receive_json_from(5)
            assert len(frame["payload"].get("members") or frame["payload"].get("joined") or []) <= 100
            seen.counts[ROOM] = frame["payload"]["count"]
    await asyncio.gather(*(other.disconnect() for other in others))
    await first.leave()


async def test_a_user_is_a_member_by_default_and_each_anonymous_connection_too() -> None:
    class ByName(BaseAuthentication):
        def authenticate(self, request: Any) -> Any:
            name = request.path.rpartition("/")[2]
            return (User(pk=int(name), username=name), None) if name else None

    class Known(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
        authentication_classes: AuthenticationClasses = (ByName,)
        groups = ["room"]  # noqa: RUF012 - as Channels has it
        presence = QUICK

    clients = [await connected(Known, f"/ws/{name}") for name in ("7", "7", "8", "", "")]
    frames = [await each.receive_json_from() for each in clients]
    assert [frame["payload"]["count"] for frame in frames] == [1, 1, 2, 3, 4]
    assert {each["info"] for each in frames[-1]["payload"]["members"]} == {None}
    present = await Known.apresent("room")
    keys = [member.key for member in present.members]
    assert keys[:2] == ["auth.user:7", "auth.user:8"]
    assert all(key.startswith("anonymous:") for key in keys[2:])
    # No key is told to clients.
    text = str(frames)
    assert not any(key in text for key in keys)
    for each in clients:
        await each.disconnect()


async def test_classes_of_one_group_see_each_other_as_far_as_they_tell_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Number(BaseModel):
        number: int

    class Other(Chat):
        async def presence_info(self, group: str) -> Number:  # type: ignore[override]  # another model, on purpose
            return Number(number=7)

    ann = await Client.enter("ann")
    other = Client(await connected(Other, "/ws/bob"))
    payload = await other.communicator.receive_json_from()
    assert payload["payload"]["count"] == 2
    assert payload["payload"]["members"] == [{"id": ids("bob")[0], "info": {"number": 7}}]
    assert await ann.hear("presence_changed") == {
        "group": ROOM,
        "count": 2,
        "joined": [],
        "left": [],
        "updated": [],
    }
    present = await Chat.apresent("room")
    assert (present.count, [member.key for member in present.members]) == (2, ["ann"])
    await ann.leave()
    await other.leave()


async def test_others_may_ask() -> None:
    ann, bob = await Client.enter("ann"), await Client.enter("bob")
    present = await Chat.apresent("room")
    assert (present.count, [(member.key, member.info) for member in present.members]) == (
        2,
        [("ann", Who(name="ann")), ("bob", Who(name="bob"))],
    )
    assert present.members[0].since < present.members[1].since
    assert present.members[0].since.tzinfo is not None
    assert await sync_to_async(Chat.present)("room") == present
    assert [member.key for member in (await Chat.apresent("room", limit=1)).members] == ["ann"]
    assert (await Chat.apresent("hall")).count == 0
    await ann.leave()
    await bob.leave()


async def test_who_asks_a_class_without_presence_is_told() -> None:
    class Plain(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
        """Knows nobody."""

    with pytest.raises(ValueError, match="Plain does not know who is in a group"):
        await Plain.apresent("room")


async def test_who_was_not_let_in_is_not_there() -> None:
    class Closed(Chat):
        permission_classes: PermissionClasses = (IsAuthenticated,)

    refused = client(Closed, "/ws/ann")
    assert (await refused.connect())[0]
    assert (await refused.receive_json_from())["payload"]["status_code"] in (401, 403)
    assert (await refused.receive_output(5))["type"] == "websocket.close"
    assert (await Chat.apresent("room")).count == 0


async def test_who_loses_the_right_hears_nothing_more() -> None:
    class Guard(IsAuthenticated):
        allowed: ClassVar[set[str]] = {"ann", "bob"}

        def has_permission(self, request: Any, view: Any) -> bool:
            return request.path.rpartition("/")[2] in self.allowed

    class Rechecking(Chat):
        permission_classes: PermissionClasses = (Guard,)
        recheck_group_events = True

    ann, bob = await Client.enter("ann", Rechecking), await Client.enter("bob", Rechecking)
    await ann.sees("ann", "bob")
    Guard.allowed = {"ann", "cem"}
    cem = await Client.enter("cem", Rechecking)
    await ann.hear("presence_changed")
    # Bob is shown out instead of being told of cem.
    assert (await bob.communicator.receive_output(5)) == {"type": "websocket.close", "code": 4403}
    await bob.leave(4403)
    await ann.sees("ann", "cem")
    await ann.leave()
    await cem.leave()


async def test_a_class_that_looks_at_what_it_sends_sees_it() -> None:
    class Hooked(Chat):
        async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
            seen.append(content["action"])
            await super().send_json(content, close)

    seen: list[str] = []
    ann, bob = await Client.enter("ann", Hooked), await Client.enter("bob", Hooked)
    await ann.sees("ann", "bob")
    assert seen.count("presence") == 2
    assert "presence_changed" in seen
    await ann.leave()
    await bob.leave()


async def test_a_class_that_is_reached_by_name() -> None:
    class Named(Chat):
        channel_name: str

    ann, bob = await Client.enter("ann", Named), await Client.enter("bob", Named)
    await ann.sees("ann", "bob")
    await bob.leave()
    await ann.sees("ann")
    await ann.leave()


async def test_nothing_else_comes_from_the_layer_under_this_type() -> None:
    ann = await Client.enter("ann")
    layer = get_channel_layer()
    assert layer is not None
    for message in ({}, {"message": {"action": "presence"}}):
        await layer.group_send("room", {"type": "chanx.presence", **message})
    await ann.hears_nothing()
    await ann.say("still here")
    await ann.leave()


async def test_the_wire_format_of_clients() -> None:
    with override_chanx_settings(CAMELIZE=True, MESSAGE_ACTION_KEY="type"):
        communicator = client(Chat, "/ws/ann")
        await communicator.connect()
        assert (await communicator.receive_json_from())["type"] == "authentication"
        frame = await communicator.receive_json_from()
        await communicator.disconnect()
    assert frame["type"] == "presence"
    assert frame["payload"]["members"] == [{"id": ids("ann")[0], "info": {"name": "ann", "shownAs": ""}}]


async def test_a_history_knows_nothing_of_presence() -> None:
    """Who comes back is told who is there now, before anything that was missed."""

    class Resuming(Chat):
        history = GroupHistory()

    def follow(communicator: WebsocketCommunicator) -> Any:
        return communicator.receive_json_from(5)

    ann = await connected(Resuming, "/ws/ann")
    positions = (await follow(ann))["payload"]
    assert (await follow(ann))["action"] == "presence"
    await ann.disconnect(1006)
    bob = Client(await connected(Resuming, "/ws/bob"))
    await follow(bob.communicator)
    await bob.hear("presence")
    await bob.say("missed")
    ann = await connected(Resuming, "/ws/ann", subprotocols=["chanx.v1", "chanx.resume"])
    assert (await follow(ann))["action"] == "positions"
    frame = await follow(ann)
    assert (frame["action"], frame["payload"]["count"]) == ("presence", 2)
    await ann.send_json_to({"action": "resume", "payload": positions})
    assert [(await follow(ann))["action"] for _ in range(2)] == ["news", "resumed"]
    await ann.disconnect()
    await bob.leave()


@pytest.mark.parametrize(
    ("told", "complaint"),
    [("x" * 2000, "tells 2025 bytes about a member, more than max_info_bytes=1024"), ("", "1 to 200 characters")],
    ids=["info", "key"],
)
async def test_what_is_told_has_bounds(told: str, complaint: str, caplog: pytest.LogCaptureFixture) -> None:
    class Boundless(Chat):
        def presence_key(self, group: str) -> str | None:
            return "ann" if told else ""

        async def presence_info(self, group: str) -> Who:
            return Who(name=told)

    communicator = await connected(Boundless, "/ws/ann")
    assert (await communicator.receive_output(5))["code"] == 4500
    assert any(complaint in str(record.exc_info and record.exc_info[1]) for record in caplog.records)
    assert (await Chat.apresent("room")).count == 0


async def test_an_engine_that_is_away_ends_no_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from chanx.presence import keeper, room
    from chanx.presence.memory import MemoryPresence

    for module in (keeper, room):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    begin = MemoryPresence.begin

    async def away(self: MemoryPresence, node: str, ttl: float) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(MemoryPresence, "begin", away)
    ann = Client(await connected(Chat, "/ws/ann"))
    await ann.say("hello")
    await ann.hears_nothing()
    monkeypatch.setattr(MemoryPresence, "begin", begin)
    await ann.hear("presence")
    await ann.sees("ann")
    assert "Who is present cannot be kept; it is tried again" in records(caplog, "WARNING")
    await ann.leave()


def define(**attributes: Any) -> Any:
    """A consumer class with these attributes."""
    with use_registry(Registry()):
        return types.new_class(
            "Defined", (AsyncJsonWebsocketConsumer[PingMessage],), exec_body=lambda space: space.update(attributes)
        )


@pytest.mark.parametrize("declared", [True, 30, GroupPresence])
def test_a_presence_that_is_none(declared: Any) -> None:
    with pytest.raises(ConsumerDefinitionError, match=r"presence = GroupPresence\(ttl=30\)"):
        define(presence=declared)


async def unannotated(self: Any, group: str):  # type: ignore[no-untyped-def]  # on purpose
    return None


async def texts(self: Any, group: str) -> str:
    return ""


async def any_model(self: Any, group: str) -> BaseModel:
    return Who(name="")


@pytest.mark.parametrize("method", [unannotated, texts, any_model])
def test_an_info_that_is_no_model(method: Any) -> None:
    with pytest.raises(ConsumerDefinitionError, match="does not say what it tells"):
        define(presence=GroupPresence(), presence_info=method)


def test_an_action_that_presence_needs() -> None:
    class Presence(BaseMessage):
        action: Literal["presence"] = "presence"
        payload: None = None

    # Anybody may use the word who has no presence.
    define(outgoing_messages=Presence)
    with pytest.raises(ConsumerDefinitionError, match="both have the action 'presence'"):
        define(outgoing_messages=Presence, presence=GroupPresence())


def test_what_a_class_tells_may_be_one_of_several_models() -> None:
    class Guest(BaseModel):
        nickname: str

    async def presence_info(self: Any, group: str) -> Who | Guest | None:
        return None

    defined = define(presence=GroupPresence(), presence_info=presence_info)
    assert defined.spec.presence_info == Who | Guest | None
