"""A client that was away gets what it has missed, in order and once, or is told that it cannot have it."""

import asyncio
import json
import types
from functools import partial
from typing import Any, Literal

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from pytest_django import Settings

from chanx.exceptions import ConsumerDefinitionError, GroupMessageError
from chanx.generic import resuming
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.groups import group_id, member_event
from chanx.history import GroupHistory, room
from chanx.history.base import Bounds
from chanx.history.engines import engine_beside
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.resuming import ResumeMessage
from chanx.outbox import Outbox
from chanx.registry import Registry
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import News, OpenMixin, Say, connected, say
from tests.servers import RedisServer

ROOM = group_id("room")
RESUMING = ["chanx.v1", "chanx.resume"]


class Chat(OpenMixin, AsyncJsonWebsocketConsumer[Say | PingMessage, None, News]):
    """Passes on what is said."""

    history = GroupHistory(size=50, ttl=60)
    groups = ["room"]  # noqa: RUF012 - as Channels has it

    @handler
    async def say(self, message: Say) -> None:
        await self.send_group_message(News(payload=message.payload))


class Matching(OpenMixin, AsyncJsonWebsocketConsumer[Say, None, News]):
    """The same without handlers, and with hooks that see each frame as a dictionary."""

    history = GroupHistory(size=50, ttl=60)
    groups = ["room"]  # noqa: RUF012 - as Channels has it

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        await self.send_group_message(News(payload=message.payload))

    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        await super().send_json({**content, "hooked": True}, close)


def engine() -> Any:
    layer = get_channel_layer()
    assert layer is not None
    return engine_beside(layer)


class Plain(OpenMixin, AsyncJsonWebsocketConsumer[Say, None, News]):
    """Has no history."""

    groups = ["room"]  # noqa: RUF012 - as Channels has it

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        await self.send_group_message(News(payload=message.payload))


class Rain(BaseGroupMessage):
    action: Literal["rain"] = "rain"
    payload: None = None


class Client:
    """A client that keeps its place, as the protocol asks."""

    def __init__(self, communicator: WebsocketCommunicator, name: str, positions: dict[str, Any]) -> None:
        self.communicator = communicator
        self.name = name
        self.positions = positions

    @classmethod
    async def connect(cls, consumer: Any = Chat, *, resumes: bool = False) -> "Client":
        communicator = await connected(consumer, subprotocols=RESUMING if resumes else None)
        frame = await communicator.receive_json_from()
        assert frame["action"] == "positions"
        return cls(communicator, frame["payload"]["client"], frame["payload"]["groups"])

    async def come_back(self, consumer: Any = Chat) -> "Client":
        """Connects again, with what it remembers; has not resumed yet."""
        again = await self.connect(consumer, resumes=True)
        return Client(again.communicator, self.name, self.positions)

    async def say(self, text: str) -> None:
        await self.communicator.send_json_to(say(text))

    async def hear(self) -> str:
        """The next group message."""
        frame = await self.communicator.receive_json_from()
        assert (frame["action"], frame["group"]) == ("news", ROOM), frame
        self.positions[ROOM]["seq"] = frame["seq"]
        return str(frame["payload"])

    async def hear_all(self, *expected: str) -> None:
        assert [await self.hear() for _ in expected] == list(expected)

    async def resume(self, **envelope: Any) -> None:
        payload = {"client": self.name, "groups": self.positions}
        await self.communicator.send_json_to({"action": "resume", "payload": payload, **envelope})

    async def resumed(self) -> dict[str, Any]:
        """What the server says of the room at the end."""
        frame = await self.communicator.receive_json_from()
        assert frame["action"] == "resumed", frame
        (found,) = frame["payload"]["groups"].values()
        return dict(found)

    async def leave(self) -> None:
        await self.communicator.disconnect()

    async def hears_nothing(self) -> None:
        assert await self.communicator.receive_nothing(0.05)


async def publish(*texts: str) -> None:
    """Has somebody say something who comes and goes."""
    speaker = await Client.connect()
    listener = await Client.connect()
    for text in texts:
        await speaker.say(text)
        assert await listener.hear() == text
    await speaker.leave()
    await listener.leave()


def recovered(seq: int, epoch: str) -> dict[str, Any]:
    return {"recovered": True, "position": {"epoch": epoch, "seq": seq}, "reason": None}


def too_late(seq: int, epoch: str) -> dict[str, Any]:
    return {"recovered": False, "position": {"epoch": epoch, "seq": seq}, "reason": "late"}


