"""The hub: one message of the layer for all members of a process, one text for all who see the same."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from channels.testing.application import no_op
from django.core.exceptions import SynchronousOnlyOperation

from chanx import hub as hub_module
from chanx import mailbox
from chanx.hub import Audience, Hub, Member
from chanx.outbox import Outbox, TooSlowError
from tests.chanx.foreign_layer import ForeignLayer


class Layer(InMemoryChannelLayer):
    """Counts what it is asked, and takes its time when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.gate: asyncio.Event | None = None
        self.failure: Exception | None = None

    async def _asked(self, *call: str) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        if not call[1].startswith("chanx."):
            self.calls.append((call[0], call[1]))

    async def new_channel(self, prefix: str = "specific.") -> str:
        if self.gate is not None:
            await self.gate.wait()
        return await super().new_channel(prefix)

    async def group_add(self, group: str, channel: str) -> None:
        await self._asked("add", group)
        await super().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._asked("discard", group)
        await super().group_discard(group, channel)


class Consumer:
    """Who is behind a member: notes what it is sent, and what it hears."""

    def __init__(self, audience: Audience, *, name: str = "", pk: str | None = None, after: str | None = None) -> None:
        self.frames: list[str] = []
        self.heard: list[Any] = []
        self.troubles: list[Exception] = []
        self.failures = 0
        self.pk = pk
        self.gate: asyncio.Event | None = None
        self.reading: asyncio.Event | None = None
        outbox = Outbox(self.take, self, size=1_000_000, timeout=None)
        self.member = Member(self, audience, outbox, name=name, after=after)
        self.member.open()

    async def take(self, event: Any) -> None:
        if self.reading is not None:
            await self.reading.wait()
        self.frames.append(event["text"])

    async def hear(self, message: Any) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self.heard.append(message)

    def user_pk(self) -> str | None:
        return self.pk

    def log_relayed(self, action: str) -> None: ...

    def log_failure(self) -> None:
        self.failures += 1

    def on_trouble(self, problem: Exception) -> None:
        self.troubles.append(problem)


class Renderer:
    """Makes texts, and counts how often."""

    def __init__(self) -> None:
        self.rendered: list[tuple[bool, bool]] = []

    def __call__(self, event: Mapping[str, Any], is_mine: bool, is_current: bool) -> str:
        self.rendered.append((is_mine, is_current))
        return f"{event['content']['payload']}{' mine' * is_mine}{' current' * is_current}"


@pytest.fixture
def layer() -> Layer:
    return Layer()


@pytest.fixture
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture
def readers(renderer: Renderer) -> Audience:
    return Audience(renderer, takes_text=True, shares_messages=True)


@pytest.fixture(autouse=True)
async def _nothing_goes_on() -> AsyncIterator[None]:
    yield
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def news(payload: str, *, sent_by: str = "somebody", exclude: bool = True, user: Any = None) -> dict[str, Any]:
    return {
        "type": "send_group_member",
        "content": {"action": "news", "payload": payload},
        "kind": "message",
        "exclude_current": exclude,
        "from_channel": sent_by,
        "from_user_pk": user,
    }


async def test_members_get_one_text_that_was_made_once(layer: Layer, renderer: Renderer, readers: Audience) -> None:
    consumers = [Consumer(readers) for _ in range(100)]
    for consumer in consumers:
        await Hub.of(layer).join("room", consumer.member)
    for number in range(3):
        await layer.group_send("room", news(str(number)))
    await until(lambda: all(len(consumer.frames) == 3 for consumer in consumers))
    assert all(consumer.frames == ["0", "1", "2"] for consumer in consumers)
    assert len({id(consumer.frames[0]) for consumer in consumers}) == 1
    assert renderer.rendered == [(False, False)] * 3
    assert layer.calls == [("add", "room")]


