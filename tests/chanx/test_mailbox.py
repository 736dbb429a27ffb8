"""The mailbox: one channel for a process, counted memberships, and a layer that may be away or forget."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, cast
from weakref import ref

import pytest
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer

from chanx import arrivals, mailbox
from chanx.mailbox import Mailbox
from tests.chanx.support import records
from tests.servers import RedisServer

KIND = "chanx.control.example"


class Layer(InMemoryChannelLayer):
    """Notes what it is asked, and fails or takes its time when told to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.calls: list[tuple[str, ...]] = []
        self.failure: BaseException | None = None
        self.fail_times = 0
        self.gate: asyncio.Event | None = None
        self.listening: list[str] = []

    async def _asked(self, *call: str) -> None:
        if not call[1].startswith("chanx.mailbox."):
            self.calls.append(call)
        if self.gate is not None:
            await self.gate.wait()
        self._may_fail()

    def _may_fail(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def group_add(self, group: str, channel: str) -> None:
        await self._asked("add", group)
        await super().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._asked("discard", group)
        await super().group_discard(group, channel)

    async def group_send(self, group: str, message: Any) -> None:
        self._may_fail()
        await super().group_send(group, message)

    async def receive(self, channel: str) -> Any:
        self.listening.append(channel)
        if self.fail_times:
            self.fail_times -= 1
            raise ConnectionError("away")
        return await super().receive(channel)


@pytest.fixture
def layer() -> Layer:
    return Layer()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "CHECK_INTERVAL", 0.01)
    monkeypatch.setattr(mailbox, "PATIENCE", 0.05)
    monkeypatch.setattr(arrivals, "FIRST_PAUSE", 0.001)


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    """A test leaves what it has joined: a mailbox that is still open has a task."""
    yield
    open_tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in open_tasks:
        task.cancel()
    await asyncio.gather(*open_tasks, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def received(box: Mailbox, kind: str = KIND) -> list[Any]:
    found: list[Any] = []
    box.on(kind, lambda message: found.append(message["value"]))
    return found


def value(of: Any, kind: str = KIND) -> dict[str, Any]:
    return {"type": kind, "value": of}


async def test_an_event_loop_has_one_in_each_layer(layer: Layer) -> None:
    box = Mailbox.of(layer)
    assert Mailbox.of(layer) is box
    assert Mailbox.of(Layer()) is not box


async def test_messages_go_to_the_receiver_of_their_type_in_order(layer: Layer) -> None:
    box = Mailbox.of(layer)
    ones, twos = received(box, "one"), received(box, "two")
    await box.join("news")
    for number in range(50):
        await layer.group_send("news", value(number, "one" if number % 2 else "two"))
    await layer.group_send("news", value(0, "unheard"))
    await until(lambda: len(ones) + len(twos) == 50)
    assert (ones, twos) == (list(range(1, 50, 2)), list(range(0, 50, 2)))


async def test_a_receiver_may_be_a_coroutine_function(layer: Layer) -> None:
    box = Mailbox.of(layer)
    found: list[int] = []

    async def receiver(message: Any) -> None:
        await asyncio.sleep(0)
        found.append(message["value"])

    box.on(KIND, receiver)
    await box.join("news")
    for number in range(3):
        await layer.group_send("news", value(number))
    await until(lambda: len(found) == 3)
    assert found == [0, 1, 2]


async def test_a_receiver_that_fails_is_logged_and_the_next_message_comes(
    layer: Layer, caplog: pytest.LogCaptureFixture
) -> None:
    box = Mailbox.of(layer)
    found = received(box)
    box.on("bad", lambda message: message["missing"])
    await box.join("news")
    await layer.group_send("news", {"type": "bad"})
    await layer.group_send("news", {"type": ["no", "text"]})
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])
    assert records(caplog, "ERROR") == ["A message of type 'bad' from the channel layer could not be handed out"]


