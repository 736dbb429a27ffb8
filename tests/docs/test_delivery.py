"""The page on delivery: its classes, its frames, its settings."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings as django_settings
from django.test import override_settings
from django.utils.module_loading import import_string

from chanx.deduplication import Deduplication
from chanx.history.base import HistoryEngine
from chanx.history.database.engine import DatabaseHistory
from chanx.history.engines import engine_beside
from chanx.testing import WebsocketCommunicator
from tests.docs.conftest import Load
from tests.docs.pages import ROOT, blocks

PAGE = "docs/delivery.md"


@pytest.fixture(autouse=True)
def _settings_to_add_to(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("INSTALLED_APPS = []\n")


def shape(frame: Any) -> Any:
    """A frame without the values that differ each time."""
    if isinstance(frame, dict):
        return {"…" if len(key) == 20 else key: shape(value) for key, value in frame.items()}
    return frame if isinstance(frame, bool) or frame is None else type(frame).__name__


def shown(action: str) -> Any:
    """The frame on the page with an action."""
    frames = [json.loads(block.text) for block in blocks(PAGE, language="json")]
    return next(frame for frame in frames if frame["action"] == action)


async def connect(consumer: Any, *subprotocols: str) -> tuple[WebsocketCommunicator, Any]:
    """A client that was let in, and its positions."""
    client = WebsocketCommunicator(consumer.as_asgi(), "/", subprotocols=["chanx.v1", *subprotocols])
    await client.connect()
    await client.assert_authenticated_status_ok()
    return client, await client.receive_json_from()


async def test_the_frames_of_a_client_that_comes_back(load: Load) -> None:
    files = load(PAGE)
    consumer, tasks = files["orders/consumers.py"].OrdersConsumer, files["orders/tasks.py"]
    client, positions = await connect(consumer)
    assert shape(positions) == shape(shown("positions"))
    await tasks.announce(7)
    message = await client.receive_json_from()
    assert shape(message) == shape(shown("status_changed"))
    await client.disconnect()

    await tasks.announce(8)
    client, _ = await connect(consumer, "chanx.resume")
    resume = shown("resume")
    resume["payload"] = positions["payload"]
    (position,) = resume["payload"]["groups"].values()
    position["seq"] = message["seq"]
    assert shape(resume) == shape(shown("resume"))
    await client.send_json_to(resume)
    assert (await client.receive_json_from())["payload"] == {"order": 8, "status": "announced"}
    resumed = await client.receive_json_from()
    assert shape(resumed) == shape(shown("resumed"))
    await client.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_task_that_publishes_twice(load: Load) -> None:
    files = load(PAGE)
    client, _ = await connect(files["orders/consumers.py"].OrdersConsumer)
    for status in ("paid", "paid again"):
        await sync_to_async(files["orders/tasks.py"].order_has_changed)(7, status, "event-1")
    assert (await client.receive_json_from())["payload"] == {"order": 7, "status": "paid"}
    assert await client.receive_nothing(0.05)
    await client.disconnect()


async def test_a_request_that_is_sent_again(load: Load) -> None:
    consumer = load(PAGE)["payments/consumers.py"].PaymentsConsumer
    client, positions = await connect(consumer)
    name = positions["payload"]["client"]
    request = shown("pay")
    assert len(request["retry"]) == len(name) <= 64
    first = {key: value for key, value in request.items() if key != "retry"}
    await client.send_json_to(first)
    assert await client.receive_json_from() == shown("paid")
    await client.disconnect()

    client, _ = await connect(consumer)
    await client.send_json_to({**request, "retry": name})
    assert await client.receive_json_from() == shown("paid")
    assert consumer.paid == [500]
    await client.send_json_to({**request, "retry": "made up"})
    assert (await client.receive_json_from())["payload"]["code"] == "outcome_unknown"
    await client.send_json_to({**first, "payload": {"cents": 5}})
    assert (await client.receive_json_from())["payload"]["cents"] == 5
    await client.send_json_to(first)
    assert (await client.receive_json_from())["payload"]["code"] == "id_reused"
    assert consumer.paid == [500, 5]
    await client.disconnect()


def test_what_may_be_said_of_requests() -> None:
    text = (ROOT / PAGE).read_text()
    named = re.findall(r"^\| `(\w+)` \| ([\d]+|all of the class's own) \|", text, re.MULTILINE)
    defaults = {field.name: field.default for field in fields(Deduplication)}
    told = {name: None if default.startswith("all") else int(default) for name, default in named}
    assert told == defaults
    codes = set(re.findall(r"^\| `(\w+)` \| it \w+|^\| `(\w+)` \| (?:another frame|nobody can)", text, re.MULTILINE))
    assert {one or other for one, other in codes} == {"outcome_unknown", "replies_not_kept", "id_reused", "unavailable"}


def test_the_settings(load: Load) -> None:
    settings = load(PAGE)["settings.py"]
    assert set(settings.INSTALLED_APPS) <= set(django_settings.INSTALLED_APPS)
    layer = get_channel_layer()
    assert layer is not None
    with override_settings(CHANX=settings.CHANX):
        assert type(engine_beside(layer)) is DatabaseHistory


def test_the_engines_of_the_table_exist() -> None:
    named = re.findall(r"^\| `(chanx\.history\.[\w.]+)` ", (ROOT / PAGE).read_text(), re.MULTILINE)
    assert len(named) == 3
    assert all(issubclass(import_string(path), HistoryEngine) for path in named)
