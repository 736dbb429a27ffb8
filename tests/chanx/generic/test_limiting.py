"""How many frames a client may send, what it is told when there are too many, and what becomes of it then."""

import logging
import threading
from typing import Any, ClassVar

import pytest
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle, SimpleRateThrottle

from chanx.generic.limiting import LimitingConsumer
from chanx.throttling import ConnectionRateThrottle
from chanx.utils.settings import override_chanx_settings
from tests.chanx.support import COMPLETE, Echo, Say, connected, records, said, say


def throttled(retry_after: int = 1, **envelope: Any) -> dict[str, Any]:
    payload = {"detail": "Too many frames", "code": "throttled", "retry_after": retry_after}
    return {"action": "error", "payload": payload, **envelope}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands still unless a test moves it."""
    now = [1000.0]
    monkeypatch.setattr("chanx.generic.limiting.monotonic", lambda: now[0])
    return now


async def test_a_burst_is_allowed_and_then_the_rate(now: list[float]) -> None:
    with override_chanx_settings(MAX_FRAME_RATE=2.0, MAX_FRAME_BURST=5):
        communicator = await connected(Echo)
        for number in range(7):
            await communicator.send_json_to(say(str(number), id=number))
        for number in range(5):
            assert await communicator.receive_json_from() == said(str(number), reply_to=number)
        assert await communicator.receive_json_from() == throttled(reply_to=5)
        assert await communicator.receive_json_from() == throttled(reply_to=6)
        now[0] += 0.9
        await communicator.send_json_to(say("too early"))
        assert await communicator.receive_json_from() == throttled()
        now[0] += 0.1
        for text in ("two", "in a second", "and no third"):
            await communicator.send_json_to(say(text))
        assert await communicator.receive_json_from() == said("two")
        assert await communicator.receive_json_from() == said("in a second")
        assert await communicator.receive_json_from() == throttled()
        now[0] += 100
        for number in range(6):
            await communicator.send_json_to(say(str(number)))
        assert [await communicator.receive_json_from() for _ in range(6)] == [
            *(said(str(number)) for number in range(5)),
            throttled(),
        ]
        await communicator.disconnect()


async def test_a_slow_rate_says_when_the_next_frame_may_come(now: list[float]) -> None:
    class Slow(Echo):
        max_frame_rate = 0.1

    with override_chanx_settings(MAX_FRAME_BURST=1):
        communicator = await connected(Slow)
        await communicator.send_json_to(say("one"))
        await communicator.send_json_to(say("two"))
        assert await communicator.receive_json_from() == said("one")
        assert await communicator.receive_json_from() == throttled(10)
        now[0] += 10
        await communicator.send_json_to(say("three"))
        assert await communicator.receive_json_from() == said("three")
        await communicator.disconnect()


@pytest.mark.parametrize("frame", ["{", '{"action":"nothing"}', "[]", b"binary", '{"action":"say"}'])
async def test_frames_that_are_refused_anyway_count(frame: str | bytes, now: list[float]) -> None:
    with override_chanx_settings(MAX_FRAME_RATE=1.0, MAX_FRAME_BURST=2):
        communicator = await connected(Echo)
        for _ in range(3):
            if isinstance(frame, bytes):
                await communicator.send_to(bytes_data=frame)
            else:
                await communicator.send_to(text_data=frame)
        assert [isinstance((await communicator.receive_json_from())["payload"], list) for _ in range(3)] == [
            True,
            True,
            False,
        ]
        await communicator.disconnect()


async def test_who_goes_on_is_closed(now: list[float], caplog: pytest.LogCaptureFixture) -> None:
    with override_chanx_settings(MAX_FRAME_RATE=1.0, MAX_FRAME_BURST=1, MAX_THROTTLED_FRAMES=3):
        communicator = await connected(Echo)
        for _ in range(10):
            await communicator.send_json_to(say("hello"))
        assert await communicator.receive_json_from() == said("hello")
        for _ in range(4):
            assert await communicator.receive_json_from() == throttled()
        await communicator.assert_closed(4429)
        assert await communicator.receive_nothing()
        await communicator.disconnect()
    assert records(caplog, "WARNING") == [f"{Echo.spec.path} throttles a client for 1 seconds"]


async def test_who_waits_when_told_is_never_closed(now: list[float]) -> None:
    with override_chanx_settings(MAX_FRAME_RATE=1.0, MAX_FRAME_BURST=1, MAX_THROTTLED_FRAMES=1):
        communicator = await connected(Echo)
        for _ in range(5):
            await communicator.send_json_to(say("hello"))
            assert await communicator.receive_json_from() == said("hello")
            await communicator.send_json_to(say("too early"))
            assert await communicator.receive_json_from() == throttled()
            now[0] += 1
        await communicator.disconnect()


async def test_there_may_be_no_limit(now: list[float]) -> None:
    with override_chanx_settings(MAX_FRAME_RATE=None, MAX_FRAME_BURST=1):
        communicator = await connected(Echo)
        for _ in range(50):
            await communicator.send_json_to(say("hello"))
        assert [await communicator.receive_json_from() for _ in range(50)] == [said("hello")] * 50
        await communicator.disconnect()


async def test_a_completion_follows_a_throttled_frame_too(now: list[float]) -> None:
    with override_chanx_settings(MAX_FRAME_RATE=1.0, MAX_FRAME_BURST=1, SEND_COMPLETION=True):
        communicator = await connected(Echo)
        await communicator.send_json_to(say("one"))
        await communicator.send_json_to(say("two", id=2))
        assert await communicator.receive_all_json() == [said("one")]
        assert await communicator.receive_json_from() == throttled(reply_to=2)
        assert await communicator.receive_json_from() == {**COMPLETE, "reply_to": 2}
        await communicator.disconnect()


async def test_the_clock_is_not_asked_for_each_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    refill = LimitingConsumer._refill  # pyright: ignore[reportPrivateUsage]  # tested from inside

    def noted(self: Any) -> float | None:
        asked.append(self)
        return refill(self)

    monkeypatch.setattr(LimitingConsumer, "_refill", noted)
    communicator = await connected(Echo)
    for _ in range(200):
        await communicator.send_json_to(say("hello"))
    for _ in range(200):
        await communicator.receive_json_from()
    assert asked == []
    await communicator.disconnect()


# -- throttles of DRF ----------------------------------------------------------------------------------------


class TwoADay(ConnectionRateThrottle):
    rate = "2/day"


class Limited(Echo):
    message_throttle_classes = (TwoADay,)


async def test_a_connection_has_a_rate_of_its_own() -> None:
    communicator = await connected(Limited)
    for number in range(3):
        await communicator.send_json_to(say("hello", id=number))
    assert await communicator.receive_json_from() == said("hello", reply_to=0)
    assert await communicator.receive_json_from() == said("hello", reply_to=1)
    answer = await communicator.receive_json_from()
    assert answer == throttled(answer["payload"]["retry_after"], reply_to=2)
    assert 80_000 < answer["payload"]["retry_after"] <= 86_400
    await communicator.send_json_to({"action": "ping"})
    assert await communicator.receive_nothing(), "a sign of life is no message"
    await communicator.disconnect()

    another = await connected(Limited)
    await another.send_json_to(say("hello"))
    assert await another.receive_json_from() == said("hello")
    await another.disconnect()


async def test_who_does_not_listen_to_a_throttle_is_closed() -> None:
    with override_chanx_settings(MAX_THROTTLED_FRAMES=3):
        communicator = await connected(Limited)
        for _ in range(10):
            await communicator.send_json_to(say("hello"))
        frames = [await communicator.receive_json_from() for _ in range(6)]
        assert [frame["action"] for frame in frames] == ["said"] * 2 + ["error"] * 4
        await communicator.assert_closed(4429)
        await communicator.disconnect()


async def test_the_scope_of_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """All connections of one address share it, in Django's cache."""
    cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"talk": "3/min"})

    class Scoped(Echo):
        message_throttle_classes = (ScopedRateThrottle,)
        message_throttle_scope = "talk"

    answers: list[str] = []
    for _ in range(2):
        communicator = await connected(Scoped)
        for _ in range(2):
            await communicator.send_json_to(say("hello"))
            answers.append((await communicator.receive_json_from())["action"])
        await communicator.disconnect()
    assert answers == ["said", "said", "said", "error"]
    cache.clear()