async def test_a_text_is_made_for_each_point_of_view_that_somebody_has(
    layer: Layer, renderer: Renderer, readers: Audience
) -> None:
    sender, tab = Consumer(readers, name="me", pk="1"), Consumer(readers, name="tab", pk="1")
    others = [Consumer(readers, name=str(number), pk=str(number)) for number in range(2, 20)]
    for consumer in (sender, tab, *others):
        await Hub.of(layer).join("room", consumer.member)
    await layer.group_send("room", news("hi", sent_by="me", user="1", exclude=False))
    await until(lambda: bool(others[-1].frames))
    assert (sender.frames, tab.frames) == (["hi mine current"], ["hi mine"])
    assert all(other.frames == ["hi"] for other in others)
    assert sorted(renderer.rendered) == [(False, False), (True, False), (True, True)]
    await layer.group_send("room", news("excluded", sent_by="me", user=1))
    await until(lambda: len(tab.frames) == 2)
    assert (len(sender.frames), tab.frames[-1]) == (1, "excluded mine")


async def test_the_sender_without_a_key_knows_its_own_message_alone(layer: Layer, readers: Audience) -> None:
    sender, other = Consumer(readers, name="me"), Consumer(readers, name="other")
    for consumer in (sender, other):
        await Hub.of(layer).join("room", consumer.member)
    await layer.group_send("room", news("hi", sent_by="me", exclude=False))
    await until(lambda: bool(sender.frames and other.frames))
    assert (sender.frames, other.frames) == (["hi mine current"], ["hi"])


async def test_each_wire_format_gets_its_own_text(layer: Layer, readers: Audience) -> None:
    shouting = Audience(lambda event, mine, current: "LOUD", takes_text=True, shares_messages=True)
    one, two = Consumer(readers), Consumer(shouting, after="done")
    for consumer in (one, two):
        await Hub.of(layer).join("room", consumer.member)
    await layer.group_send("room", news("soft"))
    await until(lambda: len(two.frames) == 2)
    assert (one.frames, two.frames) == (["soft"], ["LOUD", "done"])


async def test_what_is_no_group_message_waits_for_the_consumer_in_order(layer: Layer, readers: Audience) -> None:
    busy, idle = Consumer(readers), Consumer(readers)
    for consumer in (busy, idle):
        await Hub.of(layer).join("room", consumer.member)
    busy.gate = asyncio.Event()
    await layer.group_send("room", {"type": "event", "number": 1})
    await layer.group_send("room", news("2"))
    await layer.group_send("room", {"type": "event", "number": 3})
    await until(lambda: len(idle.heard) == 2)
    assert idle.frames == ["2"]
    # The message behind the event waits for it, so that a client sees both in the order in which they were sent.
    assert (busy.heard, busy.frames) == ([], [])
    busy.gate.set()
    await until(lambda: len(busy.heard) == 2)
    assert busy.frames == ["2"]
    await layer.group_send("room", news("4"))
    await until(lambda: busy.frames == ["2", "4"])


async def test_a_class_that_relays_itself_gets_the_message(layer: Layer, renderer: Renderer) -> None:
    own = Audience(renderer, takes_text=False, shares_messages=False)
    consumers = [Consumer(own), Consumer(own)]
    for consumer in consumers:
        await Hub.of(layer).join("room", consumer.member)
    await layer.group_send("room", news("hi"))
    await until(lambda: all(consumer.heard for consumer in consumers))
    first, second = (consumer.heard[0] for consumer in consumers)
    assert first == second == news("hi")
    assert first["content"] is not second["content"], "each may change its own"
    assert renderer.rendered == []


async def test_before_it_opens_a_member_collects(layer: Layer, readers: Audience) -> None:
    early = Consumer(readers)
    early.member.close()
    early.member = Member(early, readers, early.member.outbox, name="early", after=None)
    await Hub.of(layer).join("room", early.member)
    await layer.group_send("room", news("1"))
    await layer.group_send("room", {"type": "event"})
    await layer.group_send("room", news("2"))
    await settle()
    assert (early.frames, early.heard) == ([], [])
    early.member.open()
    await until(lambda: early.frames == ["1", "2"])
    assert len(early.heard) == 1


async def test_who_does_not_read_or_handles_slowly_delays_nobody(layer: Layer, readers: Audience) -> None:
    consumers = [Consumer(readers) for _ in range(10)]
    for consumer in consumers:
        await Hub.of(layer).join("room", consumer.member)
    consumers[2].reading, consumers[5].gate = asyncio.Event(), asyncio.Event()
    for number in range(5):
        await layer.group_send("room", news(str(number)))
        await layer.group_send("room", {"type": "event"})
    others = [consumer for number, consumer in enumerate(consumers) if number not in (2, 5)]
    await until(lambda: all(len(other.frames) == len(other.heard) == 5 for other in others))
    assert (consumers[2].frames, consumers[5].heard, consumers[5].frames) == ([], [], ["0"])


