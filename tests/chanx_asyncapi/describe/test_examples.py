"""Examples are frames that could travel, whoever has thought of them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar, cast

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FutureDatetime,
    Json,
    SecretStr,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import to_json

from chanx.codec import Codec, Invoke
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import (
    AuthenticationMessage,
    CompleteMessage,
    ErrorMessage,
    GroupCompleteMessage,
    PongMessage,
)
from chanx.utils.settings import override_chanx_settings
from chanx.wire_format import WireFormat
from chanx_asyncapi import asyncapi
from chanx_asyncapi.describe import describe
from chanx_asyncapi.describe.conversations import Direction, Frame
from chanx_asyncapi.describe.schemas import Schemas, describe_schemas
from chanx_asyncapi.instances import Instances
from chanx_asyncapi.problems import Problem
from chanx_asyncapi.spec import MessageExample
from chanx_asyncapi.validation.values import validator
from tests.chanx_asyncapi.describe import torture
from tests.chanx_asyncapi.describe.support import payload_validator
from tests.conftest import Golden

PLAIN = WireFormat()
CAMEL = WireFormat("type", camelize=True)
HERE = __name__

T = TypeVar("T")


def described(message: type[BaseMessage], direction: Direction, wire: WireFormat = PLAIN) -> Schemas:
    return describe_schemas([Frame(message, direction)], wire)


def examples(
    message: type[BaseMessage], direction: Direction = "received", wire: WireFormat = PLAIN
) -> tuple[MessageExample, ...]:
    """The examples of a message without problems; each fits its schema, and the runtime."""
    found = described(message, direction, wire)
    assert found.problems == ()
    (schema,) = found.frames.values()
    document = {
        "components": {"messages": {"it": {"payload": found.components[schema.key]}}, "schemas": found.components}
    }
    for example in schema.examples:
        assert payload_validator(document, "it").is_valid(example.payload)
        if direction == "received":
            codec = Codec(dict.fromkeys(message.discriminator_values(), message), wire)
            assert isinstance(codec.decode(to_json(example.payload).decode()), Invoke)
    return schema.examples


def payloads(message: type[BaseMessage], direction: Direction = "received", wire: WireFormat = PLAIN) -> list[Any]:
    return [example.payload for example in examples(message, direction, wire)]


def complaints(problems: Iterable[Problem]) -> list[str]:
    return [str(problem).partition("] ")[2] for problem in problems]


class Item(BaseModel):
    item_name: str
    how_many: int = 1
    color: Literal["red", "blue"] = "red"

    @computed_field
    def total(self) -> int:
        return self.how_many * 2


class Add(BaseMessage):
    action: Literal["add"] = "add"
    payload: Item


# -- made ----------------------------------------------------------------------------------------------------


def test_a_message_without_examples_gets_one() -> None:
    assert examples(Add) == (
        MessageExample(
            name="example-1",
            summary="Made from the schema.",
            payload={"action": "add", "payload": {"item_name": "item name", "how_many": 1, "color": "red"}},
        ),
    )


def test_what_the_server_sends_has_its_computed_fields() -> None:
    class Added(BaseMessage):
        action: Literal["added"] = "added"
        payload: Item = Field(examples=[{"item_name": "Soup", "how_many": 3}])

    assert payloads(Added, "sent") == [
        {"action": "added", "payload": {"item_name": "Soup", "how_many": 3, "color": "red", "total": 6}}
    ]


def test_the_keys_are_those_of_the_wire() -> None:
    assert payloads(Add, "received", wire=CAMEL) == [
        {"type": "add", "payload": {"itemName": "item name", "howMany": 1, "color": "red"}}
    ]
    assert payloads(Add, "sent", wire=CAMEL) == [
        {"type": "add", "payload": {"itemName": "item name", "howMany": 1, "color": "red", "total": 2}}
    ]


def test_the_envelope_is_left_out() -> None:
    class Closed(BaseMessage):
        model_config = ConfigDict(extra="forbid")

        action: Literal["closed"] = "closed"
        payload: None = None

    frames = [Frame(Closed, "received"), Frame(Closed, "sent")]
    found = describe_schemas(frames, PLAIN, relayed=frames).frames

    assert [found[frame].examples[0].payload for frame in frames] == [
        {"action": "closed"},
        {"action": "closed", "payload": None},
    ]


def test_a_key_of_its_own_is_no_envelope() -> None:
    class Own(BaseMessage):
        action: Literal["own"] = "own"
        id: int
        payload: None = None

    assert payloads(Own) == [{"action": "own", "id": 1}]


def test_group_messages_say_whose_they_are() -> None:
    class Said(BaseGroupMessage):
        action: Literal["said"] = "said"
        payload: str

    assert payloads(Said, "sent") == [{"action": "said", "payload": "payload", "is_mine": False, "is_current": False}]


def test_examples_of_fields_and_of_models_make_up_the_message() -> None:
    class Line(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"dish": "Soup", "count": 2}]})

        dish: str
        count: int

    class Order(BaseModel):
        table: int = Field(examples=[7])
        lines: list[Line]
        note: str = "No salt."

    class Place(BaseMessage):
        action: Literal["place"] = "place"
        payload: Order

    assert payloads(Place) == [
        {"action": "place", "payload": {"table": 7, "lines": [{"dish": "Soup", "count": 2}], "note": "No salt."}}
    ]


def test_each_alternative_of_a_payload_is_shown() -> None:
    class Circle(BaseModel):
        radius: float

    class Draw(BaseMessage):
        action: Literal["draw"] = "draw"
        payload: Circle | list[int] | list[str] | None

    assert [(each.name, each.summary, each.payload["payload"]) for each in examples(Draw)] == [
        ("example-1", "Made from the schema, with Circle as its payload.", {"radius": 1.5}),
        ("example-2", "Made from the schema, with array as its payload.", [1]),
        ("example-3", "Made from the schema, with array as its payload.", ["payload"]),
    ]


# -- validators and serializers of the user's ----------------------------------------------------------------


def test_what_a_validator_refuses_is_left_out() -> None:
    class Booking(BaseModel):
        room: str
        code: str = ""

        @field_validator("code")
        @classmethod
        def _check(cls, code: str) -> str:
            if code != "4711":
                raise ValueError("wrong code")
            return code

    class Book(BaseMessage):
        action: Literal["book"] = "book"
        payload: Booking

    assert payloads(Book) == [{"action": "book", "payload": {"room": "room"}}]
    assert payloads(Book, "sent") == [{"action": "book", "payload": {"room": "room", "code": ""}}]


@pytest.mark.parametrize("error", [ValueError("no"), RuntimeError("no"), KeyError("no"), RecursionError()])
@pytest.mark.parametrize("direction", ["received", "sent"])
def test_a_message_that_accepts_nothing_has_no_example(direction: Direction, error: Exception) -> None:
    calls: list[Any] = []

    class Never(BaseMessage):
        action: Literal["never"] = "never"
        payload: int = 0

        @model_validator(mode="before")
        @classmethod
        def _refuse(cls, data: Any) -> Any:
            calls.append(data)
            raise error

    assert payloads(Never, direction) == []
    assert 0 < len(calls) <= 8


class Hard(BaseMessage, Generic[T]):
    action: Literal["hard"] = "hard"
    payload: T


@pytest.mark.parametrize(
    "annotation",
    [FutureDatetime, complex, Json[list[int]]],
)
def test_what_cannot_be_made_is_left_out_silently(annotation: Any) -> None:
    message = cast("Any", Hard)[annotation]

    assert payloads(message) == []
    assert payloads(message, "sent") == []


def test_what_is_written_but_not_read_is_written_by_the_class() -> None:
    class Account(BaseModel):
        model_config = ConfigDict(extra="forbid")

        balance: Decimal = Field(validation_alias="amount", serialization_alias="balanceOut")
        opened: datetime
        password: SecretStr = Field(exclude=True)

        @field_serializer("opened")
        def _write(self, opened: datetime) -> int:
            return opened.year

        @computed_field
        def doubled(self) -> Decimal:
            return self.balance * 2

    class Show(BaseMessage):
        action: Literal["show"] = "show"
        payload: Account

    assert payloads(Show, "sent") == [
        {"action": "show", "payload": {"balanceOut": "1.5", "opened": 2025, "doubled": "3.0"}}
    ]


def test_a_serializer_that_hides_the_action_has_no_example() -> None:
    class Hidden(BaseMessage):
        action: Literal["hidden"] = "hidden"
        payload: int = 0

        @model_serializer
        def _write(self) -> dict[str, int]:
            return {}

    found = described(Hidden, "sent")

    assert [schema.examples for schema in found.frames.values()] == [()]


def test_data_that_tools_misunderstand_is_not_shown() -> None:
    class Link(BaseModel):
        target: str = Field(alias="$ref")

    class Follow(BaseMessage):
        action: Literal["follow"] = "follow"
        payload: Link

    assert payloads(Follow, "sent") == []


# -- declared ------------------------------------------------------------------------------------------------


class Shown(BaseMessage):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "shown", "payload": {"item_name": "a"}},
                {"action": "shown", "payload": {"itemName": "b"}},
                {"action": "shown", "payload": {"how_many": 1}},
            ]
        }
    )

    action: Literal["shown"] = "shown"
    payload: Item


def test_declared_examples_are_frames_and_wrong_ones_are_reported() -> None:
    both = [Frame(Shown, "received"), Frame(Shown, "sent")]
    found = describe_schemas(both, PLAIN)

    assert [[each.payload for each in found.frames[frame].examples] for frame in both] == [
        [{"action": "shown", "payload": {"item_name": "a"}}],
        [{"action": "shown", "payload": {"item_name": "a", "how_many": 1, "color": "red", "total": 2}}],
    ]
    assert {each.summary for frame in both for each in found.frames[frame].examples} == {
        "Given by the authors of the service."
    }
    assert all("examples" not in schema for schema in found.components.values())
    assert str(found.problems[0]) == (
        f"asyncapi.W008 [{HERE}.Shown > examples] a declared example is no valid message: "
        "payload.item_name: Field required. Correct it in json_schema_extra, or in @asyncapi(examples=[…])."
    )
    assert len(found.problems) == 4


def test_declared_examples_may_be_written_in_either_casing() -> None:
    found = described(Shown, "received", WireFormat(camelize=True))

    assert [each.payload for each in found.frames[Frame(Shown, "received")].examples] == [
        {"action": "shown", "payload": {"itemName": "a", "howMany": 1, "color": "red"}},
        {"action": "shown", "payload": {"itemName": "b"}},
    ]


def test_names_of_python_are_seen_where_nothing_is_required() -> None:
    class Filter(BaseModel):
        at_most: int = 10
        only_new: bool = False

    class Find(BaseMessage):
        model_config = ConfigDict(json_schema_extra={"examples": [{"action": "find", "payload": {"at_most": 5}}]})

        action: Literal["find"] = "find"
        payload: Filter = Filter()

    assert payloads(Find, "received", wire=CAMEL) == [{"type": "find", "payload": {"atMost": 5, "onlyNew": False}}]


def test_a_declared_example_must_fit_the_schema_too() -> None:
    class Loose(BaseMessage):
        model_config = ConfigDict(json_schema_extra={"examples": [{"payload": 1}, {"action": "loose", "payload": "1"}]})

        action: Literal["loose"] = "loose"
        payload: int

    found = described(Loose, "received")

    assert complaints(found.problems) == [
        "a declared example is no valid message: 'action' is a required property. "
        "Correct it in json_schema_extra, or in @asyncapi(examples=[…]).",
        "a declared example is no valid message: payload: '1' is not of type 'integer'. "
        "Correct it in json_schema_extra, or in @asyncapi(examples=[…]).",
    ]
    (schema,) = found.frames.values()
    assert [each.summary for each in schema.examples] == ["Made from the schema."]


def test_a_declared_example_may_have_an_envelope() -> None:
    class Closed(BaseMessage):
        model_config = ConfigDict(
            extra="forbid",
            json_schema_extra={"examples": [{"action": "closed", "id": 7}, {"action": "closed", "reply_to": 7}]},
        )

        action: Literal["closed"] = "closed"
        payload: None = None

    received, sent = described(Closed, "received"), described(Closed, "sent")

    assert [each.payload for schema in received.frames.values() for each in schema.examples] == [
        {"action": "closed", "id": 7}
    ]
    assert [each.payload for schema in sent.frames.values() for each in schema.examples] == [
        {"action": "closed", "payload": None, "reply_to": 7}
    ]


def test_what_only_the_server_writes_may_be_declared() -> None:
    class Account(BaseModel):
        balance: Decimal = Field(validation_alias="amount", serialization_alias="balance")

    class Show(BaseMessage):
        model_config = ConfigDict(json_schema_extra={"examples": [{"action": "show", "payload": {"balance": "2.50"}}]})

        action: Literal["show"] = "show"
        payload: Account

    assert payloads(Show, "sent") == [{"action": "show", "payload": {"balance": "2.50"}}]


def test_declared_examples_may_have_names() -> None:
    class Named(BaseMessage):
        model_config = ConfigDict(
            json_schema_extra={
                "examples": {
                    "short": {
                        "summary": "Nothing but a name.",
                        "value": {"action": "named", "payload": {"item_name": "a"}},
                    },
                    "bare": {"value": {"action": "named", "payload": {"item_name": "b"}}},
                }
            }
        )

        action: Literal["named"] = "named"
        payload: Item

    assert [(each.name, each.summary, each.payload["payload"]["item_name"]) for each in examples(Named)] == [
        ("short", "Nothing but a name.", "a"),
        ("bare", "Given by the authors of the service.", "b"),
    ]


def test_a_message_may_be_an_example() -> None:
    class Note(BaseModel):
        text: str
        written_at: datetime

    @asyncapi(examples=[])
    class Write(BaseMessage):
        action: Literal["write"] = "write"
        payload: Note

    message = Write(payload=Note(text="Hello", written_at=datetime(2025, 1, 31, tzinfo=UTC)))
    assert payloads(Write) == []

    asyncapi(examples=[message, message.model_dump()])(Write)

    frame = {"action": "write", "payload": {"text": "Hello", "written_at": "2025-01-31T00:00:00Z"}}
    assert payloads(Write) == [frame, frame]
    assert payloads(Write, "sent") == [frame, frame]


def test_examples_of_the_decorator_may_have_names() -> None:
    frame = {"action": "serve", "payload": {"item_name": "Soup"}}

    @asyncapi(examples={"soup": {"summary": "Just soup.", "value": frame}})
    class Serve(BaseMessage):
        action: Literal["serve"] = "serve"
        payload: Item

    assert [(each.name, each.summary, each.payload) for each in examples(Serve)] == [("soup", "Just soup.", frame)]


@pytest.mark.parametrize(
    "example", [1, None, "text", [], {"action": "shown", "payload": float("nan")}, {"action": "\ud800"}]
)
def test_anything_may_be_declared(example: Any) -> None:
    @asyncapi(examples=[example])
    class Odd(BaseMessage):
        action: Literal["odd"] = "odd"
        payload: Item

    for direction in ("received", "sent"):
        found = describe_schemas([Frame(Odd, direction)], PLAIN)
        assert [str(problem.code) for problem in found.problems] == ["asyncapi.W008"]
        (schema,) = found.frames.values()
        assert [each.summary for each in schema.examples] == ["Made from the schema."]


# -- chanx's own messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", [PLAIN, CAMEL])
def test_system_frames_have_telling_examples(wire: WireFormat) -> None:
    found = {
        message: {each.name: each.payload for each in examples(message, "sent", wire)}
        for message in (AuthenticationMessage, ErrorMessage, PongMessage, CompleteMessage, GroupCompleteMessage)
    }

    action, status, error_id = (
        ("action", "status_code", "error_id") if wire == PLAIN else ("type", "statusCode", "errorId")
    )
    assert found[PongMessage] == {"example-1": {action: "pong", "payload": None}}
    assert found[CompleteMessage] == {"example-1": {action: "complete", "payload": None}}
    assert found[GroupCompleteMessage] == {"example-1": {action: "group_complete", "payload": None}}
    assert {name: each["payload"][status] for name, each in found[AuthenticationMessage].items()} == {
        "accepted": 200,
        "refused": 401,
    }
    assert list(found[ErrorMessage]) == ["refused", "failed", "throttled"]
    assert found[ErrorMessage]["refused"]["payload"][0]["type"] == "missing"
    assert error_id in found[ErrorMessage]["failed"]["payload"]
    assert payloads(PingMessage, "received", wire=wire) == [{action: "ping"}]


# -- whole services ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chanx", [{}, {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type"}])
def test_a_service_of_every_shape_has_examples_of_nearly_every_message(chanx: dict[str, Any]) -> None:
    with override_chanx_settings(**chanx):
        document = describe(torture.application()).document.to_wire()
    messages = document["components"]["messages"]

    shown = {key: message["examples"] for key, message in messages.items() if "examples" in message}
    assert len(shown) > 0.9 * len(messages) > 100
    for key, found in shown.items():
        judge = validator(messages[key]["payload"], document)
        for example in found:
            assert example["name"]
            assert example["summary"]
            assert [error.message for error in judge.iter_errors(example["payload"])] == [], key


@pytest.mark.parametrize("options", [{}, {"optional": False}, {"author": False}])
@pytest.mark.parametrize("origin", ["golden", "torture"])
def test_every_schema_of_a_document_has_an_instance(origin: str, options: dict[str, bool]) -> None:
    if origin == "golden":
        document: dict[str, Any] = json.loads((Golden.folder / "asyncapi.json").read_text())
    else:
        document = describe(torture.application()).document.to_wire()
    instances = Instances(document)

    for key, schema in document["components"]["schemas"].items():
        made = instances.make(schema, key, **options)
        assert [error.message for error in validator(schema, document).iter_errors(made)] == [], key
        assert instances.make(schema, key, **options) == made
