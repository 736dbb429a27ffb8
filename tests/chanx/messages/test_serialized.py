"""Messages whose payload is the data of a DRF serializer, alone and over connections."""

import json
from typing import Annotated, Any, Generic, Literal, TypeVar
from unittest.mock import Mock

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import SynchronousOnlyOperation
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema
from pytest_django import Settings
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from chanx.codec import Codec, Invoke, Reject
from chanx.exceptions import MessageDefinitionError
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.serialized import Serialized, SerializedBy, made_by_serializers, serializer_context
from chanx.utils.settings import override_chanx_settings
from chanx.wire_format import WireFormat
from tests.chanx.support import OpenMixin, connected, exactly


class Point(serializers.Serializer[Any]):
    x_axis = serializers.IntegerField()
    tag = serializers.CharField(required=False, max_length=3)
    token = serializers.CharField(write_only=True, required=False)


class Circle(serializers.Serializer[Any]):
    radius = serializers.IntegerField()


class GroupSerializer(serializers.ModelSerializer[Group]):
    name = serializers.CharField(validators=[UniqueValidator(Group.objects.all())])

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = Group
        fields = ("id", "name")


class Draw(BaseMessage):
    """Draws a point."""

    action: Literal["draw"] = "draw"
    payload: SerializedBy[Point]


class DrawAll(BaseMessage):
    """Draws points."""

    action: Literal["draw_all"] = "draw_all"
    payload: Annotated[Point, Serialized(many=True, max_length=2)]


class Shape(BaseMessage):
    """Draws anything."""

    action: Literal["shape"] = "shape"
    payload: SerializedBy[Circle] | SerializedBy[Point] | None = None


class Move(BaseMessage):
    """Changes something of a point."""

    action: Literal["move"] = "move"
    payload: Annotated[Point, Serialized(partial=True)]


MESSAGES: dict[str, type[BaseMessage]] = {"draw": Draw, "draw_all": DrawAll, "shape": Shape, "move": Move}


def decode(frame: dict[str, Any], wire: WireFormat | None = None) -> Any:
    """The message of a frame, or its errors as (type, loc)."""
    decision = Codec.of(MESSAGES, wire or WireFormat()).decode(json.dumps(frame))
    if isinstance(decision, Invoke):
        return decision.message
    assert isinstance(decision, Reject)
    return [(error.type, error.loc) for error in decision.errors]


def encode(message: BaseMessage, wire: WireFormat | None = None) -> Any:
    return json.loads(Codec.of(MESSAGES, wire or WireFormat()).encode(message))


# -- without a connection --------------------------------------------------------------------------------------


def test_a_received_payload_is_a_valid_serializer() -> None:
    message = decode({"action": "draw", "payload": {"x_axis": "3", "unknown": 1}})
    assert type(message.payload) is Point
    assert message.payload.validated_data == {"x_axis": 3}


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        ({}, [("required", ["draw", "payload", "x_axis"])]),
        (
            {"x_axis": "x", "tag": "long"},
            [("invalid", ["draw", "payload", "x_axis"]), ("max_length", ["draw", "payload", "tag"])],
        ),
        (None, [("null", ["draw", "payload"])]),
        ("text", [("invalid", ["draw", "payload"])]),
        ([], [("invalid", ["draw", "payload"])]),
    ],
)
def test_its_errors_have_places_in_the_frame(payload: Any, errors: Any) -> None:
    assert decode({"action": "draw", "payload": payload}) == errors


def test_a_missing_payload_is_pydantic_s_business() -> None:
    assert decode({"action": "draw"}) == [("missing", ["draw", "payload"])]
    assert decode({"action": "shape"}).payload is None