class Looking(BaseThrottle):
    """Knows only by its messages; where it keeps that, nobody knows."""

    seen: ClassVar[list[Any]] = []

    def allow_request(self, request: Any, view: Any) -> bool:
        self.seen.append((request, view, threading.current_thread()))
        return bool(view.message.payload != "no")


async def test_a_throttle_sees_the_message_in_a_thread_that_may_wait() -> None:
    class Looked(Echo):
        message_throttle_classes = (Looking,)
        message_throttle_scope = "talk"

    Looking.seen.clear()
    communicator = await connected(Looked)
    for text in ("yes", "no"):
        await communicator.send_json_to(say(text))
    assert await communicator.receive_json_from() == said("yes")
    assert await communicator.receive_json_from() == throttled()
    (request, view, thread), _ = Looking.seen
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
    assert (view.message, view.throttle_scope) == (Say(payload="yes"), "talk")
    assert thread is not threading.main_thread()
    await communicator.disconnect()


async def test_what_counts_in_memory_needs_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(function: Any) -> Any:
        raise AssertionError(f"{function} needs no thread")

    monkeypatch.setattr("chanx.generic.limiting.database_sync_to_async", never)
    communicator = await connected(Limited)
    await communicator.send_json_to(say("hello"))
    assert await communicator.receive_json_from() == said("hello")
    await communicator.disconnect()


async def test_a_throttle_that_fails_lets_nothing_through(caplog: pytest.LogCaptureFixture) -> None:
    class Unknown(ScopedRateThrottle):
        def allow_request(self, request: Any, view: Any) -> bool:
            raise ConnectionError("the cache is away")

    class Failing(Echo):
        message_throttle_classes = (Unknown,)

    caplog.set_level(logging.ERROR, "chanx")
    communicator = await connected(Failing)
    await communicator.send_json_to(say("hello"))
    answer = await communicator.receive_json_from()
    assert (answer["action"], answer["payload"]["code"]) == ("error", "handler_failed")
    assert "the cache is away" in caplog.text
    assert "away" not in str(answer)
    await communicator.disconnect()


async def test_messages_that_are_handled_beside_each_other_are_counted_too() -> None:
    class Parallel(Limited):
        max_concurrency = 3

    communicator = await connected(Parallel)
    for number in range(5):
        await communicator.send_json_to(say(str(number)))
    answers = [(await communicator.receive_json_from())["action"] for _ in range(5)]
    assert sorted(answers) == ["error"] * 3 + ["said"] * 2
    await communicator.disconnect()
