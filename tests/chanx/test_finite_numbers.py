"""No text becomes a number that no frame can hold."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic_core import SchemaValidator

from chanx.codec import Codec, Invoke, Reject
from chanx.finite_numbers import finite
from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat


class Tree(BaseModel):
    weight: float = 0
    children: list["Tree"] = []


@dataclass
class Point:
    x: float


class Data(BaseModel):
    plain: float = 0
    maybe: float | None = None
    number: int | float = 0
    price: Decimal = Decimal(0)
    tree: Tree | None = None
    points: list[Point] = []
    by_name: dict[str, float] = {}
    limited: Annotated[float, Field(ge=0)] = 0
    infinite: Annotated[float, Field(allow_inf_nan=True)] = 0


class Loose(BaseModel):
    model_config = ConfigDict(allow_inf_nan=True)

    any: float = 0


class Measured(BaseMessage):
    action: Literal["measured"] = "measured"
    payload: Data = Data()
    loose: Loose = Loose()


class Text(BaseMessage):
    action: Literal["text"] = "text"
    payload: str


ODD = ["nan", "NaN", "inf", "-inf", "Infinity", "1e999"]


def decode(payload: dict[str, Any], **other: Any) -> Any:
    codec = Codec.of({"measured": Measured}, WireFormat())
    return codec.decode(json.dumps({"action": "measured", "payload": payload, **other}))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "payload",
    [
        {"plain": "ODD"},
        {"maybe": "ODD"},
        {"number": "ODD"},
        {"tree": {"children": [{"weight": "ODD"}]}},
        {"points": [{"x": "ODD"}]},
        {"by_name": {"a": "ODD"}},
        {"limited": "ODD"},
    ],
    ids=["plain", "optional", "union", "recursive", "dataclass", "map", "limited"],
)
def test_case_12_a_text_that_is_no_number(payload: dict[str, Any], odd: str) -> None:
    decision = decode(json.loads(json.dumps(payload).replace("ODD", odd)))
    assert isinstance(decision, Reject)
    assert "finite_number" in {error.type for error in decision.errors}


@pytest.mark.parametrize("odd", ODD[2:])
def test_who_asks_for_infinities_gets_them(odd: str) -> None:
    assert isinstance(decode({"infinite": odd}), Invoke)
    assert isinstance(decode({}, loose={"any": odd}), Invoke)


def test_texts_of_numbers_are_numbers() -> None:
    decision = decode({"plain": "1.5", "price": "12.50"})
    assert decision.message.payload.plain == 1.5


def test_long_frames_are_no_exception() -> None:
    decision = decode({"plain": "1e999", "by_name": {str(number): 1 for number in range(3000)}})
    assert isinstance(decision, Reject)


def test_a_schema_without_numbers_stays_what_it_is() -> None:
    schema: Any = TypeAdapter(Text).core_schema
    assert finite(schema) is schema


@pytest.mark.parametrize("name", ["members", "default", "expected", "metadata", "config", "ref", "type", "keys_schema"])
def test_a_field_may_be_called_as_pydantic_calls_its_own_things(name: str) -> None:
    model = create_model("Odd", **{name: (list[float], ...)})  # type: ignore[call-overload]  # names unknown to it
    validator = SchemaValidator(finite(TypeAdapter[Any](model).core_schema), None, False)
    validator.validate_json(json.dumps({name: ["1.5"]}))
    with pytest.raises(ValidationError, match="finite"):
        validator.validate_json(json.dumps({name: ["1e999"]}))