@override_chanx_settings(MAX_REPORTED_ERRORS=2)
def test_a_bounded_number_of_errors_is_reported(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {"LIST_SERIALIZER_ERRORS_AS_DICT": True}
    assert len(decode({"action": "draw_all", "payload": [{}, {"tag": "long"}]})) == 2


def test_a_list_is_bounded() -> None:
    point = {"x_axis": 1}
    assert [each["x_axis"] for each in decode({"action": "draw_all", "payload": [point]}).payload.validated_data] == [1]
    assert decode({"action": "draw_all", "payload": [point] * 3}) == [("max_length", ["draw_all", "payload"])]
    with pytest.raises(ValidationError, match="no more than 100 elements"):
        TypeAdapter(Annotated[Point, Serialized(many=True)]).validate_python([point] * 101)


def test_a_partial_one() -> None:
    assert decode({"action": "move", "payload": {"tag": "a"}}).payload.validated_data == {"tag": "a"}


def test_alternatives() -> None:
    circle, point = ({"radius": 1}, {"x_axis": 1})
    for payload, kind in ((circle, Circle), (point, Point)):
        message = decode({"action": "shape", "payload": payload})
        assert type(message.payload) is kind
        assert encode(message)["payload"] == payload
    assert decode({"action": "shape", "payload": {}}) == [
        ("required", ["shape", "payload", "function-plain[Circle()]", "radius"]),
        ("required", ["shape", "payload", "function-plain[Point()]", "x_axis"]),
    ]


CAMEL = WireFormat("kind", camelize=True)


def test_camel_case_on_the_wire() -> None:
    message = decode({"kind": "draw", "payload": {"xAxis": 1}}, CAMEL)
    assert message.payload.validated_data == {"x_axis": 1}
    assert encode(message, CAMEL) == {"kind": "draw", "payload": {"xAxis": 1}}
    assert decode({"kind": "draw", "payload": {"x_axis": 1}}, CAMEL) == [("required", ["draw", "payload", "xAxis"])]
    points = DrawAll(payload=Point([{"x_axis": 1, "tag": "a"}], many=True))
    assert encode(points, CAMEL)["payload"] == [{"xAxis": 1, "tag": "a"}]


def test_what_is_sent_is_the_data_of_the_serializer() -> None:
    assert encode(Draw(payload=Point({"x_axis": 1, "tag": "a", "token": "s"})))["payload"] == {
        "x_axis": 1,
        "tag": "a",
    }


def test_a_serializer_that_nobody_has_validated_is_not_sent() -> None:
    with pytest.raises(Exception, match=r"you must call `\.is_valid\(\)`"):
        encode(Draw(payload=Point(data={"x_axis": 1})))


@pytest.mark.parametrize(
    ("message_class", "payload", "name"),
    [
        (Draw, Circle({"radius": 1}), "Point"),
        (Draw, Point([{"x_axis": 1}], many=True), "Point"),
        (DrawAll, Point({"x_axis": 1}), "Point"),
    ],
)
def test_a_serializer_of_another_class_is_refused(message_class: Any, payload: Any, name: str) -> None:
    with pytest.raises(ValidationError, match=f"Input should be an instance of {name}"):
        message_class(payload=payload)


def test_data_in_python_is_validated_like_that_of_a_client() -> None:
    message: Any = Draw.model_validate({"payload": {"x_axis": "1"}})
    assert message.payload.validated_data == {"x_axis": 1}
    with pytest.raises(ValidationError):
        Draw.model_validate({"payload": {"x_axis": "x"}})


def test_made_data_is_kept() -> None:
    with made_by_serializers():
        message = decode({"action": "draw", "payload": {"made": 1}})
    assert message.payload.data == {"made": 1}
    assert encode(message)["payload"] == {"made": 1}


async def test_no_serializer_runs_in_an_event_loop() -> None:
    with pytest.raises(SynchronousOnlyOperation):
        decode({"action": "draw", "payload": {"x_axis": 1}})
    with pytest.raises(Exception, match="SynchronousOnlyOperation"):
        encode(Draw(payload=Point({"x_axis": 1})))


def test_what_is_no_serializer() -> None:
    with pytest.raises(
        MessageDefinitionError,
        match=exactly(
            "<class 'int'>: it is no serializer class.\nWrite for instance: payload: SerializedBy[MessageSerializer]"
        ),
    ):

        class Wrong(BaseMessage):  # pyright: ignore[reportUnusedClass]  # making it fails
            action: Literal["wrong"] = "wrong"
            payload: SerializedBy[int]  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeForm]


