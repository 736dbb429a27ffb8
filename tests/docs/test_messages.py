"""The page on messages: its consumer, its frames, and what it says about both."""

from types import new_class
from typing import Any, Literal

import pytest

from chanx.checks import check_consumers
from chanx.codec import Codec, Invoke
from chanx.exceptions import ConsumerDefinitionError, MessageDefinitionError
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import ErrorMessage, PongMessage
from chanx.registry import Registry, use_registry
from chanx.utils.settings import override_chanx_settings
from chanx.wire_format import WireFormat
from tests.docs.conftest import Load, router
from tests.docs.pages import blocks
from tests.docs.transcripts import play_in_process

PAGE = "docs/guide/messages.md"


async def test_the_sessions(load: Load) -> None:
    files = load(PAGE)
    application = router("ws/kitchen/", files["kitchen/consumers.py"].KitchenConsumer)
    invalid, _, replies, camel = blocks(PAGE, language="text")
    await play_in_process([invalid], application)
    await play_in_process([replies], application)
    with override_chanx_settings(**files["kitchen/settings.py"].CHANX):
        await play_in_process([camel], application)


@pytest.mark.django_db(transaction=True)
async def test_the_session_of_the_serializer(load: Load) -> None:
    application = router("ws/crews/", load(PAGE)["kitchen/crews.py"].CrewConsumer)
    await play_in_process(blocks(PAGE, language="text", heading="Payloads of DRF serializers"), application)


def test_what_a_message_may_be(load: Load) -> None:
    messages = load(PAGE)["kitchen/messages.py"]
    codec = Codec({"close_kitchen": messages.CloseKitchen, "place_order": messages.PlaceOrder}, WireFormat())
    assert isinstance(codec.decode('{"action": "close_kitchen"}'), Invoke)
    assert isinstance(
        codec.decode('{"action": "place_order", "payload": {"dish": "Soup", "table_number": 1, "unknown": 1}}'), Invoke
    )

    class Both(BaseMessage):
        action: Literal["pause", "resume"]
        payload: None = None

    assert list(Both.discriminator_values()) == ["pause", "resume"]
    with pytest.raises(MessageDefinitionError):
        type("Wrong", (BaseMessage,), {"__annotations__": {"action": str}, "__module__": __name__})


def test_what_is_refused_at_class_creation(load: Load) -> None:
    messages = load(PAGE)["kitchen/messages.py"]

    class PlaceOrderAgain(BaseMessage):
        action: Literal["place_order"] = "place_order"
        payload: None = None

    consumer_of: Any = AsyncJsonWebsocketConsumer
    for incoming in (messages.PlaceOrder | PlaceOrderAgain, messages.PlaceOrder | int, None):
        with use_registry(Registry()), pytest.raises(ConsumerDefinitionError):
            new_class("Refused", (consumer_of[incoming],))


def test_an_id_of_ones_own_is_pointed_out() -> None:
    class WithId(BaseMessage):
        action: Literal["with_id"] = "with_id"
        id: int = 0
        payload: None = None

    class Consumer(AsyncJsonWebsocketConsumer[WithId]):
        async def receive_message(self, message: WithId, **kwargs: Any) -> None: ...

    fresh = Registry()
    fresh.register(Consumer.spec)
    with use_registry(fresh):
        assert [problem.id for problem in check_consumers(None)] == ["chanx.W003"]
    decision = Codec.of({"with_id": WithId}, WireFormat()).decode('{"action": "with_id", "id": 3}')
    assert isinstance(decision, Invoke)
    assert (decision.message, decision.reply_to) == (WithId(id=3), None)


def test_reserved_actions() -> None:
    class Pong(BaseMessage):
        action: Literal["pong"] = "pong"
        payload: str = ""

    class OwnError(ErrorMessage):
        payload: str

    with use_registry(Registry()):
        with pytest.raises(ConsumerDefinitionError, match="pong"):
            new_class("Refused", (_pinged(),), {}, lambda body: body.update(outgoing_messages=(Pong,)))

        class Allowed(AsyncJsonWebsocketConsumer[PingMessage]):
            outgoing_messages = (OwnError, PongMessage)

    assert Allowed.spec.outgoing_messages == (OwnError, PongMessage)


def _pinged() -> Any:
    return AsyncJsonWebsocketConsumer[PingMessage]


def test_camelize_changes_declared_keys_only() -> None:
    from pydantic import BaseModel, Field

    class Payload(BaseModel):
        table_number: int
        free_seats: dict[str, int]
        chosen: int = Field(alias="my_alias")

    class Count(BaseMessage):
        action: Literal["count"] = "count"
        payload: Payload

    codec = Codec.of({"count": Count}, WireFormat(camelize=True))
    text = '{"action":"count","payload":{"tableNumber":1,"freeSeats":{"first_floor":2},"my_alias":3}}'
    decision = codec.decode(text)
    assert isinstance(decision, Invoke)
    assert codec.encode(decision.message) == text
    assert not isinstance(codec.decode(text.replace("tableNumber", "table_number")), Invoke)


def test_a_base_serves_no_connections(load: Load) -> None:
    files = load(PAGE)
    base, order = files["kitchen/base.py"].StaffConsumer, files["kitchen/messages.py"].PlaceOrder
    assert base.spec.abstract
    with use_registry(Registry()):
        stove: Any = new_class("Stove", (base[order],), {}, lambda body: body.update(receive_message=_ignore))
    assert not stove.spec.abstract
    assert list(stove.spec.messages) == ["place_order"]


async def _ignore(self: Any, message: BaseMessage, **kwargs: Any) -> None: ...
