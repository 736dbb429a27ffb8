"""What operations say beside what AsyncAPI knows."""

from typing import Any, Literal

from pydantic import ConfigDict

from chanx.deduplication import Deduplication
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import URLRouter, path
from chanx_asyncapi.describe import describe
from tests.chanx.support import OpenMixin, Said, Say


class Closed(BaseMessage):
    """Takes nothing else."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["closed"] = "closed"
    payload: None = None


class Desk(OpenMixin, AsyncJsonWebsocketConsumer[Say | Closed | PingMessage]):
    """Takes requests."""

    deduplication = Deduplication(window=60)

    @handler
    async def say(self, message: Say) -> Said:
        """Says it."""
        return Said(payload=message.payload)

    @handler
    async def closed(self, message: Closed) -> None:
        """Closes nothing."""


class Shop(Desk):
    """As the desk, but only some of it can be sent again."""

    deduplication = Deduplication(only=(Say,))


def document(consumer: Any) -> Any:
    description = describe(URLRouter([path("ws/", consumer, name="desk")]))
    assert description.problems == ()
    return description.document.to_wire()


def test_what_may_be_sent_again_says_so() -> None:
    operations = document(Desk)["operations"]
    found = {key: each["x-deduplication"] for key, each in operations.items() if "x-deduplication" in each}
    said = {"window": 60}
    assert found == {"desk.receive.say": said, "desk.receive.closed": said}


def test_what_may_not_says_nothing() -> None:
    found = [key for key, each in document(Shop)["operations"].items() if "x-deduplication" in each]
    assert found == ["desk.receive.say"]


def test_the_name_comes_without_a_history() -> None:
    described = document(Desk)
    assert "desk.send.positions" in described["operations"]
    assert "desk.receive.resume" not in described["operations"]
    assert described["channels"]["desk"]["x-resume"] == {"supported": False}


def test_only_a_schema_that_allows_nothing_else_names_the_key() -> None:
    schemas = document(Desk)["components"]["schemas"]
    named = [key for key, schema in schemas.items() if "retry" in schema.get("properties", {})]
    assert [key.rpartition(".")[2] for key in named] == ["Closed"]
    assert not any(
        "retry" in schema.get("properties", {}) for schema in document(Shop)["components"]["schemas"].values()
    )
