"""The end of a process: idle connections are closed at once, busy ones get a time, and the server gets its signal."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from chanx.connections import Connections
from chanx.drain import Drain
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import OpenMixin, Said, Say, connected, said, say


class Slow(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    """Takes as long as it is told."""

    @handler
    async def say(self, message: Say) -> Said:
        await asyncio.sleep(float(message.payload))
        return Said(payload=message.payload)


class Parallel(Slow):
    max_concurrency = 2


async def closed(communicator: WebsocketCommunicator) -> int:
    """The code that a client is closed with, which then goes."""
    event = await communicator.receive_output(5)
    assert event["type"] == "websocket.close", event
    await communicator.send_input({"type": "websocket.disconnect", "code": event["code"]})
    code: int = event["code"]
    return code


@pytest.mark.parametrize("consumer", [Slow, Parallel])
async def test_who_is_idle_goes_at_once_and_who_is_busy_when_it_is_done(consumer: Any) -> None:
    idle, busy = await connected(consumer), await connected(consumer)
    for text in ("0.3", "0"):
        await busy.send_json_to(say(text))
    if consumer is Parallel:
        # Both have begun.
        assert await busy.receive_json_from() == said("0")
    await asyncio.sleep(0.01)
    drain = asyncio.create_task(Drain().run())
    assert await closed(idle) == 1012
    assert not drain.done()
    assert await busy.receive_json_from() == said("0.3")
    # The second message was not begun.
    assert await closed(busy) == 1012
    await asyncio.wait_for(drain, 5)
    assert len(Connections.of(asyncio.get_running_loop())) == 0


async def test_no_handler_holds_it_up_for_longer_than_the_setting_says(settings: Settings) -> None:
    settings.CHANX = {"DRAIN_SECONDS": 0.1}
    communicator = await connected(Slow)
    await communicator.send_json_to(say("60"))
    await asyncio.sleep(0.01)
    drain = asyncio.create_task(Drain().run())
    assert await closed(communicator) == 1012
    await asyncio.wait_for(drain, 5)


async def test_clients_that_never_go_are_left_to_the_server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHANX = {"DRAIN_SECONDS": 0}
    monkeypatch.setattr("chanx.drain._FAREWELL_SECONDS", 0.1)
    communicator = await connected(Slow)
    await asyncio.wait_for(Drain().run(), 5)
    assert len(Connections.of(asyncio.get_running_loop())) == 1
    assert await closed(communicator) == 1012
    await communicator.wait()


async def test_who_connects_meanwhile_is_let_in_to_hear_it_and_handles_nothing() -> None:
    first = await connected(Slow)
    loop = asyncio.get_running_loop()
    drain = Drain.of(loop)
    await first.send_json_to(say("0.3"))
    await asyncio.sleep(0.01)
    task = asyncio.create_task(drain.run())
    await asyncio.sleep(0)
    late = await connected(Slow)
    await late.send_json_to(say("0"))
    assert await closed(late) == 1012
    assert await first.receive_json_from() == said("0.3")
    assert await closed(first) == 1012
    await asyncio.wait_for(task, 5)


@pytest.fixture
def signals() -> Iterator[list[int]]:
    """The signals that the server sees, which has installed a handler as servers do."""
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    yield seen
    signal.signal(signal.SIGTERM, before)


async def test_the_server_gets_its_signal_when_the_clients_are_gone(signals: list[int]) -> None:
    communicator = await connected(Slow)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.1)
    assert signals == []
    assert await closed(communicator) == 1012
    for _ in range(100):
        await asyncio.sleep(0.02)
        if signals:
            break
    assert signals == [signal.SIGTERM]


async def test_a_second_signal_is_the_servers_alone(signals: list[int]) -> None:
    communicator = await connected(Slow)
    await communicator.send_json_to(say("60"))
    await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals == [signal.SIGTERM]
    await communicator.disconnect()


async def test_without_the_setting_the_signal_is_not_touched(signals: list[int], settings: Settings) -> None:
    settings.CHANX = {"DRAIN_SECONDS": None}
    communicator = await connected(Slow)
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals == [signal.SIGTERM]
    await communicator.disconnect()


@pytest.mark.parametrize("handled", [signal.SIG_DFL, signal.SIG_IGN])
async def test_where_no_server_waits_for_the_signal_nothing_is_installed(handled: Any) -> None:
    before = signal.signal(signal.SIGTERM, handled)
    try:
        communicator = await connected(Slow)
        assert signal.getsignal(signal.SIGTERM) is handled
        await communicator.disconnect()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_after_the_loop_has_ended_reaches_the_server(signals: list[int]) -> None:
    async def begin() -> None:
        Drain.of(asyncio.get_running_loop())

    loop = asyncio.new_event_loop()
    loop.run_until_complete(begin())
    loop.close()
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals == [signal.SIGTERM]


async def test_another_thread_than_the_main_one_touches_no_signal(signals: list[int]) -> None:
    """Where a server runs its loop, in a test for instance."""
    mine = signal.getsignal(signal.SIGTERM)

    async def begin() -> None:
        Drain.of(asyncio.get_running_loop())

    await asyncio.to_thread(lambda: asyncio.run(begin()))
    assert signal.getsignal(signal.SIGTERM) is mine