async def test_a_client_learns_where_it_is() -> None:
    client = await Client.connect()
    assert client.positions[ROOM]["seq"] == 0
    assert client.positions.keys() == {ROOM}
    assert "room" not in ROOM
    await client.leave()


async def test_group_messages_are_numbered() -> None:
    speaker, listener = await Client.connect(), await Client.connect()
    for seq, text in enumerate(("one", "two"), 1):
        await speaker.say(text)
        assert await listener.communicator.receive_json_from() == {
            "action": "news",
            "payload": text,
            "is_mine": False,
            "is_current": False,
            "group": ROOM,
            "seq": seq,
        }
    await speaker.hears_nothing()
    await speaker.leave()
    await listener.leave()


@pytest.mark.parametrize("consumer", [Chat, Matching], ids=["fast", "hooked"])
async def test_who_comes_back_gets_what_was_missed(consumer: Any) -> None:
    client = await Client.connect(consumer)
    await publish("one")
    assert await client.hear() == "one"
    await client.leave()
    await publish("two", "three")
    client = await client.come_back(consumer)
    await client.resume(id=7)
    await client.hear_all("two", "three")
    assert await client.resumed() == recovered(3, client.positions[ROOM]["epoch"])
    await publish("four")
    await client.hear_all("four")
    await client.leave()


async def test_messages_wait_for_a_client_that_will_resume() -> None:
    client = await Client.connect()
    await client.leave()
    await publish("missed")
    client = await client.come_back()
    await publish("meanwhile")
    await client.hears_nothing()
    await client.resume()
    await client.hear_all("missed", "meanwhile")
    assert (await client.resumed())["recovered"]
    await client.leave()


async def test_they_do_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "PATIENCE", 0.1)
    client = await Client.connect(resumes=True)
    # Before the first of them the client is told that whatever it has missed does not come by itself.
    assert await client.resumed() == too_late(0, client.positions[ROOM]["epoch"])
    await publish("early")
    await client.hear_all("early")
    await publish("late")
    await client.hear_all("late")
    await client.leave()