async def test_a_consumer_that_never_catches_up_is_given_up(
    layer: Layer, readers: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "LONGEST_EAR", 3)
    slow = Consumer(readers)
    slow.gate = asyncio.Event()
    await Hub.of(layer).join("room", slow.member)
    for _ in range(6):
        await layer.group_send("room", {"type": "event"})
    await until(lambda: bool(slow.troubles))
    assert isinstance(slow.troubles[0], TooSlowError)
    assert str(slow.troubles[0]) == "3 messages of its groups wait to be handled"


# -- coming and going ----------------------------------------------------------------------------------------


async def test_a_join_returns_when_the_layer_knows(layer: Layer, readers: Audience) -> None:
    layer.gate = asyncio.Event()
    consumers = [Consumer(readers), Consumer(readers)]
    joins = [asyncio.create_task(Hub.of(layer).join("room", consumer.member)) for consumer in consumers]
    await settle()
    assert not any(join.done() for join in joins)
    layer.gate.set()
    await asyncio.gather(*joins)
    assert layer.calls == [("add", "room")]
    await layer.group_send("room", news("hi"))
    await until(lambda: all(consumer.frames == ["hi"] for consumer in consumers))


async def test_the_last_who_leaves_takes_the_process_out_of_the_group(layer: Layer, readers: Audience) -> None:
    hub, one, two = Hub.of(layer), Consumer(readers), Consumer(readers)
    for consumer in (one, two):
        await hub.join("room", consumer.member)
    await hub.leave("room", one.member)
    await layer.group_send("room", news("hi"))
    await until(lambda: two.frames == ["hi"])
    assert one.frames == []
    await hub.leave("room", two.member)
    await hub.leave("room", two.member)
    assert layer.groups == {}
    assert layer.calls == [("add", "room"), ("discard", "room")]
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_joining_twice_is_joining_once(layer: Layer, readers: Audience) -> None:
    hub, consumer = Hub.of(layer), Consumer(readers)
    await asyncio.gather(*(hub.join("room", consumer.member) for _ in range(3)))
    await layer.group_send("room", news("hi"))
    await until(lambda: consumer.frames == ["hi"])
    await hub.leave("room", consumer.member)
    assert layer.groups == {}


async def test_a_leave_and_the_next_join_in_any_overlap(layer: Layer, readers: Audience) -> None:
    hub, consumer = Hub.of(layer), Consumer(readers)
    for delay in range(6):
        await hub.join("room", consumer.member)
        layer.gate = asyncio.Event()
        leaving = asyncio.create_task(hub.leave("room", consumer.member))
        for _ in range(delay):
            await asyncio.sleep(0)
        joining = asyncio.create_task(hub.join("room", consumer.member))
        await settle()
        layer.gate.set()
        await asyncio.gather(leaving, joining)
        consumer.frames.clear()
        await layer.group_send("room", news("hi"))
        await until(lambda: consumer.frames == ["hi"])
        await hub.leave("room", consumer.member)
        assert layer.groups == {}