async def test_memberships_are_counted(layer: Layer) -> None:
    box = Mailbox.of(layer)
    for _ in range(3):
        await box.join("news")
    await box.leave("news")
    await box.leave("news")
    assert layer.calls == [("add", "news")]
    await box.leave("news")
    assert layer.calls == [("add", "news"), ("discard", "news")]
    assert layer.groups == {}


async def test_without_groups_it_closes(layer: Layer) -> None:
    box = Mailbox.of(layer)
    await box.join("news")
    assert len(asyncio.all_tasks()) == 3
    await box.leave("news")
    await until(lambda: len(asyncio.all_tasks()) == 1)
    assert Mailbox.of(layer) is not box


async def test_it_opens_again(layer: Layer) -> None:
    box = Mailbox.of(layer)
    found = received(box)
    await box.join("news")
    await box.leave("news")
    await box.join("news")
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])


async def test_a_join_waits_for_the_layer_also_where_another_one_has_asked(layer: Layer) -> None:
    layer.gate = asyncio.Event()
    box = Mailbox.of(layer)
    joins = [asyncio.create_task(box.join("news")) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert not any(join.done() for join in joins)
    layer.gate.set()
    await asyncio.gather(*joins)
    assert layer.calls == [("add", "news")]


async def test_a_leave_and_the_next_join_reach_the_layer_in_this_order(layer: Layer) -> None:
    box = Mailbox.of(layer)
    found = received(box)
    await box.join("news")
    layer.gate = asyncio.Event()
    leaving, joining = asyncio.create_task(box.leave("news")), asyncio.create_task(box.join("news"))
    await asyncio.sleep(0.01)
    layer.gate.set()
    await asyncio.gather(leaving, joining)
    assert layer.calls == [("add", "news"), ("discard", "news"), ("add", "news")]
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])


async def test_a_join_that_comes_before_the_layer_is_told_of_the_leave_saves_both(layer: Layer) -> None:
    box = Mailbox.of(layer)
    await box.join("news")
    layer.gate = asyncio.Event()
    other = asyncio.create_task(box.join("other"))
    # Both wait for the lock of the group, which somebody holds.
    membership = cast("Any", box)._memberships["news", None]
    async with membership.lock:
        leaving, joining = asyncio.create_task(box.leave("news")), asyncio.create_task(box.join("news"))
        await asyncio.sleep(0)
    layer.gate.set()
    await asyncio.gather(leaving, joining, other)
    assert layer.calls == [("add", "news"), ("add", "other")]
    assert {"news", "other"} == {group for group in layer.groups if not group.startswith("chanx.mailbox.")}


async def test_a_join_that_the_layer_refuses_leaves_nothing_behind(layer: Layer) -> None:
    layer.failure = ConnectionError("away")
    box = Mailbox.of(layer)
    with pytest.raises(ConnectionError):
        await box.join("news")
    await until(lambda: len(asyncio.all_tasks()) == 1)
    layer.failure = None
    found = received(box)
    await box.join("news")
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])


async def test_a_join_that_is_cancelled_leaves_nothing_behind(layer: Layer) -> None:
    layer.gate = asyncio.Event()
    joining = asyncio.create_task(Mailbox.of(layer).join("news"))
    await asyncio.sleep(0.01)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_a_layer_that_fails_to_receive_is_asked_again_and_logged_once(
    layer: Layer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    layer.fail_times = 4
    box = Mailbox.of(layer)
    found = received(box)
    await box.join("news")
    await until(lambda: layer.fail_times == 0)
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])
    assert records(caplog, "WARNING") == [
        "The channel layer Layer fails; it is asked again",
        "The channel layer Layer answers again",
    ]


async def test_what_the_layer_cancels_of_its_own_is_a_failure(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    receive = layer.receive

    async def cancelled_once(channel: str) -> Any:
        monkeypatch.setattr(layer, "receive", receive)
        raise asyncio.CancelledError

    monkeypatch.setattr(layer, "receive", cancelled_once)
    box = Mailbox.of(layer)
    found = received(box)
    await box.join("news")
    await until(lambda: bool(layer.listening))
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])


