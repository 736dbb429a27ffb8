"""Unions: told apart by a tag, by a function, by nothing, in each other, in themselves, and under aliases."""

from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Discriminator, Field, RootModel, Tag

from tests.chanx_asyncapi.describe.torture.exchange import exchanges

CONSUMERS, exchange = exchanges(__name__)

T = TypeVar("T")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "puppy"] = "dog"
    friend: "Pet | None" = None


Pet = Annotated[Cat | Dog, Field(discriminator="kind", description="A pet.")]
Dog.model_rebuild()


class Black(BaseModel):
    family: Literal["bear"]
    color: Literal["black"]


class White(BaseModel):
    family: Literal["bear"]
    color: Literal["white"]
    temperature: float = -10.0


class Shark(BaseModel):
    family: Literal["shark"]


Wild = Annotated[Annotated[Black | White, Field(discriminator="color")] | Shark, Field(discriminator="family")]


class Shape(StrEnum):
    CIRCLE = "circle"
    SQUARE = "square"


class Circle(BaseModel):
    shape: Literal[Shape.CIRCLE]
    radius: float


class Square(BaseModel):
    shape: Literal[Shape.SQUARE]
    side: float


class Small(BaseModel):
    size: Literal[1] = 1


class Big(BaseModel):
    size: Literal[2, 3] = 2


class Camel(BaseModel):
    event_kind: Literal["camel"] = Field(default="camel", alias="eventKind")


class Horse(BaseModel):
    event_kind: Literal["horse"] = Field(default="horse", alias="eventKind")


class Leaf(BaseModel):
    value: int


class Branch(BaseModel):
    left: "Node"
    right: "Node"


def what(value: Any) -> str:
    """The tag of a value: a dictionary from the wire, or an instance."""
    is_branch = "left" in value if isinstance(value, dict) else isinstance(value, Branch)
    return "branch" if is_branch else "leaf"


Node = Annotated[Annotated[Leaf, Tag("leaf")] | Annotated[Branch, Tag("branch")], Discriminator(what)]
Branch.model_rebuild()


class Success(BaseModel, Generic[T]):
    ok: Literal[True] = True
    value: T


class Failure(BaseModel):
    ok: Literal[False] = False
    reason: str


class Result(RootModel[Success[Cat] | Success[int] | Failure]):
    """Told apart by a boolean, which no discriminator can be."""


class Zoo(BaseModel):
    favourite: Pet | None = None
    pets: list[Pet] = []
    by_name: dict[str, Pet] = {}
    pair: tuple[Pet, Wild] | None = None
    first: Pet = Cat()


exchange("Tagged", tuple[Pet, list[Pet], dict[str, Pet], Pet | None])
exchange("TaggedTwice", Wild)
exchange("TaggedByEnum", Annotated[Circle | Square, Field(discriminator="shape")])
exchange("TaggedByNumber", Annotated[Small | Big, Field(discriminator="size")])
exchange("TaggedUnderAlias", Annotated[Camel | Horse, Field(discriminator="event_kind")])
exchange("TaggedByFunction", Node)
exchange("TaggedByBoolean", Result)
exchange("TaggedInModel", Zoo)
exchange("Untagged", Cat | Leaf | list[Leaf] | int | None)
exchange("Overlapping", Annotated[Leaf | dict[str, int] | Any, Field(union_mode="left_to_right")])
