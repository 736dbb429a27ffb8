"""Turns of received messages: reading ahead, several at a time, ends from outside, and when a connection listens."""

import asyncio
import json
from typing import Any, ClassVar

import pytest
from channels.layers import get_channel_layer
from pytest_django import Settings

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.turns import current_turn
from tests.chanx.support import Echo, Noticed, OpenMixin, Said, Say, client, connected, records, said, say


class Slow(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed]):
    """Writes down what happens; a message is handled until the gate opens."""

    outgoing_messages = Said
    events: ClassVar[list[str]]
    gate: ClassVar[asyncio.Event]

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        self.events.append(f"begin {message.payload}")
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.events.append(f"cancelled {message.payload}")
            raise
        self.events.append(f"end {message.payload}")
        await self.send_message(Said(payload=message.payload))

    async def receive_event(self, event: Noticed) -> None:
        await self.send_message(Said(payload=f"event {event.payload}"))

    async def build_groups(self) -> list[str]:
        return ["slow"]

    async def disconnect(self, code: int) -> None:
        self.events.append(f"disconnect {code}")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    Slow.events, Slow.gate = [], asyncio.Event()


async def until(events: list[str], *expected: str) -> None:
    async with asyncio.timeout(2):
        while events != list(expected):
            await asyncio.sleep(0.01)


def tasks() -> int:
    return len(asyncio.all_tasks())


# -- reading ahead -------------------------------------------------------------------------------------------


async def test_a_disconnect_is_noticed_while_a_handler_is_slow() -> None:
    communicator = await connected(Slow)
    for text in ("1", "2"):
        await communicator.send_json_to(say(text))
    await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
    await until(Slow.events, "begin 1", "cancelled 1", "disconnect 1001")
    await communicator.wait()


async def test_a_class_may_handle_what_has_arrived_to_its_end() -> None:
    class Thorough(Slow):
        cancel_on_disconnect = False

    communicator = await connected(Thorough)
    for text in ("1", "2"):
        await communicator.send_json_to(say(text))
    await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
    await asyncio.sleep(0.2)
    assert Slow.events == ["begin 1"]
    Slow.gate.set()
    await until(Slow.events, "begin 1", "end 1", "begin 2", "end 2", "disconnect 1001")


async def test_a_client_that_goes_during_its_handshake_ends_it() -> None:
    events: list[str] = []

    class Hesitant(Echo):
        async def build_groups(self) -> list[str]:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                events.append("cancelled")
                raise
            return []

        async def disconnect(self, code: int) -> None:
            raise AssertionError("it was never let in")

    communicator = client(Hesitant)
    await communicator.send_input({"type": "websocket.connect"})
    await communicator.send_input({"type": "websocket.disconnect", "code": 1001})
    await until(events, "cancelled")
    await communicator.wait()


async def test_small_frames_need_no_task_beside_the_connections_own() -> None:
    communicator = await connected(Echo)
    before = tasks()
    for number in range(40):
        await communicator.send_json_to(say(str(number)))
        assert await communicator.receive_json_from() == said(str(number))
        assert tasks() == before
    await communicator.disconnect()


async def test_other_connections_get_their_turn_although_no_handler_waits_for_anything(settings: Settings) -> None:
    settings.CHANX = {"SEND_MESSAGE_IMMEDIATELY": False}
    communicator = await connected(Echo)
    others = 0

    async def other() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    for number in range(200):
        text = json.dumps(say(str(number)))
        communicator.input_queue.put_nowait({"type": "websocket.receive", "text": text})
    busy = asyncio.create_task(other())
    assert [await communicator.receive_json_from() for _ in range(200)] == [said(str(number)) for number in range(200)]
    busy.cancel()
    assert others >= 200 // 16
    await communicator.disconnect()


# -- several at a time ---------------------------------------------------------------------------------------


async def test_max_concurrency_bounds_how_many_are_handled_at_once() -> None:
    class Parallel(Slow):
        max_concurrency = 2

    communicator = await connected(Parallel)
    for text in ("1", "2", "3"):
        await communicator.send_json_to(say(text))
    await until(Slow.events, "begin 1", "begin 2")
    await asyncio.sleep(0.2)
    assert Slow.events == ["begin 1", "begin 2"]
    Slow.gate.set()
    frames = [await communicator.receive_json_from() for _ in range(3)]
    assert sorted(frame["payload"] for frame in frames) == ["1", "2", "3"]
    await communicator.disconnect()


async def test_a_disconnect_cancels_all_of_several() -> None:
    class Parallel(Slow):
        max_concurrency = 2

    communicator = await connected(Parallel)
    for text in ("1", "2", "3"):
        await communicator.send_json_to(say(text))
    await until(Slow.events, "begin 1", "begin 2")
    await communicator.send_input({"type": "websocket.disconnect", "code": 1000})
    await communicator.wait()
    assert sorted(Slow.events) == ["begin 1", "begin 2", "cancelled 1", "cancelled 2", "disconnect 1000"]