async def test_a_leave_during_the_join_wins(layer: Layer, readers: Audience) -> None:
    hub, consumer = Hub.of(layer), Consumer(readers)
    layer.gate = asyncio.Event()
    joining = asyncio.create_task(hub.join("room", consumer.member))
    await settle()
    leaving = asyncio.create_task(hub.leave("room", consumer.member))
    await settle()
    layer.gate.set()
    await asyncio.gather(joining, leaving)
    assert layer.groups == {}
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_who_joins_while_the_last_of_others_leaves_is_found_again(layer: Layer, readers: Audience) -> None:
    leaving, joining = Consumer(readers), Consumer(readers)
    await Hub.of(layer).join("room", leaving.member)
    layer.gate = asyncio.Event()
    join = asyncio.create_task(Hub.of(layer).join("other", joining.member))
    await settle()
    gate, layer.gate = layer.gate, None
    await Hub.of(layer).leave("room", leaving.member)
    gate.set()
    await join
    await Hub.of(layer).leave("other", joining.member)
    assert layer.groups == {}
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_who_leaves_before_its_turn_to_join_asks_the_layer_nothing(layer: Layer, readers: Audience) -> None:
    hub, first, second = Hub.of(layer), Consumer(readers), Consumer(readers)
    await hub.join("room", first.member)
    layer.gate = asyncio.Event()
    leaving = asyncio.create_task(hub.leave("room", first.member))
    await settle()
    joining = asyncio.create_task(hub.join("room", second.member))
    await settle()
    await asyncio.gather(layer_opens(layer), leaving, joining, hub.leave("room", second.member))
    assert layer.calls == [("add", "room"), ("discard", "room")]


async def test_the_next_one_takes_over_what_was_opened_for_one_who_has_left(layer: Layer, readers: Audience) -> None:
    hub, first, second = Hub.of(layer), Consumer(readers), Consumer(readers)
    layer.gate = asyncio.Event()
    joining = asyncio.create_task(hub.join("room", first.member))
    await settle()
    leaving = asyncio.create_task(hub.leave("room", first.member))
    await settle()
    await asyncio.gather(layer_opens(layer), joining, leaving, hub.join("room", second.member))
    assert layer.calls == [("add", "room")]


async def layer_opens(layer: Layer) -> None:
    """Lets calls of the layer end, once everybody waits."""
    await settle()
    assert layer.gate is not None
    layer.gate.set()


@pytest.mark.parametrize("turns", range(12))
async def test_who_is_cancelled_while_it_joins_leaves_nothing_open(turns: int, layer: Layer, readers: Audience) -> None:
    """Another one has opened the group, and left it to the one that is cancelled."""
    hub, first, second = Hub.of(layer), Consumer(readers), Consumer(readers)
    layer.gate = asyncio.Event()
    opening = asyncio.create_task(hub.join("room", first.member))
    await settle()
    joining = asyncio.create_task(hub.join("room", second.member))
    await settle()
    await hub.leave("room", first.member)
    layer.gate.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    joining.cancel()
    await asyncio.gather(opening, joining, return_exceptions=True)
    if not joining.cancelled():
        await hub.leave("room", second.member)
    assert layer.groups == {}
    await until(lambda: len(asyncio.all_tasks()) == 1)


@pytest.mark.parametrize("turns", range(12))
async def test_a_join_of_a_member_that_is_cancelled_takes_nothing_back(
    turns: int, layer: Layer, readers: Audience
) -> None:
    hub, first, *others = Hub.of(layer), *(Consumer(readers) for _ in range(3))
    joined: list[bool] = []

    async def join_again_and_again() -> None:
        while True:
            await hub.join("room", first.member)
            joined.append(True)

    layer.gate = asyncio.Event()
    joining = asyncio.create_task(join_again_and_again())
    await settle()
    rest = [asyncio.create_task(hub.join("room", other.member)) for other in others]
    await settle()
    layer.gate.set()
    for _ in range(turns):
        await asyncio.sleep(0)
        if joined:
            break
    joining.cancel()
    await asyncio.wait([joining, *rest])
    await layer.group_send("room", news("hi"))
    await until(lambda: all(other.frames == ["hi"] for other in others))
    assert first.frames == ["hi"] * bool(joined)


async def test_a_join_that_fails_or_is_cancelled_leaves_nothing(layer: Layer, readers: Audience) -> None:
    hub, consumer = Hub.of(layer), Consumer(readers)
    layer.failure = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await hub.join("room", consumer.member)
    layer.failure, layer.gate = None, asyncio.Event()
    joining = asyncio.create_task(hub.join("room", consumer.member))
    await settle()
    joining.cancel()
    await asyncio.gather(joining, return_exceptions=True)
    layer.gate.set()
    assert layer.groups == {}
    await until(lambda: len(asyncio.all_tasks()) == 1)
    await Hub.of(layer).join("room", consumer.member)
    await layer.group_send("room", news("hi"))
    await until(lambda: consumer.frames == ["hi"])


