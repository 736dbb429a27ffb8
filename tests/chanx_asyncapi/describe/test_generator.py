"""Definitions of many models, each once, with what they say of each other."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.generator import Generator
from chanx_asyncapi.problems import Problem


class Cat(BaseModel):
    pet_kind: Literal["cat"]


class Dog(BaseModel):
    pet_kind: Literal["dog"]
    friend: "Annotated[Cat | Dog, Field(discriminator='pet_kind')] | None" = None


def test_a_tagged_union_inside_of_its_alternative_has_its_discriminator_under_the_wire_key() -> None:
    problems: list[Problem] = []
    generator = Generator(WireFormat(camelize=True), report=problems.append)
    generator.add(Dog, "validation")
    generator.add(Cat, "validation")

    assert problems == []
    dog, cat = sorted(generator.definitions.values(), key=lambda schema: schema["title"], reverse=True)
    assert dog["properties"]["friend"]["anyOf"][0]["discriminator"]["propertyName"] == "petKind"
    assert cat["title"] == "Cat"


def test_a_model_may_be_described_as_in_the_other_direction() -> None:
    class Sent(BaseModel):
        model_config = ConfigDict(json_schema_mode_override="serialization")

        always_there: int = 1

    class Outer(BaseModel):
        inner: Sent
        optional: int = 1

    generator = Generator(WireFormat(), report=lambda problem: None)
    generator.add(Outer, "validation")

    required = {schema["title"]: schema["required"] for schema in generator.definitions.values()}
    assert required == {"Sent": ["always_there"], "Outer": ["inner"]}
