"""Where pydantic's own generator leaves open what the runtime decides, or says otherwise than it."""

import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, auto
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, Field, NaiveDatetime, PlainSerializer, TypeAdapter, create_model, field_serializer
from pydantic.json_schema import JsonSchemaMode

from chanx.codec import WireFormat
from chanx_asyncapi.describe.generator import Generator
from chanx_asyncapi.validation.formats import FORMATS

T = TypeVar("T")


class Level(IntEnum):
    LOW = 1


class Color(Enum):
    RED = "red"


class Right(Flag):
    READ = auto()
    WRITE = auto()


class Bit(IntFlag):
    ONE = 1


def holder(annotation: Any) -> type[BaseModel]:
    """A model with a value of the type under test."""
    return create_model("Holder", value=(annotation, ...))


def new_generator(*, camelize: bool = False) -> Generator:
    return Generator(WireFormat(camelize=camelize), report=lambda problem: None)


def accepts(annotation: Any, value: Any, mode: JsonSchemaMode = "validation") -> bool:
    """Whether the schema of a field with this annotation allows ``value``."""
    generator = new_generator()
    schema = generator.add(holder(annotation), mode)
    assert generator.complaints == []
    validator = Draft7Validator({**schema, "$defs": generator.definitions}, format_checker=FORMATS)
    return validator.is_valid({"value": value})


def runtime_accepts(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter[Any](annotation).validate_json(json.dumps(value))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (dict[int, str], {"1": "a", "-2": "b"}, {"a": "a"}),
        (dict[Annotated[int, Field(ge=0)], str], {"1": "a"}, {"-1": "a"}),
        (dict[float, str], {"1.5": "a"}, {"a": "a"}),
        (dict[Decimal, str], {"1.5": "a"}, {"a": "a"}),
        (dict[bool, str], {"true": "a"}, {"maybe": "a"}),
        (dict[Level, str], {"1": "a"}, {"2": "a"}),
        (dict[Color, str], {"red": "a"}, {"green": "a"}),
        (dict[date, str], {"2020-02-29": "a"}, {"2021-02-29": "a"}),
        (dict[Annotated[str, Field(pattern="^[a-z]+$")], int], {"a": 1}, {"A": 1}),
        (Decimal, "1.50", "a"),
        (Annotated[Decimal, Field(max_digits=3, decimal_places=2)], "1.50", "1.505"),
        (Right, 3, 4),
        (Right, 0, "READ"),
        (NaiveDatetime, "2020-02-29T12:00:00", None),
    ],
)
def test_the_runtime_and_the_schema_of_what_is_received_agree(annotation: Any, good: Any, bad: Any) -> None:
    assert runtime_accepts(annotation, good)
    assert accepts(annotation, good)
    assert not runtime_accepts(annotation, bad)
    assert not accepts(annotation, bad)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (dict[Level, int], {Level.LOW: 1}),
        (dict[bool, int], {True: 1}),
        (dict[float, int], {1e300: 1, -2.5: 2}),
        (dict[Decimal, int], {Decimal("1E+3"): 1}),
        (Decimal, Decimal("-1.5E-10")),
        (Right, Right.READ | Right.WRITE),
        (Bit, Bit(8)),
        (NaiveDatetime, datetime(2020, 1, 1)),
        (list[int], [1]),
        # pydantic would go on to describe the number.
        (Annotated[int, PlainSerializer(lambda value: f"#{value}")], 1),
    ],
)
def test_what_is_sent_fits(annotation: Any, value: Any) -> None:
    sent = json.loads(TypeAdapter[Any](annotation).dump_json(value))

    assert accepts(annotation, sent, "serialization")


def test_nothing_is_claimed_about_what_a_serializer_without_annotation_makes() -> None:
    class Priced(BaseModel):
        price: int

        @field_serializer("price")
        def _write(self, price: int):  # type: ignore[no-untyped-def]  # that is the case
            return f"{price} €"

    generator = new_generator()
    schema = generator.add(Priced, "serialization")

    validator = Draft7Validator({**schema, "$defs": generator.definitions})
    assert validator.is_valid(Priced(price=1).model_dump(mode="json"))


def test_a_moment_without_time_zone_is_no_date_time() -> None:
    generator = new_generator()
    generator.add(holder(NaiveDatetime), "validation")

    (schema,) = generator.definitions.values()
    assert schema["properties"]["value"] == {"type": "string", "format": "date-time-local"}


def test_a_generic_model_with_arguments_keeps_its_description() -> None:
    class Page(BaseModel, Generic[T]):
        """A page."""

        items: list[T]

    generator = new_generator()
    generator.add(Page[int], "validation")

    assert [schema["description"] for schema in generator.definitions.values()] == ["A page."]


class Cat(BaseModel):
    pet_kind: Literal["cat"]


class Dog(BaseModel):
    pet_kind: Literal["dog"]
    friend: "Annotated[Cat | Dog, Field(discriminator='pet_kind')] | None" = None


def test_a_tagged_union_inside_of_its_alternative_has_its_discriminator_under_the_wire_key() -> None:
    generator = new_generator(camelize=True)
    generator.add(Dog, "validation")
    generator.add(Cat, "validation")

    assert generator.complaints == []
    dog, cat = sorted(generator.definitions.values(), key=lambda schema: schema["title"], reverse=True)
    assert dog["properties"]["friend"]["anyOf"][0]["discriminator"]["propertyName"] == "petKind"
    assert cat["title"] == "Cat"