AnyShape = TypeVar("AnyShape", Circle, Point)


class Envelope(BaseMessage, Generic[AnyShape]):
    action: Literal["envelope"] = "envelope"
    payload: SerializedBy[AnyShape]


def test_in_a_generic_message() -> None:
    message = Envelope[Point].model_validate({"payload": {"x_axis": 1}})
    assert type(message.payload) is Point
    with pytest.raises(ValidationError):
        Envelope[Circle].model_validate({"payload": {"x_axis": 1}})


def test_pydantic_itself_can_make_a_schema() -> None:
    _, schemas = models_json_schema([(Draw, "validation"), (Draw, "serialization"), (DrawAll, "validation")])
    definitions: Any = schemas["$defs"]
    assert definitions["DrawAll"]["properties"]["payload"]["type"] == "array"
    assert definitions["Draw-Input"]["properties"]["payload"]["type"] == "object"
    assert "payload" in definitions["Draw-Output"]["required"]


# -- over a connection -----------------------------------------------------------------------------------------


class Found(BaseMessage):
    """A group."""

    action: Literal["found"] = "found"
    payload: SerializedBy[GroupSerializer]


class Make(BaseMessage):
    """Makes a group."""

    action: Literal["make"] = "make"
    payload: SerializedBy[GroupSerializer]


class Made(BaseGroupMessage):
    """A group was made."""

    action: Literal["made"] = "made"
    payload: SerializedBy[GroupSerializer]


class MadeElsewhere(BaseChannelEvent):
    """A group was made by a view."""

    handler: Literal["made_elsewhere"] = "made_elsewhere"
    payload: SerializedBy[GroupSerializer]


class Groups(OpenMixin, AsyncJsonWebsocketConsumer[Make | PingMessage, MadeElsewhere, Made]):
    """Makes groups."""

    groups = ["groups"]  # noqa: RUF012 - as Channels has it

    @handler
    async def make(self, message: Make) -> Found:
        """Makes one."""
        await database_sync_to_async(message.payload.save)()
        await self.send_group_message(Made(payload=message.payload))
        return Found(payload=message.payload)

    @handler
    async def made_elsewhere(self, event: MadeElsewhere) -> Found:
        """Passes it on."""
        assert event.payload.data["name"]
        return Found(payload=event.payload)


@pytest.mark.django_db(transaction=True)
async def test_a_serializer_may_use_the_database() -> None:
    maker, other = await connected(Groups), await connected(Groups)
    await maker.send_json_to({"action": "make", "payload": {"name": "cooks"}, "id": 1})
    found = await maker.receive_json_from()
    pk = (await Group.objects.aget(name="cooks")).pk
    assert found == {"action": "found", "payload": {"id": pk, "name": "cooks"}, "reply_to": 1}
    assert await other.receive_json_from() == {
        "action": "made",
        "payload": {"id": pk, "name": "cooks"},
        "is_mine": False,
        "is_current": False,
    }
    await maker.send_json_to({"action": "make", "payload": {"name": "cooks"}, "id": 2})
    assert await maker.receive_json_from() == {
        "action": "error",
        "payload": [{"type": "unique", "loc": ["make", "payload", "name"], "msg": "This field must be unique."}],
        "reply_to": 2,
    }


@pytest.mark.django_db(transaction=True)
async def test_an_event_brings_what_the_serializer_has_made() -> None:
    client = await connected(Groups)
    group = await Group.objects.acreate(name="cooks")
    event = MadeElsewhere(payload=GroupSerializer(group))
    await Groups.asend_channel_event("groups", event)
    await database_sync_to_async(Groups.send_channel_event)("groups", event)
    for _ in range(2):
        assert (await client.receive_json_from())["payload"] == {"id": group.pk, "name": "cooks"}


