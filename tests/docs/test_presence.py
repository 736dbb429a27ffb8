"""The page on presence: its classes, its frames, its numbers."""

import json
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from rest_framework.test import APIRequestFactory, force_authenticate

from chanx.presence import GroupPresence
from chanx.testing import WebsocketCommunicator
from tests.docs.conftest import Load
from tests.docs.pages import ROOT, blocks

PAGE = "docs/guide/presence.md"


@pytest.fixture
def files(load: Load) -> Mapping[str, ModuleType]:
    return load(PAGE)


def shape(frame: Any) -> Any:
    """A frame without the values that differ each time."""
    if isinstance(frame, dict):
        return {key: shape(value) for key, value in frame.items()}
    if isinstance(frame, list):
        return [shape(value) for value in frame]
    return len(frame) if isinstance(frame, str) and len(frame) == 20 else type(frame).__name__


def shown(action: str) -> Any:
    """The frame on the page with an action."""
    frames = [json.loads(block.text) for block in blocks(PAGE, language="json")]
    return next(frame for frame in frames if frame["action"] == action)


async def connect(consumer: Any) -> WebsocketCommunicator:
    """A client that was let in."""
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    await client.connect()
    await client.assert_authenticated_status_ok()
    return client


async def test_the_frames(files: Mapping[str, ModuleType]) -> None:
    consumer = files["desks/consumers.py"].DeskConsumer
    first = await connect(consumer)
    assert shape(await first.receive_json_from(5)) == shape(shown("presence"))
    second = await connect(consumer)
    assert shape(await first.receive_json_from(5)) == shape(shown("presence_changed"))
    await second.disconnect()
    assert (await first.receive_json_from(5))["payload"]["left"]
    await first.disconnect()


async def test_who_only_looks_on(files: Mapping[str, ModuleType]) -> None:
    class Administrated(files["desks/visitors.py"].VisitorConsumer):  # type: ignore[misc]  # of the page
        async def build_groups(self) -> list[str]:
            self.user = User(username="root", is_staff=True)
            return []

    client = await connect(Administrated)
    frame = await client.receive_json_from(5)
    assert (frame["payload"]["you"], frame["payload"]["count"]) == (None, 0)
    await client.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_view_asks(files: Mapping[str, ModuleType]) -> None:
    views = files["desks/views.py"]
    client = await connect(files["desks/consumers.py"].DeskConsumer)
    await client.receive_json_from(5)
    request = APIRequestFactory().get("/")
    force_authenticate(request, User(username="alice"))
    response = await sync_to_async(views.DeskView.as_view())(request)
    assert response.data == {"count": 1, "names": ["somebody"]}
    assert not await views.is_there(User(pk=7))
    await client.disconnect()


def test_the_table_of_options_is_complete() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d.,]+) \|", (ROOT / PAGE).read_text(), re.MULTILINE)
    declared = GroupPresence()
    assert {name: float(value.replace(",", "")) for name, value in rows} == {
        name: getattr(declared, name) for name in GroupPresence.__dataclass_fields__
    }
    # What the page says of a killed process.
    assert declared.ttl + declared.ttl / 3 == 40
