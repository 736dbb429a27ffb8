"""Values of models as they are on the wire."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Direction
from chanx_asyncapi.describe.wire_values import WireValues

PLAIN = WireFormat()
CAMEL = WireFormat(camelize=True)


class Stay(BaseModel):
    model_config = ConfigDict(extra="forbid")

    guest_name: str
    room_number: int = 1
    comes_at: datetime = datetime(2025, 1, 31, tzinfo=UTC)

    @computed_field
    def doubled(self) -> int:
        return self.room_number * 2


class Filter(BaseModel):
    at_most: int = 10
    named: str = Field(default="", alias="called")


WRITTEN = {"guest_name": "Ada", "room_number": 3, "comes_at": "2025-01-31T00:00:00Z"}


@pytest.mark.parametrize(
    ("value", "direction", "expected"),
    [
        ({"guest_name": "Ada"}, "received", {"guest_name": "Ada"}),
        ({"guest_name": "Ada", "room_number": 3}, "sent", WRITTEN | {"doubled": 6}),
        (Stay(guest_name="Ada", room_number=3), "received", WRITTEN),
        (Stay(guest_name="Ada", room_number=3), "sent", WRITTEN | {"doubled": 6}),
        (
            {"guest_name": "Ada", "comes_at": datetime(2025, 1, 31, tzinfo=UTC)},
            "received",
            {"guest_name": "Ada", "comes_at": "2025-01-31T00:00:00Z"},
        ),
    ],
)
def test_what_travels_for_a_value(value: Any, direction: Direction, expected: Any) -> None:
    assert WireValues(PLAIN).on_wire(Stay, value, direction) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"atMost": 5}, {"atMost": 5}),
        ({"at_most": 5}, {"atMost": 5, "called": ""}),
        ({"called": "x"}, {"called": "x"}),
        ({}, {}),
    ],
)
def test_names_of_python_become_wire_keys_even_where_nothing_is_required(value: Any, expected: Any) -> None:
    assert WireValues(CAMEL).on_wire(Filter, value, "received") == expected


def test_keys_are_those_of_the_wire_where_it_has_others() -> None:
    assert WireValues(CAMEL).on_wire(Stay, {"guest_name": "Ada"}, "sent") == {
        "guestName": "Ada",
        "roomNumber": 1,
        "comesAt": "2025-01-31T00:00:00Z",
        "doubled": 2,
    }


@pytest.mark.parametrize("wire", [PLAIN, CAMEL])
@pytest.mark.parametrize("value", [{"guest": "Ada"}, None, [1]])
def test_what_the_model_refuses_is_refused(value: Any, wire: WireFormat) -> None:
    with pytest.raises(ValidationError):
        WireValues(wire).on_wire(Stay, value, "received")
