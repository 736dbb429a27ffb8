"""Tags: those that are given, or the application; each of them once in the info."""

from typing import Any

import pytest
from pytest_django import Settings

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx_asyncapi import asyncapi
from chanx_asyncapi.describe.tags import application_label, with_tags
from chanx_asyncapi.spec import Info, Message, Reference, Tag
from tests.chanx_asyncapi.describe.support import described


class OfAnApplication(AsyncJsonWebsocketConsumer[PingMessage]):
    __module__ = "chat.consumers"


@asyncapi(tags=["help", "chat"])
class Tagged(OfAnApplication):
    @handler
    @asyncapi(tags=["health"])
    async def ping(self, message: PingMessage) -> None: ...


@asyncapi(tags=())
class Untagged(OfAnApplication):
    __module__ = "chat.consumers"


class OfNoApplication(AsyncJsonWebsocketConsumer[PingMessage]): ...


@pytest.mark.parametrize(("consumer", "label"), [(OfAnApplication, "chat"), (OfNoApplication, None)])
def test_the_application_of_a_class(consumer: type[Any], label: str | None) -> None:
    assert application_label(consumer) == label


@pytest.mark.parametrize(
    ("consumer", "tags"),
    [(OfAnApplication, ["chat"]), (Untagged, None), (OfNoApplication, None)],
)
def test_a_consumer_and_its_operations_have_the_same_tags(consumer: type[Any], tags: list[str] | None) -> None:
    document = described(consumer)

    expected = None if tags is None else [{"name": tag} for tag in tags]
    tagged = [*document["channels"].values(), *document["operations"].values()]
    assert all(each.get("tags") == expected for each in tagged)


def test_info_has_each_tag_once_with_the_description_of_the_settings(settings: Settings) -> None:
    settings.CHANX = {"INFO": {"TAGS": [{"name": "chat", "description": "Talk."}, {"name": "rest"}]}}

    assert described(Tagged, OfAnApplication)["info"]["tags"] == [
        {"name": "chat", "description": "Talk."},
        {"name": "rest"},
        {"name": "help"},
        {"name": "health"},
    ]


def test_references_are_left_to_whoever_has_written_them() -> None:
    info = Info(title="a", version="1", tags=(Reference(ref="#/components/tags/a"), Tag(name="b")))

    assert with_tags(info, [Message(tags=(Tag(name="b"),))]) is info