@pytest.mark.parametrize("has_heard", [True, False], ids=["after messages", "before any"])
async def test_who_resumes_too_late_is_told_what_it_cannot_have(
    has_heard: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was missed would come behind what is newer, where clients take it for duplicates."""
    monkeypatch.setattr(resuming, "PATIENCE", 0.1)
    client = await Client.connect()
    await client.leave()
    await publish("missed")
    client = await client.come_back()
    known = dict(client.positions[ROOM])
    if has_heard:
        await publish("waits")
    assert await client.resumed() == too_late(1, known["epoch"])
    if has_heard:
        await client.hear_all("waits")
    client.positions[ROOM] = known
    await client.resume()
    assert await client.resumed() == too_late(1 + has_heard, known["epoch"])
    await publish("next")
    await client.hear_all("next")
    await client.leave()


async def test_nobody_gets_its_own_messages_back() -> None:
    client, other = await Client.connect(), await Client.connect()
    await client.say("mine")
    assert await other.hear() == "mine"
    await other.say("theirs")
    assert await client.hear() == "theirs"
    client.positions[ROOM]["seq"] = 0
    await client.leave()
    client = await client.come_back()
    await client.resume()
    await client.hear_all("theirs")
    assert (await client.resumed())["position"]["seq"] == 2
    await client.leave()
    await other.leave()


async def test_who_has_missed_nothing() -> None:
    client = await Client.connect()
    await client.leave()
    client = await client.come_back()
    await client.resume()
    assert (await client.resumed())["recovered"]
    await client.leave()


async def come_back_after_60(**claimed: Any) -> tuple[Client, dict[str, Any]]:
    """A client that claims to be somewhere else than it was, after more messages than are kept; and what it is told."""
    client = await Client.connect()
    await client.leave()
    await publish(*map(str, range(60)))
    known = dict(client.positions[ROOM])
    client.positions[ROOM] |= claimed
    client = await client.come_back()
    await client.resume()
    answer = await client.resumed()
    assert answer["position"] == {"epoch": known["epoch"], "seq": 60}
    assert not answer["recovered"]
    return client, answer


async def test_case_57_a_history_that_was_trimmed_is_not_told_in_part() -> None:
    client, answer = await come_back_after_60()
    assert answer["reason"] == "trimmed"
    await publish("next")
    await client.hear_all("next")
    await client.leave()


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [({"epoch": "forged", "seq": 1}, "epoch"), ({"seq": 61}, "future"), ({"seq": 2**53 - 1}, "future")],
    ids=["forged", "future", "far future"],
)
async def test_case_58_a_forged_or_future_position(claimed: dict[str, Any], reason: str) -> None:
    client, answer = await come_back_after_60(**claimed)
    assert answer["reason"] == reason
    await publish("next")
    await client.hear_all("next")
    await client.leave()


@pytest.mark.parametrize(
    "positions",
    [
        {ROOM: {"epoch": "", "seq": 1}},
        {ROOM: {"epoch": "x" * 65, "seq": 1}},
        {ROOM: {"epoch": "x", "seq": -1}},
        {ROOM: {"epoch": "x", "seq": 2**53}},
        {str(number): {"epoch": "x", "seq": 1} for number in range(1001)},
        {"x" * 65: {"epoch": "x", "seq": 1}},
    ],
    ids=["no epoch", "long epoch", "negative", "large", "too many groups", "long group"],
)
async def test_case_58_a_position_that_is_none(positions: Any) -> None:
    client = await Client.connect()
    client.positions = positions
    await client.resume()
    frame = await client.communicator.receive_json_from()
    assert frame["action"] == "error"
    assert {error["loc"][0] for error in frame["payload"]} == {"resume"}
    await client.leave()


async def test_case_59_a_group_that_one_may_no_longer_see() -> None:
    class Fickle(Chat):
        groups: list[str] = []  # noqa: RUF012 - as Channels has it

    client = await Client.connect()
    await client.leave()
    await publish("secret")
    client = await client.come_back(Fickle)
    await client.resume()
    assert await client.resumed() == {"recovered": False, "position": None, "reason": "denied"}
    await client.hears_nothing()
    await client.leave()


async def test_a_group_that_is_new_to_a_client_that_resumes() -> None:
    client = await Client.connect(resumes=True)
    await publish("early")
    client.positions = {}
    await client.resume()
    client.positions = {ROOM: {}}
    await client.hear_all("early")
    frame = await client.communicator.receive_json_from()
    assert frame["payload"] == {"groups": {}}
    await client.leave()


async def test_a_message_that_the_layer_has_lost_arrives_with_the_next() -> None:
    listener = await Client.connect()
    event = member_event(
        {"action": "news", "payload": "lost"}, kind="message", exclude_current=True, from_channel="x", from_user_pk=None
    )
    await engine().append("room", json.dumps(event), Bounds(size=9, ttl=60))
    await publish_without_waiting("next")
    await listener.hear_all("lost", "next")
    await listener.leave()


async def publish_without_waiting(text: str) -> None:
    speaker = await Client.connect()
    await speaker.say(text)
    await asyncio.sleep(0.05)
    await speaker.leave()


async def test_a_history_that_begins_anew_is_told_to_who_is_connected(settings: Settings) -> None:
    listener = await Client.connect()
    await publish("one")
    await listener.hear_all("one")
    engine()._groups.clear()
    await publish_without_waiting("two")
    assert (await listener.resumed())["reason"] == "epoch"
    await listener.hear_all("two")
    await listener.leave()


async def test_members_without_a_history_share_the_group() -> None:
    plain, kept = await connected(Plain), await Client.connect()
    await kept.say("numbered")
    frame = await plain.receive_json_from()
    assert frame == {"action": "news", "payload": "numbered", "is_mine": False, "is_current": False}
    await plain.send_json_to(say("plain"))
    frame = await kept.communicator.receive_json_from()
    assert frame == {"action": "news", "payload": "plain", "is_mine": False, "is_current": False}
    await plain.disconnect()
    await kept.leave()


async def test_a_group_that_is_joined_later_is_told() -> None:
    class Late(Chat):
        groups: list[str] = []  # noqa: RUF012 - as Channels has it

        @handler
        async def say(self, message: Say) -> None:
            await self.join_group(message.payload)

    client = await Client.connect(Late)
    assert client.positions == {}
    await client.say("room")
    frame = await client.communicator.receive_json_from()
    assert (frame["action"], list(frame["payload"]["groups"])) == ("positions", [ROOM])
    await client.leave()


async def test_a_group_that_is_left_is_told() -> None:
    class Brief(Chat):
        @handler
        async def say(self, message: Say) -> None:
            await self.leave_group(message.payload)

    client = await Client.connect(Brief)
    for _ in range(2):
        await client.say("room")
    assert await client.communicator.receive_json_from() == {
        "action": "positions",
        "payload": {"client": client.name, "groups": {ROOM: None}},
    }
    # It was told once.
    await client.hears_nothing()
    await client.leave()


async def test_a_client_resumes_as_many_groups_as_it_may_join() -> None:
    names = [f"room-{number}" for number in range(1000)]

    class Everywhere(Chat):
        groups = names

    client = await Client.connect(Everywhere)
    await client.leave()
    await Everywhere.apublish("room-999", News(payload="missed"))
    client = await client.come_back(Everywhere)
    await client.resume()
    assert (await client.communicator.receive_json_from())["payload"] == "missed"
    frame = await client.communicator.receive_json_from()
    assert len(frame["payload"]["groups"]) == 1000
    assert all(group["recovered"] for group in frame["payload"]["groups"].values())
    await client.leave()


@pytest.mark.parametrize("resumes", [True, False], ids=["by a frame", "by itself"])
async def test_case_52_a_history_that_is_away_while_a_client_catches_up(
    resumes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that stayed would be deaf: it is sent away, and comes back for what it has missed."""
    monkeypatch.setattr(resuming, "PATIENCE", 30 if resumes else 0.1)
    client = await Client.connect()
    await client.leave()
    await publish("missed")
    again = await client.come_back()

    async def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("away")

    with monkeypatch.context() as broken:
        broken.setattr(engine(), "since", away)
        if resumes:
            await again.resume()
        else:
            assert (await again.resumed())["reason"] == "late"
        assert await again.communicator.receive_output() == {"type": "websocket.close", "code": 1013}
    await again.leave()
    again = await client.come_back()
    await again.resume()
    await again.hear_all("missed")
    assert (await again.resumed())["recovered"]
    await again.leave()


class Interrupted:
    """The history, which a test meddles with between two pages of ten messages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, meddle: Any) -> None:
        self._since = engine().since
        self._meddle = meddle
        self.pages = 0
        monkeypatch.setattr(room, "PAGE", 10)
        monkeypatch.setattr(engine(), "since", self)

    async def __call__(self, group: str, position: Any, *, limit: int) -> Any:
        self.pages += 1
        if self.pages == 2:
            await self._meddle()
        return await self._since(group, position, limit=limit)


async def away_for(*texts: str, consumer: Any = Chat) -> Client:
    """A client that has come back, and has not resumed yet."""
    client = await Client.connect(consumer)
    await client.leave()
    for text in texts:
        await consumer.apublish("room", News(payload=text))
    return await client.come_back(consumer)


@pytest.mark.parametrize("reason", ["trimmed", "epoch"])
async def test_case_57_a_history_that_is_lost_while_a_client_catches_up(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trim() -> None:
        for number in range(60):
            await Chat.apublish("room", News(payload=f"later {number}"))

    async def wipe() -> None:
        engine()._groups.clear()

    first = [str(number) for number in range(30)]
    client = await away_for(*first)
    Interrupted(monkeypatch, trim if reason == "trimmed" else wipe)
    await client.resume()
    # A page was there, and what follows is not known.
    await client.hear_all(*first[:10])
    answer = await client.resumed()
    assert (answer["recovered"], answer["reason"]) == (False, reason)
    assert answer["position"]["seq"] == (90 if reason == "trimmed" else 0)
    await Chat.apublish("room", News(payload="next"))
    await client.hear_all("next")
    await client.leave()


async def test_case_59_a_right_that_is_lost_while_a_client_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[Any] = []

    class Known(Chat):
        async def post_authentication(self) -> None:
            connections.append(self)

    first = [str(number) for number in range(30)]
    client = await away_for(*first, consumer=Known)

    async def put_out() -> None:
        await connections[-1].leave_group("room")

    Interrupted(monkeypatch, put_out)
    await client.resume()
    await client.hear_all(*first[:10])
    left = await client.communicator.receive_json_from()
    assert left["payload"]["groups"] == {ROOM: None}
    # Of what was read when the right was lost already, nothing is sent.
    assert await client.resumed() == {"recovered": False, "position": None, "reason": "denied"}
    await Known.apublish("room", News(payload="next"))
    await client.hears_nothing()
    await client.leave()


async def test_case_59_a_connection_that_is_ended_while_it_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[Any] = []

    class Known(Chat):
        async def post_authentication(self) -> None:
            connections.append(self)

    client = await away_for(*(str(number) for number in range(50)), consumer=Known)

    async def revoke() -> None:
        # Whoever does so is somebody else.
        await asyncio.gather(asyncio.create_task(connections[-1].end_connection(4401)), return_exceptions=True)

    history = Interrupted(monkeypatch, revoke)
    await client.resume()
    await client.hear_all(*(str(number) for number in range(10)))
    assert await client.communicator.receive_output() == {"type": "websocket.close", "code": 4401}
    await client.hears_nothing()
    assert history.pages == 2, "nobody reads on for a client that has gone"
    await client.leave()


async def test_case_54_a_client_that_reads_slowly_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has missed stays in the history meanwhile: one page at a time is in memory."""
    client = await away_for(*(str(number) for number in range(50)))
    history = Interrupted(monkeypatch, partial(asyncio.sleep, 0))
    send, gate = Outbox.send, asyncio.Event()

    async def slow(outbox: Outbox, event: Any) -> None:
        await gate.wait()
        await send(outbox, event)

    monkeypatch.setattr(Outbox, "send", slow)
    await client.resume()
    await client.hears_nothing()
    assert history.pages == 1
    gate.set()
    await client.hear_all(*(str(number) for number in range(50)))
    assert (await client.resumed())["recovered"]
    await client.leave()


async def test_wire_keys(settings: Settings) -> None:
    settings.CHANX = {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type"}
    speaker, listener = await connected(Chat), await connected(Chat)
    for each in (speaker, listener):
        assert (await each.receive_json_from())["type"] == "positions"
    await speaker.send_json_to({"type": "say", "payload": "one"})
    assert await listener.receive_json_from() == {
        "type": "news",
        "payload": "one",
        "isMine": False,
        "isCurrent": False,
        "group": ROOM,
        "seq": 1,
    }
    await speaker.disconnect()
    await listener.disconnect()


async def test_without_the_layer_a_message_still_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    speaker, listener = await Client.connect(), await Client.connect()
    layer: Any = get_channel_layer()

    async def away(*args: Any) -> None:
        raise ConnectionError("away")

    with monkeypatch.context() as broken:
        broken.setattr(layer, "group_send", away)
        await speaker.say("one")
        await asyncio.sleep(0.05)
    await speaker.say("two")
    await listener.hear_all("one", "two")
    await speaker.leave()
    await listener.leave()


async def test_publishing_from_anywhere() -> None:
    listener = await Client.connect()
    await Chat.apublish("room", News(payload="async"))
    await sync_to_async(Chat.publish)("room", News(payload="sync"))
    await listener.hear_all("async", "sync")
    await listener.leave()


async def test_publishing_twice_with_a_key() -> None:
    listener = await Client.connect()
    for text in ("first", "again"):
        await Chat.apublish("room", News(payload=text), key="order-7")
    await Chat.apublish("room", News(payload="other"), key="order-8")
    await listener.hear_all("first", "other")
    await listener.hears_nothing()
    await listener.leave()


async def test_publishing_what_is_not_declared() -> None:
    with pytest.raises(GroupMessageError, match=r"Chat relays no Rain; its OG parameter declares: News\."):
        await Chat.apublish("room", Rain(payload=None))


async def test_publishing_without_a_history() -> None:
    plain = await connected(Plain)
    await Plain.apublish("room", News(payload="one"))
    assert (await plain.receive_json_from())["payload"] == "one"
    with pytest.raises(ValueError, match="has no history that could remember a key"):
        await Plain.apublish("room", News(payload="one"), key="order-7")
    await plain.disconnect()


@pytest.mark.parametrize("layer", ["core.RedisChannelLayer", "pubsub.RedisPubSubChannelLayer"])
async def test_in_redis(layer: str, redis: RedisServer, settings: Settings) -> None:
    config = {"hosts": [{"address": redis.url, "socket_timeout": 15}], "prefix": layer}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"channels_redis.{layer}", "CONFIG": config}}
    client = await Client.connect()
    await client.leave()
    await sync_to_async(Chat.publish)("room", News(payload="missed"))
    client = await client.come_back()
    await client.resume()
    await client.hear_all("missed")
    assert (await client.resumed())["recovered"]
    await sync_to_async(Chat.publish)("room", News(payload="live"))
    await client.hear_all("live")
    await client.leave()
    await engine().close()


def define(base: Any, **attributes: Any) -> None:
    types.new_class("Wrong", (OpenMixin, base), exec_body=lambda namespace: namespace.update(attributes))


def test_a_history_that_is_none_is_refused(registry: Registry) -> None:
    with pytest.raises(ConsumerDefinitionError, match="its history is 1000"):
        define(AsyncJsonWebsocketConsumer[Say], history=1000)


def test_the_action_is_taken(registry: Registry) -> None:
    class Resume(BaseMessage):
        action: Literal["resume"] = "resume"

    assert Chat.spec.messages["resume"] is ResumeMessage
    with pytest.raises(ConsumerDefinitionError, match="both have the action 'resume'"):
        define(AsyncJsonWebsocketConsumer[Resume], history=GroupHistory())
