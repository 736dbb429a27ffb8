"""Connections are told what changes in a group, whoever changes it, and not more often than declared."""

import asyncio
import json
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chanx.codec import Codec
from chanx.groups import group_id
from chanx.hub import Audience
from chanx.mailbox import Mailbox
from chanx.presence import GroupPresence
from chanx.presence.frames import PresenceView
from chanx.presence.memory import MemoryPresence
from chanx.presence.room import PRESENCE, WAKE_UP, PresenceHall
from chanx.wire_format import WireFormat
from tests.chanx.support import records
from tests.chanx.test_hub import Consumer, Renderer

QUICK = GroupPresence(interval=0)


class Layer(InMemoryChannelLayer):
    """Counts what it carries, and loses it where it is told to."""

    def __init__(self, *, is_deaf: bool = False) -> None:
        super().__init__()
        self.sent: Counter[str] = Counter()
        self.is_deaf = is_deaf

    async def group_send(self, group: str, message: Any) -> None:
        if group.startswith("chanx.presence."):
            self.sent[message["group"]] += 1
            if self.is_deaf:
                raise ConnectionError("away")
        await super().group_send(group, message)


class Guest:
    """A connection, and what it is told."""

    def __init__(self, hall: PresenceHall, declared: GroupPresence = QUICK, *, takes_text: bool = True) -> None:
        self.hall = hall
        self.declared = declared
        self.consumer = Consumer(Audience(Renderer(), takes_text=takes_text, shares_messages=True))
        self.view = PresenceView(Codec.of({}, WireFormat()), None, "chat.Chat", max_listed=declared.max_listed)
        self.key: str | None = None

    def enter(self, key: str | None, group: str = "room") -> "Guest":
        self.key = key
        self.hall.enter(group, self.consumer.member, self.view, self.declared, key, "null")
        return self

    async def leave(self, group: str = "room") -> None:
        await self.hall.leave(group, self.consumer.member, self.declared, self.key, grace=0)
        await self.hall.keeper(self.declared.ttl).flush()

    @property
    def counts(self) -> list[int]:
        return [json.loads(frame)["payload"]["count"] for frame in self.consumer.frames]

    async def hears(self, count: int) -> None:
        async with asyncio.timeout(10):
            while not self.counts or self.counts[-1] != count:
                await asyncio.sleep(0.005)


@pytest.fixture
async def hall() -> PresenceHall:
    """Presence in one process."""
    return PresenceHall.of(Layer())


def another(hall: PresenceHall, layer: Layer) -> PresenceHall:
    """Presence in another process, with the same engine."""
    made = PresenceHall(Mailbox(layer))
    made.engine = hall.engine
    return made


def layer_of(hall: PresenceHall) -> Layer:
    assert isinstance(hall.mailbox.layer, Layer)
    return hall.mailbox.layer


async def test_a_group_is_followed_as_long_as_somebody_is_there(hall: PresenceHall) -> None:
    ann, bob = Guest(hall).enter("ann"), Guest(hall).enter("bob")
    await ann.hears(2)
    await bob.leave()
    await ann.hears(1)
    await ann.leave()
    await asyncio.sleep(0.05)
    assert not hall.groups
    assert not layer_of(hall).groups
    assert (bob.counts, ann.counts) == ([2], [2, 1])


async def test_wake_ups_that_are_lost_are_made_up_for(hall: PresenceHall, caplog: pytest.LogCaptureFixture) -> None:
    """A process that hears nothing from others asks for the version with its heartbeat."""
    declared = GroupPresence(ttl=1, interval=0)
    deaf = another(hall, Layer(is_deaf=True))
    ann, bob = Guest(hall, declared).enter("ann"), Guest(deaf, declared).enter("bob")
    await ann.hears(2)
    await bob.hears(2)
    await bob.leave()
    await ann.hears(1)
    assert any("channel layer" in text for text in records(caplog, "WARNING"))
    await ann.leave()


async def test_the_members_of_a_process_that_has_died_are_gone(hall: PresenceHall) -> None:
    declared = GroupPresence(ttl=1, interval=0, grace=60)
    dying = another(hall, layer_of(hall))
    ann = Guest(hall, declared).enter("ann")
    Guest(dying, declared).enter("bob")
    await ann.hears(2)
    task = dying.keeper(1)._task  # pyright: ignore[reportPrivateUsage]  # ends as by kill -9
    assert task is not None
    task.cancel()
    began = asyncio.get_running_loop().time()
    await ann.hears(1)
    # The lease, an interval between two heartbeats, and what a slow machine takes.
    assert asyncio.get_running_loop().time() - began > 0.3
    await ann.leave()


