"""Silence: who may keep it, and for how long."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from chanx import idleness
from chanx.testing import WebsocketCommunicator
from chanx.watchdog import Watchdog
from tests.chanx.support import Echo, connected, said, say
from tests.chanx.test_drain import Slow


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "INTERVAL", 0.01)


async def code_of(communicator: WebsocketCommunicator) -> int:
    event = await communicator.receive_output(5)
    assert event["type"] == "websocket.close", event
    code: int = event["code"]
    return code


async def test_without_the_setting_nobody_is_watched() -> None:
    communicator = await connected(Echo)
    assert len(Watchdog.of(asyncio.get_running_loop(), idleness.INTERVAL)) == 0
    await communicator.disconnect()


@pytest.mark.parametrize("how", ["setting", "class"])
async def test_a_silent_client_is_closed(how: str, settings: Settings) -> None:
    consumer: Any = Echo
    if how == "setting":
        settings.CHANX = {"IDLE_TIMEOUT": 0.05}
    else:
        consumer = type("Impatient", (Echo,), {"idle_timeout": 0.05, "__module__": "tests.impatient"})
    communicator = await connected(consumer)
    assert await code_of(communicator) == 4408
    await communicator.disconnect()
    assert len(Watchdog.of(asyncio.get_running_loop(), idleness.INTERVAL)) == 0


async def test_each_frame_begins_the_time_anew(settings: Settings) -> None:
    settings.CHANX = {"IDLE_TIMEOUT": 0.3}
    communicator = await connected(Echo)
    for _ in range(10):
        await asyncio.sleep(0.05)
        await communicator.send_json_to(say("x"))
        assert await communicator.receive_json_from() == said("x")
    assert await code_of(communicator) == 4408
    await communicator.disconnect()


async def test_time_in_a_handler_does_not_count(settings: Settings) -> None:
    settings.CHANX = {"IDLE_TIMEOUT": 0.1}
    communicator = await connected(Slow)
    await communicator.send_json_to(say("0.4"))
    assert await communicator.receive_json_from() == said("0.4")
    assert await code_of(communicator) == 4408
    await communicator.disconnect()


async def test_who_has_gone_is_watched_no_more(settings: Settings) -> None:
    settings.CHANX = {"IDLE_TIMEOUT": 60.0}
    communicator = await connected(Echo)
    assert len(Watchdog.of(asyncio.get_running_loop(), idleness.INTERVAL)) == 1
    await communicator.disconnect()
    assert len(Watchdog.of(asyncio.get_running_loop(), idleness.INTERVAL)) == 0
