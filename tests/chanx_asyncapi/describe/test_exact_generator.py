"""Where pydantic's own generator leaves open what the runtime decides, or says otherwise than it."""

import dataclasses
import json
import math
import os
import re
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, auto
from typing import Annotated, Any, Generic, TypeVar

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, Field, NaiveDatetime, PlainSerializer, TypeAdapter, create_model, field_serializer
from pydantic.json_schema import JsonSchemaMode

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.generator import Generator
from chanx_asyncapi.validation.formats import FORMATS

T = TypeVar("T")


class Level(IntEnum):
    LOW = 1


class Color(Enum):
    RED = "red"
    BLUE = "blue"
    BLACK = "black"


class Right(Flag):
    READ = auto()
    WRITE = auto()


class Bit(IntFlag):
    ONE = 1


def holder(annotation: Any) -> type[BaseModel]:
    """A model with a value of the type under test."""
    return create_model("Holder", value=(annotation, ...))


def new_generator() -> Generator:
    return Generator(WireFormat(), report=lambda problem: pytest.fail(str(problem)))


def accepts(annotation: Any, value: Any, mode: JsonSchemaMode = "validation") -> bool:
    """Whether the schema of a field with this annotation allows ``value``."""
    generator = new_generator()
    schema = generator.add(holder(annotation), mode)
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
        (dict[float, int], {math.inf: 1}),
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


@dataclasses.dataclass
class Seeded:
    """Takes something that it does not keep."""

    seed: dataclasses.InitVar[int]
    value: int = 0

    def __post_init__(self, seed: int) -> None: ...


class Defaults(BaseModel):
    endless: float = math.inf
    unset: int = None  # type: ignore[assignment]  # that is the case
    maybe: int | None = None
    seeded: Seeded = Seeded(seed=1)


def test_what_a_sent_model_holds_by_default_fits() -> None:
    generator = new_generator()
    schema = generator.add(Defaults, "serialization")

    validator = Draft7Validator({**schema, "$defs": generator.definitions})
    sent = Defaults().model_dump_json()
    assert json.loads(sent)["endless"] is None
    validator.validate(json.loads(sent))
    assert not validator.is_valid({**json.loads(sent), "endless": "a"})


class Tagged(BaseModel):
    tags: set[str] = {"b", "a", "c"}


class Sets(BaseModel):
    colors: frozenset[Color] = frozenset(Color)
    tagged: Tagged = Tagged(tags={"x", "y", "z"})
    nested: dict[str, list[Tagged]] = {"a": [Tagged()]}


def defaults_of_sets() -> str:
    generator = new_generator()
    generator.add(Sets, "validation")
    return json.dumps({str(name): schema for name, schema in generator.definitions.items()})


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_defaults_with_sets_are_the_same_in_each_process(seed: str) -> None:
    code = f"import django; django.setup(); import {__name__} as here; print(here.defaults_of_sets())"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, encoding="utf-8"
    )

    # Classes have other addresses there.
    assert re.sub(r":\d{6,}", "", process.stdout.strip()) == re.sub(r":\d{6,}", "", defaults_of_sets())
