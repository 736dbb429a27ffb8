"""What travels through the channel layer, and that it arrives as it was sent, whatever a model looks like."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import msgpack  # type: ignore[import-untyped]  # the packer of the Redis layers has no types
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field
from pytest_django import Settings

from chanx.groups import LayerUnion, event_payload, layer_content, member_event
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage
from tests.chanx.support import Alarmed, News, Noticed


class Detail(BaseModel):
    model_config = ConfigDict(extra="forbid")

    long_name: str = Field(alias="longName")
    sent_as: int = Field(validation_alias="read_as", serialization_alias="written_as")
    at: datetime
    key: uuid.UUID
    price: Decimal
    raw: bytes

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator above @property
    @property
    def shouted(self) -> str:
        return self.long_name.upper()


class Strict(BaseChannelEvent):
    model_config = ConfigDict(strict=True, extra="forbid")

    handler: Literal["strict"] = "strict"
    payload: Detail


class StrictNews(BaseGroupMessage):
    model_config = ConfigDict(strict=True, extra="forbid")

    action: Literal["strict_news"] = "strict_news"
    payload: Detail

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def size(self) -> int:
        return len(self.payload.long_name)


DETAIL = Detail.model_validate(
    {
        "longName": "name",
        "read_as": 1,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "key": uuid.UUID(int=7),
        "price": Decimal("1.10"),
        "raw": b"bytes",
    }
)
EVENTS = LayerUnion[BaseChannelEvent]({"noticed": Noticed, "alarmed": Alarmed, "strict": Strict}, "handler")
MESSAGES = LayerUnion[BaseGroupMessage]({"news": News, "strict_news": StrictNews}, "action")


def through_a_layer(event: Any) -> Any:
    """Packed and unpacked as the Redis layers do."""
    return msgpack.unpackb(msgpack.packb(event, use_bin_type=True), raw=False)


@pytest.mark.parametrize("event", [Noticed(payload="ü"), Alarmed(payload=3), Strict(payload=DETAIL)], ids=repr)
def test_an_event_arrives_as_it_was_sent(event: BaseChannelEvent) -> None:
    arrived = through_a_layer(dict(event_payload(event)))
    assert arrived["type"] == "handle_channel_event"
    assert arrived["event_data"]["handler"] == event.handler
    assert EVENTS.validate(arrived["event_data"]) == event


@pytest.mark.parametrize("message", [News(payload="ü"), StrictNews(payload=DETAIL)], ids=repr)
def test_a_group_message_arrives_as_it_was_sent(message: BaseGroupMessage) -> None:
    arrived = through_a_layer(layer_content(message, exclude={"is_mine", "is_current"}))
    assert not {"is_mine", "is_current"} & set(arrived), "each member has its own view of these"
    seen = MESSAGES.validate({**arrived, "is_mine": True, "is_current": False})
    assert seen == message.model_copy(update={"is_mine": True})


def test_content_may_also_use_the_aliases() -> None:
    """Who sends dictionaries writes them as a client would see them."""
    by_alias = json.loads(DETAIL.model_dump_json(exclude={"shouted", "sent_as"})) | {"read_as": 1}
    by_alias["longName"] = by_alias.pop("long_name")
    assert MESSAGES.validate({"action": "strict_news", "payload": by_alias}) == StrictNews(payload=DETAIL)


def test_the_format_of_clients_does_not_matter_to_the_layer(settings: Settings) -> None:
    settings.CHANX = {"MESSAGE_ACTION_KEY": "type", "CAMELIZE": True}
    assert layer_content(News(payload="x"), exclude={"is_mine", "is_current"}) == {"action": "news", "payload": "x"}
    assert MESSAGES.validate({"action": "news", "payload": "x", "is_mine": True}) == News(payload="x", is_mine=True)
    assert event_payload(Noticed(payload="x"))["event_data"] == {"handler": "noticed", "payload": "x"}


@pytest.mark.parametrize("content", [{}, {"handler": "other"}, {"handler": "alarmed", "payload": "x"}], ids=str)
def test_anything_else_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EVENTS.validate(content)


def test_a_group_message_says_who_sent_it_and_survives_the_layer() -> None:
    event = member_event(
        {"action": "x", "payload": {"at": DETAIL.at, "key": DETAIL.key, "list": (1, 2)}},
        kind="json",
        exclude_current=True,
        from_channel="specific.abc",
        from_user_pk="7",
    )
    assert through_a_layer(dict(event)) == {
        "type": "send_group_member",
        "content": {
            "action": "x",
            "payload": {"at": "2026-01-02T00:00:00Z", "key": str(DETAIL.key), "list": [1, 2]},
        },
        "kind": "json",
        "exclude_current": True,
        "from_channel": "specific.abc",
        "from_user_pk": "7",
    }


def test_a_union_is_built_once_and_late() -> None:
    union = LayerUnion[BaseChannelEvent]({"noticed": Noticed}, "handler")
    assert "_validator" not in vars(union)
    union.validate({"handler": "noticed", "payload": "x"})
    validator = vars(union)["_validator"]
    union.validate({"handler": "noticed", "payload": "y"})
    assert vars(union)["_validator"] is validator
