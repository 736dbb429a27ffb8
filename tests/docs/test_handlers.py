"""The page on handlers: its consumers, their frames, and what it says about order and failures."""

import asyncio
import json
import logging
from typing import Any

import pytest

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.handlers import handler
from chanx.registry import Registry, use_registry
from chanx.testing import WebsocketCommunicator
from chanx.utils.settings import override_chanx_settings
from tests.docs.conftest import Load, router
from tests.docs.pages import blocks
from tests.docs.transcripts import matches, play_in_process

PAGE = "docs/guide/handlers.md"


async def test_the_session(load: Load) -> None:
    consumer = load(PAGE)["kitchen/consumers.py"].KitchenConsumer
    await play_in_process(blocks(PAGE, language="text"), router("ws/kitchen/", consumer))


def test_what_the_annotations_say(load: Load) -> None:
    files = load(PAGE)
    messages, handlers = (
        files["kitchen/messages.py"],
        files["kitchen/consumers.py"].KitchenConsumer.spec.message_handlers,
    )
    assert handlers[messages.Order].replies == (messages.Ordered, messages.SoldOut)
    assert handlers[messages.Cancel].replies == ()
    assert handlers[messages.Watch].streams
    assert handlers[messages.Watch].replies == (messages.Step, messages.Ready)
    assert handlers[messages.Praise] is handlers[messages.Complain]


def test_handlers_cover_the_messages_exactly(load: Load) -> None:
    files = load(PAGE)
    consumers, messages = files["kitchen/consumers.py"], files["kitchen/messages.py"]

    def override(**methods: Any) -> None:
        with use_registry(Registry()):
            type("Changed", (consumers.KitchenConsumer,), methods)

    async def unmarked(self: Any, message: Any) -> None: ...
    async def without_return(self: Any, message: Any): ...  # type: ignore[no-untyped-def]  # the mistake

    without_return.__annotations__["message"] = messages.Order

    async def second(self: Any, message: Any) -> None: ...

    second.__annotations__["message"] = messages.Order

    async def foreign(self: Any, message: Any) -> None: ...

    foreign.__annotations__["message"] = messages.Menu

    async def everything(self: Any, message: Any, **kwargs: Any) -> None: ...

    for name, method, text in (
        ("order", unmarked, "no handler receives the message 'order'"),
        ("order", handler(without_return), "no return annotation"),
        ("again", handler(second), "both"),
        ("foreign", handler(foreign), "not in its IC"),
        ("receive_message", everything, "Choose one"),
    ):
        with pytest.raises(ConsumerDefinitionError, match=text):
            override(**{name: method})
    override(order=handler(second))


async def test_a_failure_is_told_with_an_id(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    consumer = load(PAGE)["kitchen/consumers.py"].KitchenConsumer

    async def fail(self: Any, message: Any) -> None:
        raise RuntimeError("the stove is cold")

    fail.__annotations__["message"] = load(PAGE)["kitchen/messages.py"].Cancel
    with use_registry(Registry()):
        failing: Any = type("Failing", (consumer,), {"cancel": handler(fail)})
    client = WebsocketCommunicator(failing.as_asgi(), "/")
    await client.connect()
    await client.receive_until_action("menu")
    with caplog.at_level(logging.ERROR, "chanx"):
        await client.send_json_to({"action": "cancel", "payload": {"dish": "soup"}})
        received = await client.receive_json_from()
    (shown,) = blocks(PAGE, language="json")
    assert matches(received, json.loads(shown.text))
    (logged,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert received["payload"]["error_id"] in logged.getMessage()
    assert "the stove is cold" in caplog.text
    await client.send_json_to({"action": "order", "payload": {"dish": "soup"}})
    assert (await client.receive_json_from())["action"] == "ordered"
    await client.disconnect()


async def test_messages_are_handled_in_order_and_cancelled_with_the_connection(load: Load) -> None:
    files = load(PAGE)
    happened: list[str] = []

    async def slow(self: Any, message: Any) -> None:
        happened.append("begin " + message.payload.dish)
        try:
            await asyncio.sleep(3600 if message.payload.dish == "roast" else 0.01)
        except asyncio.CancelledError:
            happened.append("cancelled " + message.payload.dish)
            raise
        happened.append("end " + message.payload.dish)

    slow.__annotations__["message"] = files["kitchen/messages.py"].Cancel
    with use_registry(Registry()):
        kitchen: Any = type("Slow", (files["kitchen/consumers.py"].KitchenConsumer,), {"cancel": handler(slow)})
    client = WebsocketCommunicator(kitchen.as_asgi(), "/")
    await client.connect()
    for dish in ("soup", "bread", "roast", "cake"):
        await client.send_json_to({"action": "cancel", "payload": {"dish": dish}})
    # Waiting as a client waits, so that an application that has ended is noticed.
    with pytest.raises(TimeoutError):
        await client.receive_until_action("nothing", timeout=0.5)
    assert happened[-1] == "begin roast"
    await client.disconnect()
    in_order = ["begin soup", "end soup", "begin bread", "end bread", "begin roast", "cancelled roast"]
    assert happened == in_order


async def test_nothing_is_dropped_when_the_row_is_full(load: Load) -> None:
    consumer = load(PAGE)["kitchen/consumers.py"].KitchenConsumer
    with override_chanx_settings(INBOX_SIZE=2):
        client = WebsocketCommunicator(consumer.as_asgi(), "/")
        await client.connect()
        await client.receive_until_action("menu")
        for number in range(50):
            await client.send_json_to({"action": "order", "payload": {"dish": "soup"}, "id": number})
        received = [(await client.receive_json_from())["reply_to"] for _ in range(50)]
        await client.disconnect()
    assert received == list(range(50))


async def test_what_is_sent_after_the_close_goes_nowhere(load: Load) -> None:
    files = load(PAGE)

    async def close(self: Any, message: Any) -> None:
        await self.close(4000)
        await self.send_message(files["kitchen/messages.py"].Menu(payload=[]))

    close.__annotations__["message"] = files["kitchen/messages.py"].Cancel
    with use_registry(Registry()):
        closing: Any = type("Closing", (files["kitchen/consumers.py"].KitchenConsumer,), {"cancel": handler(close)})
    client = WebsocketCommunicator(closing.as_asgi(), "/")
    await client.connect()
    await client.receive_until_action("menu")
    await client.send_json_to({"action": "cancel", "payload": {"dish": "soup"}})
    await client.send_json_to({"action": "order", "payload": {"dish": "soup"}})
    await client.assert_closed(4000)
    assert await client.receive_nothing()


async def test_match_does_the_same(load: Load) -> None:
    matching = load(PAGE)["kitchen/matching.py"].MatchingConsumer
    client = WebsocketCommunicator(matching.as_asgi(), "/")
    await client.connect()
    await client.assert_authenticated_status_ok()
    await client.send_json_to({"action": "cancel", "payload": {"dish": "soup"}})
    await client.send_json_to({"action": "order", "payload": {"dish": "soup"}, "id": 1})
    assert await client.receive_json_from() == {"action": "ordered", "payload": {"dish": "soup"}, "reply_to": 1}
    await client.disconnect()
