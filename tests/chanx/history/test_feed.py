"""A feed hands on each message once and in order, whatever the channel layer does."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chanx.history import feed as feed_module
from chanx.history.base import Bounds, Gap, Missed, Position
from chanx.history.feed import CHECK_INTERVAL, CHECKS_PER_SECOND, PAGE, Feed, check_interval
from chanx.history.memory import MemoryHistory

WIDE = Bounds(size=10_000, ttl=60)


@dataclass
class Ear:
    """Remembers what it was told."""

    heard: list[str | Gap] = field(default_factory=list[str | Gap])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, seq: int, message: Mapping[str, Any]) -> None:
        self.heard.append(message["text"])
        self.changed.set()

    async def lose(self, position: Position, gap: Gap) -> None:
        self.heard.append(gap)
        self.changed.set()

    async def has_heard(self, *expected: str | Gap) -> None:
        """Waits until it has heard exactly this."""
        async with asyncio.timeout(10):
            while len(self.heard) < len(expected):
                self.changed.clear()
                await self.changed.wait()
        await asyncio.sleep(0.01)
        assert self.heard == list(expected)


class Moody(MemoryHistory):
    """Fails as often as it is told to, and counts how often it is read."""

    failures = 0
    reads = 0

    def wipe(self) -> None:
        """What a restart does to a Redis without persistence."""
        self._groups.clear()

    async def since(self, group: str, position: Position, *, limit: int) -> Missed:
        self.reads += 1
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("away")
        return await super().since(group, position, limit=limit)


@pytest.fixture
def engine() -> Moody:
    return Moody()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def feed(engine: Moody, ear: Ear) -> AsyncIterator[Feed]:
    await publish(engine, "before")
    opened = await Feed.open("room", engine, ear)
    yield opened
    opened.close()


async def publish(engine: Moody, *texts: str) -> list[tuple[Position, Mapping[str, Any]]]:
    """What the layer would bring for each."""
    messages = [{"text": text} for text in texts]
    return [((await engine.append("room", json.dumps(message), WIDE)).position, message) for message in messages]


async def test_what_arrives_in_order_is_handed_on_without_reading(engine: Moody, feed: Feed, ear: Ear) -> None:
    for message in await publish(engine, "a", "b", "c"):
        await feed.arrived(*message)
    assert ear.heard == ["a", "b", "c"]
    assert engine.reads == 0


async def test_what_arrives_twice_is_handed_on_once(engine: Moody, feed: Feed, ear: Ear) -> None:
    (first, second) = await publish(engine, "a", "b")
    for message in (first, second, first, second, second):
        await feed.arrived(*message)
    assert ear.heard == ["a", "b"]
    assert engine.reads == 0


async def test_what_was_there_before_is_not_handed_on(engine: Moody, feed: Feed, ear: Ear) -> None:
    await feed.arrived(feed.position, {"text": "before"})
    await feed.read()
    (message,) = await publish(engine, "a")
    await feed.arrived(*message)
    await ear.has_heard("a")


async def test_what_the_layer_has_lost_is_read(engine: Moody, feed: Feed, ear: Ear) -> None:
    *_, last = await publish(engine, "a", "b", "c")
    await feed.arrived(*last)
    await ear.has_heard("a", "b", "c")
    assert feed.position == last[0]


async def test_another_order_of_arrival_changes_nothing(engine: Moody, feed: Feed, ear: Ear) -> None:
    messages = await publish(engine, *"abcdef")
    await asyncio.gather(*(feed.arrived(*messages[index]) for index in (3, 0, 5, 1, 1, 4, 2)))
    await ear.has_heard(*"abcdef")


async def test_what_comes_while_the_history_is_read(engine: Moody, feed: Feed, ear: Ear) -> None:
    _, second = await publish(engine, "a", "b")
    reading = asyncio.create_task(feed.arrived(*second))
    await asyncio.sleep(0)
    (third,) = await publish(engine, "c")
    await feed.arrived(*third)
    await reading
    await ear.has_heard("a", "b", "c")


async def test_many_are_read_in_pages(engine: Moody, feed: Feed, ear: Ear) -> None:
    bodies = [str(number) for number in range(2 * PAGE + 1)]
    *_, last = await publish(engine, *bodies)
    await feed.arrived(*last)
    await ear.has_heard(*bodies)
    assert engine.reads == 3


async def test_a_lost_message_is_found_without_another(
    engine: Moody, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "CHECK_INTERVAL", 0.01)
    feed = await Feed.open("room", engine, ear)
    await publish(engine, "a")
    await ear.has_heard("a")
    feed.close()


async def test_a_history_that_fails_is_asked_again(
    engine: Moody, feed: Feed, ear: Ear, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(feed_module, "FIRST_PAUSE", 0.001)
    engine.failures = 3
    await publish(engine, "a")
    await feed.read()
    await ear.has_heard("a")
    # Once for all that is asked meanwhile.
    assert [record.getMessage() for record in caplog.records] == [
        "Moody fails; it is asked again",
        "Moody answers again",
    ]
    assert "ConnectionError: away" in caplog.text
    engine.failures = 1
    await feed.read()
    assert len(caplog.records) == 4


async def test_what_cannot_be_handed_on_is_not_the_last_that_is_looked_for(
    engine: Moody, ear: Ear, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(feed_module, "CHECK_INTERVAL", 0.01)
    feed = await Feed.open("room", engine, ear)
    await engine.append("room", json.dumps({"no": "text"}), WIDE)
    async with asyncio.timeout(10):
        while "KeyError: 'text'" not in caplog.text:
            await asyncio.sleep(0.01)
    await publish(engine, "a")
    await ear.has_heard("a")
    feed.close()


async def test_a_history_that_was_wiped(engine: Moody, feed: Feed, ear: Ear) -> None:
    engine.wipe()
    first, second = await publish(engine, "a", "b")
    await feed.arrived(*first)
    await ear.has_heard(Gap.EPOCH, "a", "b")
    assert feed.position == second[0]
    (third,) = await publish(engine, "c")
    await feed.arrived(*third)
    await ear.has_heard(Gap.EPOCH, "a", "b", "c")


async def test_a_history_that_was_too_short(engine: Moody, feed: Feed, ear: Ear) -> None:
    for body in "abc":
        await engine.append("room", json.dumps({"text": body}), Bounds(size=1, ttl=60))
    await feed.read()
    await ear.has_heard(Gap.TRIMMED)
    (fourth,) = await publish(engine, "d")
    await feed.arrived(*fourth)
    await ear.has_heard(Gap.TRIMMED, "d")


async def test_a_closed_feed_asks_no_more(engine: Moody, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "CHECK_INTERVAL", 0.001)
    feed = await Feed.open("room", engine, ear)
    feed.close()
    await publish(engine, "a")
    await asyncio.sleep(0.02)
    assert engine.reads == 0
    assert ear.heard == []


def test_many_feeds_ask_more_seldom() -> None:
    assert check_interval(1) == check_interval(1000) == CHECK_INTERVAL
    assert check_interval(10_000) == 10_000 / CHECKS_PER_SECOND
