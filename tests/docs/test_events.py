"""The page on channel events: from a view, after a commit, from asynchronous code, with handlers and with match."""

import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rest_framework.test import APIRequestFactory

from chanx.testing import WebsocketCommunicator
from tests.docs.conftest import Load

PAGE = "docs/guide/events.md"
READY = {"action": "ready", "payload": {"dish": "soup"}}


async def _connected(consumer: Any) -> WebsocketCommunicator:
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    await client.connect()
    await client.assert_authenticated_status_ok()
    return client


@pytest.mark.django_db(transaction=True)
async def test_from_a_view(load: Load) -> None:
    files = load(PAGE)
    client = await _connected(files["kitchen/consumers.py"].CounterConsumer)
    view = files["kitchen/views.py"].CookedView.as_view()
    response = await sync_to_async(view)(APIRequestFactory().post("/"), dish="soup")
    assert response.status_code == 202
    assert await client.receive_json_from() == READY
    await client.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_after_the_commit(load: Load) -> None:
    from django.db import transaction

    files = load(PAGE)
    client = await _connected(files["kitchen/consumers.py"].CounterConsumer)

    def cook(*, rollback: bool) -> None:
        with transaction.atomic():
            files["kitchen/signals.py"].tell_counter("soup")
            transaction.set_rollback(rollback)

    await sync_to_async(cook)(rollback=True)
    assert await client.receive_nothing()
    await sync_to_async(cook)(rollback=False)
    assert await client.receive_json_from() == READY
    await client.disconnect()


async def test_from_asynchronous_code(load: Load) -> None:
    files = load(PAGE)
    client = await _connected(files["kitchen/consumers.py"].CounterConsumer)
    await files["kitchen/closing.py"].close_kitchen()
    await client.assert_closed()


async def test_match_does_the_same(load: Load) -> None:
    files = load(PAGE)
    events, matching = files["kitchen/events.py"], files["kitchen/matching.py"].MatchingConsumer
    client = await _connected(matching)
    await matching.asend_channel_event("counter", events.DishCooked(payload=events.DishData(dish="soup")))
    assert await client.receive_json_from() == READY
    await matching.asend_channel_event("counter", events.KitchenClosed())
    await client.assert_closed()


async def test_what_is_refused(load: Load) -> None:
    from chanx.messages.base import BaseChannelEvent

    with pytest.raises(TypeError, match="DishCooked, KitchenClosed"):
        await load(PAGE)["kitchen/consumers.py"].CounterConsumer.asend_channel_event(
            "counter", BaseChannelEvent(handler="x", payload=None)
        )


async def test_a_failing_handler_is_the_servers_business(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    files = load(PAGE)
    events = files["kitchen/events.py"]

    class Failing(files["kitchen/matching.py"].MatchingConsumer):  # type: ignore[misc]  # a class of the page
        async def receive_event(self, event: object) -> None:
            raise RuntimeError("no waiter")

    client = await _connected(Failing)
    with caplog.at_level(logging.ERROR, "chanx"):
        await Failing.asend_channel_event("counter", events.KitchenClosed())
        assert await client.receive_nothing()
    assert "no waiter" in caplog.text
    assert not client.future.done()
    await client.disconnect()