async def test_each_of_several_answers_its_own_id() -> None:
    class Parallel(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        max_concurrency = 3

        @handler
        async def say(self, message: Say) -> Said:
            await asyncio.sleep(0.01 * int(message.payload))
            return Said(payload=message.payload)

    communicator = await connected(Parallel)
    for number in (3, 2, 1):
        await communicator.send_json_to({**say(str(number)), "id": number})
    frames = [await communicator.receive_json_from() for _ in range(3)]
    assert [(frame["payload"], frame["reply_to"]) for frame in frames] == [("1", 1), ("2", 2), ("3", 3)]
    await communicator.disconnect()


# -- time-outs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 2])
async def test_a_handler_that_sends_nothing_for_too_long_is_cancelled(
    at_once: int, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHANX = {"SEND_COMPLETION": True}

    class Hanging(Slow):
        max_concurrency = at_once
        handler_timeout = 0.1

    communicator = await connected(Hanging)
    await communicator.send_json_to({**say("1"), "id": "a"})
    failure = await communicator.receive_json_from()
    assert (failure["action"], failure["payload"]["code"]) == ("error", "handler_timeout")
    assert failure["reply_to"] == "a"
    assert await communicator.receive_json_from() == {"action": "complete", "payload": None, "reply_to": "a"}
    (logged,) = records(caplog, "WARNING")
    assert failure["payload"]["error_id"] in logged
    Slow.gate.set()
    await communicator.send_json_to(say("2"))
    assert await communicator.receive_json_from() == said("2")
    assert Slow.events == ["begin 1", "cancelled 1", "begin 2", "end 2"]
    await communicator.disconnect()


async def test_a_handler_may_take_long_as_long_as_it_sends() -> None:
    class Streaming(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        handler_timeout = 0.2
        outgoing_messages = Said

        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            for number in range(8):
                await asyncio.sleep(0.05)
                await self.send_message(Said(payload=str(number)))

    communicator = await connected(Streaming)
    await communicator.send_json_to(say("x"))
    assert [await communicator.receive_json_from() for _ in range(8)] == [said(str(number)) for number in range(8)]
    await communicator.disconnect()


# -- the channel layer ---------------------------------------------------------------------------------------


async def test_a_connection_that_nobody_can_address_does_not_listen() -> None:
    before = tasks()
    communicator = await connected(Echo)
    # The application, and nothing else.
    assert tasks() == before + 1
    await communicator.disconnect()


async def test_whoever_asks_for_its_channel_name_can_send_to_it() -> None:
    names: list[str] = []

    class Named(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
        outgoing_messages = Said

        @handler
        async def ping(self, message: PingMessage) -> None:
            names.append(self.channel_name)
            assert self.channel_name is names[0]

        async def note(self, event: Any) -> None:
            assert current_turn.get() is None
            await self.send_message(Said(payload=event["text"]))

    communicator = await connected(Named)
    await communicator.send_json_to({"action": "ping", "id": 1})
    async with asyncio.timeout(2):
        while not names:
            await asyncio.sleep(0.01)
    layer = get_channel_layer()
    assert layer is not None
    await layer.send(names[0], {"type": "note", "text": "psst"})
    assert await communicator.receive_json_from() == said("psst")
    await communicator.disconnect()


async def test_channel_events_do_not_wait_for_a_slow_handler() -> None:
    communicator = await connected(Slow)
    await communicator.send_json_to(say("1"))
    await until(Slow.events, "begin 1")
    await Slow.asend_channel_event("slow", Noticed(payload="x"))
    assert await communicator.receive_json_from() == said("event x")
    assert Slow.events == ["begin 1"]
    await communicator.disconnect()


async def test_nothing_from_the_layer_comes_before_the_authentication_frame() -> None:
    class Early(Slow):
        async def add_groups(self) -> None:
            await super().add_groups()
            await self.asend_channel_event("slow", Noticed(payload="early"))
            await asyncio.sleep(0.05)

    communicator = client(Early)
    await communicator.connect()
    assert (await communicator.receive_json_from())["action"] == "authentication"
    assert await communicator.receive_json_from() == said("event early")
    await communicator.disconnect()


async def test_an_exception_in_a_handler_of_the_layer_ends_the_connection() -> None:
    class Fragile(Echo):
        async def post_authentication(self) -> None:
            layer = get_channel_layer()
            assert layer is not None
            await layer.send(self.channel_name, {"type": "break.down"})

        async def break_down(self, event: Any) -> None:
            raise LookupError("broken")

    communicator = await connected(Fragile)
    with pytest.raises(LookupError, match="broken"):
        await communicator.wait()