@override_chanx_settings(CAMELIZE=True)
async def test_made_data_gets_its_camel_case_at_the_member() -> None:
    client = await connected(Points)
    await Points.asend_channel_event("points", Drawn(payload=Point({"x_axis": 1})))
    assert await client.receive_json_from() == {"action": "draw", "payload": {"xAxis": 1}}


class Drawn(BaseChannelEvent):
    handler: Literal["drawn"] = "drawn"
    payload: SerializedBy[Point]


class Contextual(serializers.Serializer[Any]):
    user = serializers.HiddenField(default=serializers.CurrentUserDefault())
    number = serializers.IntegerField()


class Mine(BaseMessage):
    """Has a user."""

    action: Literal["mine"] = "mine"
    payload: SerializedBy[Contextual]


class Breaking(serializers.Serializer[Any]):
    def validate(self, attrs: Any) -> Any:
        raise KeyError("t0p-s3cr3t")


class Break(BaseMessage):
    """Breaks."""

    action: Literal["break"] = "break"
    payload: SerializedBy[Breaking]


class Points(OpenMixin, AsyncJsonWebsocketConsumer[Draw | Mine | Break | PingMessage, Drawn]):
    """Draws points."""

    groups = ["points"]  # noqa: RUF012 - as Channels has it

    @handler
    async def draw(self, message: Draw) -> Draw:
        """Says what it has drawn."""
        return message

    @handler
    async def mine(self, message: Mine) -> None:
        """Looks at the user."""
        self.last = message.payload
        assert isinstance(message.payload.validated_data["user"], AnonymousUser)
        assert message.payload.context["request"] is self.request
        assert message.payload.context["view"] is self.authenticator.view
        await self.close(4999)

    @handler
    async def crash(self, message: Break) -> None:
        """Never gets here."""

    @handler
    async def drawn(self, event: Drawn) -> Draw:
        """Passes it on."""
        return Draw(payload=event.payload)


async def test_the_context_is_that_of_a_view() -> None:
    client = await connected(Points)
    await client.send_json_to({"action": "mine", "payload": {"number": 1}})
    assert (await client.receive_output())["code"] == 4999


async def test_a_serializer_that_crashes_is_a_failure_of_the_server() -> None:
    client = await connected(Points)
    await client.send_json_to({"action": "break", "payload": {}})
    failure = await client.receive_json_from()
    assert failure["payload"]["code"] == "handler_failed"
    assert "t0p-s3cr3t" not in json.dumps(failure)
    await client.send_json_to({"action": "ping"})
    assert (await client.receive_json_from())["action"] == "pong"


async def test_the_test_client_sends_one() -> None:
    client = await connected(Points)
    await client.send_message(Draw(payload=Point({"x_axis": 1})))
    assert await client.receive_json_from() == {"action": "draw", "payload": {"x_axis": 1}}


def test_the_context_is_made_only_for_serializers() -> None:
    make_context = Mock(return_value={"key": 1})
    token = serializer_context.set(make_context)
    try:
        decode({"action": "shape"})
        make_context.assert_not_called()
        assert decode({"action": "draw", "payload": {"x_axis": 1}}).payload.context == {"key": 1}
    finally:
        serializer_context.reset(token)


class Nested(BaseModel):
    shape: Annotated[dict[str, list[SerializedBy[Point]]], "inside of something else"]


class WithNested(BaseMessage):
    action: Literal["with_nested"] = "with_nested"
    payload: list[Nested] | None = None


class Numbers(BaseMessage):
    action: Literal["numbers"] = "numbers"
    payload: list[int]


@pytest.mark.parametrize(("message", "expected"), [(DrawAll, True), (WithNested, True), (Numbers, False)])
def test_a_codec_knows_whether_a_serializer_validates_any_of_its_messages(message: Any, expected: bool) -> None:
    assert Codec.of({"message": message}, WireFormat()).validates_serializers is expected