async def test_a_leave_while_the_layer_is_away_is_made_up_for(layer: Layer) -> None:
    box = Mailbox.of(layer)
    await box.join("news")
    await box.join("other")
    layer.failure = ConnectionError("away")
    await box.leave("news")
    assert "news" in layer.groups
    layer.failure = None
    await until(lambda: "news" not in layer.groups)
    assert "other" in layer.groups


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "before the first look"])
async def test_a_layer_that_has_forgotten_its_groups_hears_of_them_again(
    at_once: bool, layer: Layer, caplog: pytest.LogCaptureFixture
) -> None:
    box = Mailbox.of(layer)
    found = received(box)
    for group in ("news", "other"):
        await box.join(group)
    if not at_once:
        await until(lambda: bool(layer.listening))
        await asyncio.sleep(3 * mailbox.CHECK_INTERVAL)
    former = next(iter(layer.groups["news"]))
    layer.groups.clear()
    await until(lambda: {"news", "other"} <= set(layer.groups))
    assert all(former not in members for members in layer.groups.values())
    for group in ("news", "other"):
        await layer.group_send(group, value(group))
    await until(lambda: found == ["news", "other"])
    assert "The channel layer no longer delivers to this process; its groups are joined again" in records(
        caplog, "WARNING"
    )


async def test_an_outage_during_the_check_is_survived(layer: Layer) -> None:
    box = Mailbox.of(layer)
    found = received(box)
    await box.join("news")
    await until(lambda: any(group.startswith("chanx.mailbox.") for group in layer.groups))
    layer.failure = ConnectionError("away")
    await asyncio.sleep(0.05)
    layer.groups.clear()
    layer.failure = None
    await until(lambda: "news" in layer.groups)
    await layer.group_send("news", value(1))
    await until(lambda: found == [1])


