"""Examples in the schemas of components are right, or not there."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_serializer, field_validator

from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Direction, Frame
from chanx_asyncapi.describe.schemas import Schemas, describe_schemas
from tests.chanx_asyncapi.describe.support import subschemas

PLAIN = WireFormat()
CAMEL = WireFormat(camelize=True)
HERE = __name__


class Line(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"dish_name": "Soup", "how_many": 2}]})

    dish_name: str = Field(examples=["Salad"])
    how_many: int = 1

    @computed_field
    def total(self) -> int:
        return self.how_many * 3


class Order(BaseMessage):
    action: Literal["order"] = "order"
    payload: list[Line]


def described(message: type[BaseMessage], *directions: Direction, wire: WireFormat = PLAIN) -> Schemas:
    return describe_schemas([Frame(message, direction) for direction in directions], wire)


def shown(found: Schemas) -> list[Any]:
    """Every list of examples in the components, in their order."""
    return [part["examples"] for part in subschemas(dict(found.components)) if isinstance(part.get("examples"), list)]


def test_examples_of_models_are_as_they_travel() -> None:
    found = described(Order, "received", "sent")

    assert found.problems == ()
    assert found.components[f"{HERE}.Line"]["examples"] == [{"dish_name": "Soup", "how_many": 2}]
    assert found.components[f"{HERE}.Line-sent"]["examples"] == [{"dish_name": "Soup", "how_many": 2, "total": 6}]
    assert [schema.examples[0].payload for schema in found.frames.values()] == [
        {"action": "order", "payload": [{"dish_name": "Soup", "how_many": 2}]},
        {"action": "order", "payload": [{"dish_name": "Soup", "how_many": 2, "total": 6}]},
    ]


def test_their_keys_are_those_of_the_wire() -> None:
    found = described(Order, "received", "sent", wire=CAMEL)

    assert found.problems == ()
    assert found.components[f"{HERE}.Line"]["examples"] == [{"dishName": "Soup", "howMany": 2}]
    assert found.components[f"{HERE}.Line-sent"]["examples"] == [{"dishName": "Soup", "howMany": 2, "total": 6}]


def test_examples_of_fields_stay() -> None:
    found = described(Order, "received")

    assert found.components[f"{HERE}.Line"]["properties"]["dish_name"]["examples"] == ["Salad"]


def test_wrong_examples_are_reported_where_they_are_and_left_out() -> None:
    class Wrong(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"size": 0}, {"size": 3}]})

        size: int = Field(ge=1, examples=[-1, 2])
        names: list[Annotated[str, Field(examples=[1])]] = []

    class Send(BaseMessage):
        action: Literal["send"] = "send"
        payload: Wrong = Field(examples=["none"])

    found = described(Send, "received")

    here = f"{HERE}.test_wrong_examples_are_reported_where_they_are_and_left_out"
    assert {(problem.where, problem.text.partition(": ")[2]) for problem in found.problems} == {
        ((f"{here}.Send", "payload", "examples"), "'none' is not of type 'object'."),
        ((f"{here}.Send", f"{here}.Wrong", "examples"), "size: Input should be greater than or equal to 1."),
        ((f"{here}.Send", f"{here}.Wrong", "names", "Item", "examples"), "1 is not of type 'string'."),
        ((f"{here}.Send", f"{here}.Wrong", "size", "examples"), "-1 is less than the minimum of 1."),
    }
    assert str(found.problems[-1]).startswith("asyncapi.W008 [")
    assert sorted(shown(found), key=str) == [[2], [{"size": 3}]]
    (schema,) = found.frames.values()
    assert schema.examples[0].payload == {"action": "send", "payload": {"size": 3}}


def test_an_example_of_a_field_may_be_right_for_the_other_direction() -> None:
    class Day(BaseModel):
        day: date = Field(examples=["2025-01-31"])

        @field_serializer("day")
        def _write(self, day: date) -> int:
            return day.year

    class Tell(BaseMessage):
        action: Literal["tell"] = "tell"
        payload: Day

    found = described(Tell, "received", "sent")

    assert found.problems == ()
    assert shown(found) == [["2025-01-31"]]
    assert [schema.examples[0].payload["payload"] for schema in found.frames.values()] == [
        {"day": "2025-01-31"},
        {"day": 2025},
    ]


def test_an_example_that_a_validator_refuses_is_wrong() -> None:
    class Code(RootModel[str]):
        model_config = ConfigDict(json_schema_extra={"examples": ["abc"]})

        @field_validator("root")
        @classmethod
        def _check(cls, code: str) -> str:
            raise ValueError("no code is right")

    class Send(BaseMessage):
        action: Literal["send"] = "send"
        payload: Code

    found = described(Send, "received")

    assert [problem.text for problem in found.problems] == [
        "a declared example is no such value: Value error, no code is right."
    ]
    assert shown(found) == []
    assert [schema.examples for schema in found.frames.values()] == [()]


@pytest.mark.parametrize(
    "extra",
    [
        {"example": 5},
        {"examples": [5]},
        {"examples": {"five": {"value": 5}}},
        {"examples": {"five": {"summary": "Five.", "value": 5}}},
        {"examples": 5},
        {"examples": [5], "example": 6},
    ],
)
def test_examples_are_a_list_in_whatever_form_they_are_given(extra: dict[str, Any]) -> None:
    class Send(BaseMessage):
        action: Literal["send"] = "send"
        payload: int = Field(json_schema_extra=extra)

    found = described(Send, "received")

    assert found.problems == ()
    (schema,) = found.frames.values()
    assert shown(found) == [[5]]
    assert "example" not in found.components[schema.key]["properties"]["payload"]
    assert [each.payload for each in schema.examples] == [{"action": "send", "payload": 5}]
