"""What arrives on a channel, while the layer fails in every way that it may."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from chanx import arrivals as arrivals_module
from chanx.arrivals import arrivals, hand_out, report_outage, report_return
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
    async with asyncio.timeout(20), aclosing(arrivals(layer, "channel")) as messages:
        async for message in messages:
            found.append(message)
            if len(found) == number:
                break
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


async def test_what_a_receiver_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def failing(message: Any) -> None:
        raise LookupError

    async def failing_later(message: Any) -> None:
        raise LookupError

    for receiver in (failing, failing_later):
        await hand_out({"type": "news"}, receiver)
    assert records(caplog, "ERROR") == ["A message of type 'news' from the channel layer could not be handed out"] * 2


def test_a_layer_that_was_never_away_does_not_return(caplog: pytest.LogCaptureFixture) -> None:
    layer: Any = Layer()
    report_return(layer)
    assert records(caplog, "WARNING") == []
    report_outage(layer)
    report_outage(layer)
    report_return(layer)
    report_return(layer)
    assert len(records(caplog, "WARNING")) == 2