async def test_what_happens_in_an_interval_is_told_together(hall: PresenceHall) -> None:
    declared = GroupPresence(interval=0.3, max_listed=1000)
    ann = Guest(hall, declared).enter("ann")
    await ann.hears(1)
    others: list[Guest] = []
    for number in range(200):
        others.append(Guest(hall, declared).enter(f"{number}"))
        await asyncio.sleep(0)
    await ann.hears(201)
    assert len(ann.counts) <= 4
    assert layer_of(hall).sent["room"] <= 4
    for other in others:
        await other.hears(201)
        # A list, and what has come behind it.
        assert len(other.counts) <= 3


async def test_of_a_crowd_less_is_told_and_less_often(hall: PresenceHall, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    attendance = MemoryPresence.attendance

    async def looked(self: MemoryPresence, group: str, *, limit: int) -> Any:
        looks.append(asyncio.get_running_loop().time())
        return await attendance(self, group, limit=limit)

    monkeypatch.setattr(MemoryPresence, "attendance", looked)
    declared = GroupPresence(interval=0.1, max_listed=2)
    guests = [Guest(hall, declared).enter(key) for key in ("ann", "bob", "cem")]
    await guests[0].hears(3)
    looks.clear()
    for number in range(40):
        Guest(hall, declared).enter(f"{number}")
        await asyncio.sleep(0.02)
    await guests[0].hears(43)
    assert len(looks) >= 2
    assert all(second - first >= 0.45 for first, second in pairwise(looks))


async def test_another_declaration_of_the_same_group(hall: PresenceHall) -> None:
    ann = Guest(hall).enter("ann")
    bob = Guest(hall, GroupPresence(interval=0, max_listed=1)).enter("bob")
    await ann.hears(2)
    await bob.hears(2)
    lists = [json.loads(guest.consumer.frames[0])["payload"]["members"] for guest in (ann, bob)]
    assert lists[0] is not None
    await ann.leave()
    await bob.hears(1)
    assert json.loads(bob.consumer.frames[-1])["payload"]["members"] is not None
    await bob.leave()


async def test_who_looks_at_each_message_gets_it_in_the_ear(hall: PresenceHall) -> None:
    ann = Guest(hall, takes_text=False).enter("ann")
    async with asyncio.timeout(10):
        while not ann.consumer.heard:
            await asyncio.sleep(0.005)
    (heard,) = ann.consumer.heard
    assert heard["type"] == PRESENCE
    assert heard["message"].payload.count == 1
    assert ann.consumer.frames == []
    await ann.leave()


async def test_nothing_is_told_while_all_may_be_coming_back(hall: PresenceHall) -> None:
    """The engine has lost all it knew. Nobody has left."""
    declared = GroupPresence(ttl=1, interval=0)
    other = another(hall, layer_of(hall))
    ann, bob = Guest(hall, declared).enter("ann"), Guest(other, declared).enter("bob")
    await ann.hears(2)
    await bob.hears(2)
    told = len(ann.counts)
    engine: Any = hall.engine
    MemoryPresence.__init__(engine)
    await asyncio.sleep(1)
    assert (await engine.attendance("room", limit=9)).count == 2
    assert ann.counts[told:] == []
    await ann.leave()
    await bob.leave()


async def test_a_group_that_cannot_be_looked_at_is_looked_at_again(
    hall: PresenceHall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chanx.presence.room.FIRST_PAUSE", 0.01)
    attendance, failures = MemoryPresence.attendance, iter(range(3))

    async def failing(self: MemoryPresence, group: str, *, limit: int) -> Any:
        if next(failures, None) is not None:
            raise ConnectionError("away")
        return await attendance(self, group, limit=limit)

    monkeypatch.setattr(MemoryPresence, "attendance", failing)
    ann = Guest(hall).enter("ann")
    await ann.hears(1)
    assert records(caplog, "WARNING") == ["Nobody can tell who is in a group; it is asked again"]
    await ann.leave()


@pytest.mark.parametrize("message", [{}, {"group": 7, "version": 1}, {"group": "room", "version": "x"}])
async def test_wake_ups_that_are_none(hall: PresenceHall, message: dict[str, Any]) -> None:
    ann = Guest(hall).enter("ann")
    await ann.hears(1)
    await layer_of(hall).group_send(f"chanx.presence.{group_id('room')}", {"type": WAKE_UP, "group": None, **message})
    await asyncio.sleep(0.02)
    assert ann.counts == [1]
    await ann.leave()
