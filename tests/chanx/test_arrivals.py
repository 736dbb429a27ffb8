"""What arrives on a channel, while the layer fails in every way that it may."""

import asyncio
from typing import Any
from weakref import ref

import pytest

from chanx import arrivals as arrivals_module
from chanx.arrivals import listen, report_outage, report_return
from tests.chanx.support import records


class Layer:
    """Gives what it is told to: a message, or an exception."""

    def __init__(self, *script: Any) -> None:
        self._script = list(script)
        self.asked = 0

    async def receive(self, channel: str) -> Any:
        self.asked += 1
        if not self._script:
            await asyncio.Event().wait()
        following = self._script.pop(0)
        if isinstance(following, BaseException):
            raise following
        return following


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none is waited for."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float, *args: Any) -> None:
        made.append(delay)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return made


async def taken(layer: Any, number: int) -> list[Any]:
    found: list[Any] = []
    has_all = asyncio.Event()

    def take(message: Any) -> None:
        found.append(message)
        if len(found) == number:
            has_all.set()

    listening = asyncio.create_task(listen(layer, "channel", take))
    try:
        async with asyncio.timeout(20):
            await has_all.wait()
    finally:
        listening.cancel()
        await asyncio.wait([listening])
    assert listening.cancelled()
    return found


async def test_messages_come_as_the_layer_gives_them(pauses: list[float]) -> None:
    assert await taken(Layer({"a": 1}, {"b": 2}), 2) == [{"a": 1}, {"b": 2}]
    assert pauses == []


async def test_an_outage_is_logged_once_whoever_listens(caplog: pytest.LogCaptureFixture) -> None:
    layer = Layer(*[ConnectionError("away")] * 5, {"a": 1}, {"b": 2}, ConnectionError("again"), {"c": 3})
    assert len(await taken(layer, 3)) == 3
    assert (
        records(caplog, "WARNING")
        == [
            "The channel layer Layer fails; it is asked again",
            "The channel layer Layer answers again",
        ]
        * 2
    )
    first = next(record for record in caplog.records if record.exc_info)
    assert first.exc_info is not None
    assert str(first.exc_info[1]) == "away"


async def test_pauses_grow_up_to_a_bound_and_begin_again_after_a_success(pauses: list[float]) -> None:
    layer = Layer(*[ConnectionError("away")] * 12, {"a": 1}, ConnectionError("away"), {"b": 2})
    await taken(layer, 2)
    for number, pause in enumerate(pauses[:12]):
        longest = min(arrivals_module.FIRST_PAUSE * 2**number, arrivals_module.LONGEST_PAUSE)
        assert longest / 2 <= pause <= longest
    assert pauses[12] <= arrivals_module.FIRST_PAUSE


async def test_a_failure_after_a_wait_is_no_outage(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, pauses: list[float]
) -> None:
    monkeypatch.setattr(arrivals_module, "_HAS_WAITED", -1.0)
    await taken(Layer(*[TimeoutError("idle")] * 4, {"a": 1}), 1)
    assert records(caplog, "WARNING") == []
    assert max(pauses) <= arrivals_module.FIRST_PAUSE


async def test_what_the_layer_cancels_itself_is_a_failure_and_what_others_cancel_is_the_end() -> None:
    layer = Layer(asyncio.CancelledError(), {"a": 1})
    listening = asyncio.create_task(taken(layer, 2))
    while layer.asked < 3:
        await asyncio.sleep(0)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening


async def test_what_a_receiver_raises_is_logged_and_the_next_message_comes(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Any] = []

    def receiver(message: Any) -> Any:
        heard.append(message["number"])
        if message["number"] == 1:
            raise LookupError
        return failing_later() if message["number"] == 2 else None

    async def failing_later() -> None:
        raise LookupError

    layer: Any = Layer(*({"type": "news", "number": number} for number in (1, 2, 3)))
    listening = asyncio.create_task(listen(layer, "channel", receiver))
    while len(heard) < 3:
        await asyncio.sleep(0)
    listening.cancel()
    assert heard == [1, 2, 3]
    assert records(caplog, "ERROR") == ["A message of type 'news' from the channel layer could not be handed out"] * 2


async def test_who_waits_keeps_no_message_that_was_handed_out() -> None:
    class Message(dict[str, Any]):
        """One that can be watched."""

    layer: Any = Layer(Message(type="news"))
    kept: list[ref[Message]] = []

    async def later(message: Any) -> None:
        kept.append(ref(message))
        await asyncio.sleep(0)

    listening = asyncio.create_task(listen(layer, "channel", later))
    while layer.asked < 2:
        await asyncio.sleep(0)
    assert [each() for each in kept] == [None]
    listening.cancel()


async def test_others_get_a_turn_between_messages_that_never_end() -> None:
    class Flooded(Layer):
        async def receive(self, channel: str) -> Any:
            return {} if len(heard) < 1000 else await asyncio.Event().wait()

    heard: list[Any] = []
    layer: Any = Flooded()
    listening = asyncio.create_task(listen(layer, "channel", heard.append))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    listening.cancel()
    assert 0 < len(heard) < 100


def test_a_layer_that_was_never_away_does_not_return(caplog: pytest.LogCaptureFixture) -> None:
    layer: Any = Layer()
    report_return(layer)
    assert records(caplog, "WARNING") == []
    report_outage(layer)
    report_outage(layer)
    report_return(layer)
    report_return(layer)
    assert len(records(caplog, "WARNING")) == 2