async def test_a_layer_that_fails_while_it_hears_of_the_groups_again_hears_of_the_rest_later(
    layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Mailbox.of(layer)
    names = [await layer.new_channel() for _ in range(3)]
    await box.join("own")
    for name in names:
        await box.join("news", via=name)
    add, failures = layer.group_add, [ConnectionError("away")]

    async def fails_once(group: str, channel: str) -> None:
        if channel == names[1] and failures:
            raise failures.pop()
        await add(group, channel)

    monkeypatch.setattr(layer, "group_add", fails_once)
    former = next(iter(layer.groups["own"]))
    layer.groups.clear()
    await until(lambda: set(names) == set(layer.groups.get("news", ())))
    assert not failures
    # From here on nothing is joined again: the layer delivers.
    layer.calls.clear()
    await asyncio.sleep(5 * mailbox.CHECK_INTERVAL)
    assert layer.calls == []
    assert former not in layer.groups["own"]
    assert len(layer.groups["own"]) == 1


async def test_memberships_are_renewed_before_the_layer_forgets_them() -> None:
    layer = Layer(group_expiry=0.1)
    box = Mailbox.of(layer)
    await box.join("news")
    await until(lambda: layer.calls.count(("add", "news")) >= 3)
    assert len(set(layer.listening)) == 1


@pytest.mark.usefixtures("new_objects_only")
async def test_a_mailbox_that_is_open_keeps_no_event_loop_alive() -> None:
    def run() -> "ref[asyncio.AbstractEventLoop]":
        layer = Layer()

        async def use() -> "ref[asyncio.AbstractEventLoop]":
            await Mailbox.of(layer).join("news")
            await Mailbox.of(layer).leave("news")
            return ref(asyncio.get_running_loop())

        return asyncio.run(use())

    loop = await asyncio.to_thread(run)
    gc.collect()
    assert loop() is None


async def test_two_event_loops_have_one_each(layer: Layer) -> None:
    box = Mailbox.of(layer)
    await box.join("news")

    async def join() -> int:
        await Mailbox.of(layer).join("news")
        members = len(layer.groups["news"])
        await Mailbox.of(layer).leave("news")
        return members

    assert await asyncio.to_thread(lambda: asyncio.run(join())) == 2
    assert len(layer.groups["news"]) == 1


# -- many at once --------------------------------------------------------------------------------------------


async def test_the_layer_is_asked_no_more_at_once_than_it_can_bear(
    layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Joins, leaves and whatever else is asked; each when its turn comes."""
    monkeypatch.setattr(mailbox, "CALLS_AT_ONCE", 3)
    running: set[int] = set()
    most = 0
    order: list[int] = []

    async def call(number: int) -> None:
        nonlocal most
        order.append(number)
        running.add(number)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.remove(number)

    box = Mailbox.of(layer)
    await box.join("first")
    await asyncio.gather(*(box.ask(call, number) for number in range(20)))
    assert (most, order) == (3, list(range(20)))
    layer.gate = asyncio.Event()
    layer.calls.clear()
    changes = [asyncio.create_task(box.join(f"group.{number}")) for number in range(20)]
    await until(lambda: len(layer.calls) == 3)
    await asyncio.sleep(0.01)
    assert len(layer.calls) == 3
    layer.gate.set()
    await asyncio.gather(*changes)
    assert len(layer.calls) == 20
    for number in range(20):
        await box.leave(f"group.{number}")
    await box.leave("first")


async def test_who_waits_long_has_its_turn_as_long_as_others_have_theirs(
    layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "CALLS_AT_ONCE", 1)
    monkeypatch.setattr(mailbox, "LONGEST_CALL", 0.1)
    box = Mailbox.of(layer)
    done: list[int] = []

    async def slow(number: int) -> None:
        await asyncio.sleep(0.03)
        done.append(number)

    await asyncio.gather(*(box.ask(slow, number) for number in range(10)))
    assert done == [*range(10)]


async def test_who_is_cancelled_in_the_queue_takes_no_turn_away(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "CALLS_AT_ONCE", 1)
    box = Mailbox.of(layer)
    for turns in range(6):
        may_return = asyncio.Event()
        first = asyncio.create_task(box.ask(may_return.wait))
        second = asyncio.create_task(box.ask(may_return.wait))
        await asyncio.sleep(0.001)
        may_return.set()
        # In each of the steps in which the turn passes from the first to the second.
        for _ in range(turns):
            await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        await asyncio.wait_for(box.ask(layer.group_send, "nobody", {"type": "x"}), 10)


async def test_who_waits_for_a_layer_that_hangs_is_told(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "CALLS_AT_ONCE", 1)
    monkeypatch.setattr(mailbox, "LONGEST_CALL", 0.01)
    box = Mailbox.of(layer)
    layer_answers = asyncio.Event()

    async def hanging() -> None:
        await layer_answers.wait()

    first = asyncio.create_task(box.ask(hanging))
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await box.ask(hanging)
    layer_answers.set()
    await first
    await box.ask(layer.group_send, "nobody", {"type": "x"})


async def test_a_call_that_fails_gives_its_turn_back(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "CALLS_AT_ONCE", 1)
    box = Mailbox.of(layer)
    layer.failure = LookupError()
    for _ in range(3):
        with pytest.raises(LookupError):
            await box.ask(layer.group_send, "group", {"type": "x"})
    assert Mailbox.of(layer) is not box, "nobody needs it any more"


async def test_redis_bears_thousands_who_come_back_at_the_same_moment(redis: RedisServer) -> None:
    """redis-py has 100 connections, and refuses whoever wants another one at that moment."""
    layer: Any = RedisChannelLayer(hosts=[redis.url], prefix=f"herd{id(object())}")
    box = Mailbox.of(layer)
    groups = [f"group.{number}" for number in range(400)]
    await asyncio.gather(*(box.join(group) for group in groups))
    await asyncio.gather(*(box.ask(layer.group_send, group, value(group)) for group in groups))
    await asyncio.gather(*(box.leave(group) for group in groups))
    assert Mailbox.of(layer) is not box, "all leaves have reached the layer"
    await layer.close_pools()
