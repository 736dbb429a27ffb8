"""The page on groups: who sees what."""

import logging

import pytest
from django.test import override_settings

from chanx.exceptions import GroupMessageError
from chanx.testing import WebsocketCommunicator
from tests.docs.conftest import Load, router
from tests.docs.pages import blocks
from tests.docs.transcripts import play_in_process

PAGE = "docs/guide/groups.md"


async def test_three_guests_at_two_tables(load: Load) -> None:
    consumer = load(PAGE)["kitchen/consumers.py"].TableConsumer
    await play_in_process(blocks(PAGE, language="text"), router("ws/tables/<int:number>/", consumer))


async def test_a_message_that_is_not_declared(load: Load) -> None:
    files = load(PAGE)["kitchen/consumers.py"]
    consumer = files.TableConsumer()
    with pytest.raises(GroupMessageError):
        await consumer.send_group_message(files.Order(payload=files.Dish(dish="soup")))


@pytest.mark.undescribed_frames("nobody checks what is sent as JSON")
async def test_without_a_declared_message(load: Load) -> None:
    files = load(PAGE)["kitchen/consumers.py"]

    class Untyped(files.TableConsumer):  # type: ignore[misc, name-defined]  # a class of the page
        async def order(self, message: object) -> None: ...
        async def serve(self, message: object) -> None: ...

        async def receive_message(self, message: object, **kwargs: object) -> None:
            await self.send_group_message(files.Order(payload=files.Dish(dish="tea")), kind="json")
            await self.send_to_groups({"action": "anything", "some": 1})

    application = router("ws/<int:number>/", Untyped)
    clients = [WebsocketCommunicator(application, f"/ws/{number}/") for number in (1, 2)]
    for client in clients:
        await client.connect()
        await client.assert_authenticated_status_ok()
    await clients[0].send_json_to({"action": "order", "payload": {"dish": "soup"}})
    seen = {"is_mine": False, "is_current": False}
    assert await clients[1].receive_json_from() == {"action": "order", "payload": {"dish": "tea"}, **seen}
    assert await clients[1].receive_json_from() == {"action": "anything", "some": 1, **seen}
    for client in clients:
        await client.disconnect()


async def test_groups_need_a_layer(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    consumer = load(PAGE)["kitchen/consumers.py"].TableConsumer
    with override_settings(CHANNEL_LAYERS={}), caplog.at_level(logging.ERROR, "chanx"):
        client = WebsocketCommunicator(router("<int:number>/", consumer), "/1/")
        await client.connect()
        await client.assert_closed(4500)
    assert "set CHANNEL_LAYERS" in caplog.text


async def test_the_length_of_a_name(load: Load) -> None:
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    assert layer is not None
    assert layer.require_valid_group_name("x" * 99)
    with pytest.raises(TypeError):
        layer.require_valid_group_name("x" * 100)