async def test_who_leaves_while_a_text_is_made_gets_nothing(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that needs the database is made in a thread: others run meanwhile."""
    # The connection that an earlier test has left in the thread is not for a test without a database to touch.
    monkeypatch.setattr("channels.db.close_old_connections", no_op)
    loop = asyncio.get_running_loop()
    asked: list[bool] = []
    hub = Hub.of(layer)
    consumers: list[Consumer] = []

    def render(event: Any, is_mine: bool, is_current: bool) -> str:
        if asyncio._get_running_loop() is not None:
            raise SynchronousOnlyOperation
        asked.append(True)
        asyncio.run_coroutine_threadsafe(hub.leave("room", consumers[1].member), loop).result(20)
        return "made with the database"

    audience = Audience(render, takes_text=True, shares_messages=True)
    consumers.extend([Consumer(audience), Consumer(audience), Consumer(audience)])
    for consumer in consumers:
        await hub.join("room", consumer.member)
    await layer.group_send("room", news("hi"))
    await until(lambda: bool(consumers[2].frames))
    assert [consumer.frames for consumer in consumers] == [["made with the database"], [], ["made with the database"]]
    assert asked == [True]


async def test_a_message_that_cannot_be_made_a_text_is_told_once(layer: Layer) -> None:
    def render(event: Any, is_mine: bool, is_current: bool) -> str:
        if event["content"]["payload"] == "bad":
            raise LookupError
        return str(event["content"]["payload"])

    audience = Audience(render, takes_text=True, shares_messages=True)
    consumers = [Consumer(audience) for _ in range(5)]
    for consumer in consumers:
        await Hub.of(layer).join("room", consumer.member)
    for payload in ("bad", "good"):
        await layer.group_send("room", news(payload))
    await until(lambda: all(consumer.frames == ["good"] for consumer in consumers))
    assert sum(consumer.failures for consumer in consumers) == 1


@pytest.mark.parametrize("broken", [{"type": "send_group_member"}, {}, {"type": ["no", "text"]}], ids=str)
async def test_a_malformed_message_is_survived(layer: Layer, readers: Audience, broken: dict[str, Any]) -> None:
    consumer = Consumer(readers)
    await Hub.of(layer).join("room", consumer.member)
    await layer.group_send("room", broken)
    await layer.group_send("room", news("next"))
    await until(lambda: consumer.frames == ["next"])


# -- any order -----------------------------------------------------------------------------------------------


class Erratic(Layer):
    """Takes a few turns of the event loop for each membership, and refuses some."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.fails = True

    async def _asked(self, *call: str) -> None:
        for _ in range(self.chance.randrange(8)):
            await asyncio.sleep(0)
        if self.fails and self.chance.random() < 0.1:
            raise ConnectionError("away")
        await super()._asked(*call)


class Model:
    """Members that join, leave and stop reading while messages are on their way, and what each of them must have got.

    A member of a group gets each message once, and in order. Who is none gets nothing. Who joins or leaves while a
    message is on its way may get it, once.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.layer = Erratic(self.chance)
        self.groups = ["red", "blue"]
        audience = Audience(Renderer(), takes_text=True, shares_messages=True)
        by_hand = Audience(Renderer(), takes_text=False, shares_messages=False)
        self.consumers = [Consumer(self.chance.choice([audience, audience, by_hand])) for _ in range(3)]
        self.inside: set[tuple[Consumer, str]] = set()
        self.sent = 0

    async def enter(self, consumer: Consumer, group: str) -> None:
        await Hub.of(self.layer).join(group, consumer.member)

    async def quit(self, consumer: Consumer, group: str) -> None:
        await Hub.of(self.layer).leave(group, consumer.member)

    async def change(self, consumer: Consumer, group: str) -> None:
        """Joins and leaves, each before the one before has ended; the last one counts."""
        self.inside.discard((consumer, group))
        joins = False
        tasks: list[asyncio.Task[None]] = []
        for _ in range(self.chance.randrange(1, 4)):
            joins = self.chance.random() < 0.5
            tasks.append(asyncio.create_task(self.enter(consumer, group) if joins else self.quit(consumer, group)))
            for _ in range(self.chance.randrange(6)):
                await asyncio.sleep(0)
            if self.chance.random() < 0.2:
                self.chance.choice(tasks).cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        accepted = (ConnectionError, asyncio.CancelledError)
        assert all(result is None or isinstance(result, accepted) for result in results), results
        if isinstance(results[-1], asyncio.CancelledError):
            # It may have been cancelled before it has begun.
            await self.quit(consumer, group)
        elif joins and results[-1] is None:
            self.inside.add((consumer, group))

    async def send(self, group: str) -> tuple[str, str]:
        for _ in range(self.chance.randrange(12)):
            await asyncio.sleep(0)
        self.sent += 1
        text = f"{group} {self.sent}"
        await self.layer.group_send(group, news(text))
        return group, text

    async def step(self) -> None:
        places = [(consumer, group) for consumer in self.consumers for group in self.groups]
        changing = self.chance.sample(places, self.chance.randrange(1, 5))
        staying = self.inside.difference(changing)
        for consumer in self.consumers:
            # One that does not read gets all of it later.
            consumer.reading = consumer.gate = self.chance.choice([None, asyncio.Event()])
        of_each = {consumer: len(got(consumer)) for consumer in self.consumers}
        changes = [asyncio.create_task(self.change(*place)) for place in changing]
        sends = [self.send(self.chance.choice(self.groups)) for _ in range(self.chance.randrange(1, 6))]
        sent = await asyncio.gather(*sends)
        await asyncio.gather(*changes)
        await settle()
        for consumer in self.consumers:
            if consumer.reading is not None:
                consumer.reading.set()
        await settle()
        for consumer in self.consumers:
            new = got(consumer)[of_each[consumer] :]
            must = {text for group, text in sent if (consumer, group) in staying}
            may = must | {text for group, text in sent if (consumer, group) in changing}
            assert must <= set(new) <= may
            assert len(new) == len(set(new))
            for group in self.groups:
                of_group = [int(text.split()[1]) for text in new if text.startswith(group)]
                assert of_group == sorted(of_group)


def got(consumer: Consumer) -> list[str]:
    """What was sent to a consumer, or given to it to be handled."""
    return consumer.frames or [message["content"]["payload"] for message in consumer.heard]


@pytest.mark.parametrize("seed", range(20))
async def test_who_is_a_member_gets_each_message_once_in_any_order_of_events(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the layer has refused is tried again at the next look of the mailbox.
    monkeypatch.setattr(mailbox, "CHECK_INTERVAL", 0.01)
    model = Model(seed)
    for _ in range(40):
        await model.step()
    assert model.sent > 40
    model.layer.fails = False
    for consumer, group in model.inside:
        await model.quit(consumer, group)
    await until(lambda: not [group for group in model.layer.groups if not group.startswith("chanx.")])


# -- sizes ---------------------------------------------------------------------------------------------------


async def test_ten_thousand_groups_of_one(readers: Audience) -> None:
    # Not in memory: that layer looks through all of its channels at each receive.
    layer: Any = ForeignLayer()
    hub = Hub.of(layer)
    consumers = [Consumer(readers) for _ in range(10_000)]
    for number, consumer in enumerate(consumers):
        await hub.join(f"user.{number}", consumer.member)
    for number in (0, 5_000, 9_999):
        await layer.group_send(f"user.{number}", news(str(number)))
    await until(lambda: all(consumers[number].frames == [str(number)] for number in (0, 5_000, 9_999)))
    assert sum(len(consumer.frames) for consumer in consumers) == 3
    for number, consumer in enumerate(consumers):
        await hub.leave(f"user.{number}", consumer.member)
    assert layer.members("user.5000") == 0
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_one_group_of_ten_thousand(layer: Layer, renderer: Renderer, readers: Audience) -> None:
    consumers = [Consumer(readers) for _ in range(10_000)]
    for consumer in consumers:
        await Hub.of(layer).join("room", consumer.member)
    for number in range(3):
        await layer.group_send("room", news(str(number)))
    await until(lambda: all(len(consumer.frames) == 3 for consumer in consumers))
    assert all(consumer.frames == ["0", "1", "2"] for consumer in consumers)
    assert len(renderer.rendered) == 3
    assert len(layer.calls) == 1
