"""Models of every kind, one exchange for each: how they are composed, named, checked and written."""

import dataclasses
from abc import ABC
from collections.abc import Callable
from dataclasses import InitVar, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, NotRequired, Required

import pydantic.dataclasses
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    RootModel,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapSerializer,
    WrapValidator,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
    with_config,
)
from pydantic.alias_generators import to_camel, to_pascal
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import MISSING, core_schema
from typing_extensions import TypeAliasType, TypedDict, TypeVar, deprecated

from tests.chanx_asyncapi.describe.torture.exchange import exchanges

CONSUMERS, exchange = exchanges(__name__)

T = TypeVar("T")
K = TypeVar("K", bound=int | str)
D = TypeVar("D", default=int)


class Color(Enum):
    RED = "red"
    BLUE = "blue"


# -- recursive and generic -----------------------------------------------------------------------------------


class Tree(BaseModel):
    """Holds itself."""

    children: "list[Tree]" = []
    parent: "Tree | None" = None
    by_name: "dict[str, Tree]" = {}


class Even(BaseModel):
    """Holds another one that holds it."""

    odd: "Odd | None" = None


class Odd(BaseModel):
    even: Even


class Page(BaseModel, Generic[T]):
    """A generic model that is recursive as well."""

    items: list[T]
    next_page: "Page[T] | None" = None


class Pair(BaseModel, Generic[K, T]):
    key: K
    value: T


class Defaulted(BaseModel, Generic[D]):
    value: D


class Number(Defaulted[int]):
    """A subclass of a generic model."""

    total: int = 0


Recursive = TypeAliasType("Recursive", "dict[str, Recursive] | list[Recursive] | str | float | bool | None")
Twice = TypeAliasType("Twice", tuple[T, T], type_params=(T,))

exchange("Trees", Tree)
exchange("EvenOrOdd", Even | Odd)
exchange("Pages", Page[Page[Tree]])
exchange("Pairs", tuple[Pair[int, Page[str]], Pair[str, Color], Defaulted[int], Defaulted[str], Number])
exchange("Aliases", tuple[Recursive, Twice[int], Twice[Tree]])

# -- roots, dataclasses, typed dictionaries, named tuples ----------------------------------------------------


class Names(RootModel[list[str]]):
    """A list by another name."""


class Nested(RootModel["dict[str, Nested] | int"]):
    """A recursive root."""


class One(RootModel[Literal["one"]]): ...


class OneOrTree(RootModel[One | Tree | None]): ...


@dataclass
class Point:
    """A point."""

    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle(Generic[T]):
    center: Point
    tags: list[T] = dataclasses.field(default_factory=list)
    doubled: bool = dataclasses.field(init=False, default=False)


@pydantic.dataclasses.dataclass(config=ConfigDict(extra="forbid"))
class Circles:
    circles: list["Circle[str] | Circles"]
    secret: InitVar[int] = 0
    named: str = Field(default="", alias="theName")

    def __post_init__(self, secret: int) -> None: ...


class Loose(TypedDict, total=False):
    """Hardly anything is required."""

    first: Required[int]
    second: str
    inner: "Loose"


@with_config(ConfigDict(extra="forbid", alias_generator=to_camel))
class Closed(TypedDict):
    only_this: int
    or_this: NotRequired[Annotated[str, Field(description="Or not.")]]


Keywords = TypedDict("Keywords", {"class": int, "$ref": NotRequired[str], "__proto__": NotRequired[int], "a-b": str})


class Place(NamedTuple):
    """A tuple whose fields have names."""

    name: str
    point: Point
    level: int = 0


exchange("Roots", tuple[Names, Nested, OneOrTree])
exchange("Dataclasses", Circles)
exchange("GenericDataclasses", tuple[Circle[int], Circle[Tree]])
exchange("TypedDicts", tuple[Loose, Closed, Keywords])
exchange("NamedTuples", list[Place])

# -- configuration -------------------------------------------------------------------------------------------


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", title="Cannot be *changed* */")

    value: int = 1


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    number: int
    text: str
    moment: datetime
    color: Color


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: Frozen = Frozen()


class Allowing(BaseModel):
    """Takes other keys of one type."""

    model_config = ConfigDict(extra="allow")

    # As pydantic's documentation writes it.
    __pydantic_extra__: dict[str, int] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    known: str


class Limited(BaseModel):
    """Limits for all of its texts."""

    model_config = ConfigDict(str_min_length=1, str_max_length=5, str_strip_whitespace=True)

    text: str


class Wide(BaseModel):
    """Base64 and seconds instead of texts."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_timedelta="float")

    raw: bytes
    kept: ClassVar[int] = 1
    _private: int = PrivateAttr(default=1)


exchange("Configured", tuple[Frozen, Strict, Forbidding, Limited, Wide])
exchange("Allowed", Allowing)

# -- names ---------------------------------------------------------------------------------------------------


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    plain: int = Field(default=0, alias="theAlias")
    split: int = Field(default=0, validation_alias="goingIn", serialization_alias="comingOut")
    either: int = Field(default=0, validation_alias=AliasChoices("one", "two"))
    inner: int = Field(default=0, validation_alias=AliasPath("deep", 0))


class Pascal(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, serialize_by_alias=True)

    snake_case_name: int
    address_1: str = ""
    _1st: int = 0


class Reserved(BaseModel):
    """Words of Python, of JavaScript and of JSON Schema, as keys."""

    class_: int = Field(alias="class")
    ref: str = Field(default="#/nowhere", alias="$ref")
    proto: int = Field(default=0, alias="__proto__")
    default: int = 1
    constructor: int = 2
    prototype: int = 3
    has_own: int = Field(default=4, alias="hasOwnProperty")
    to_string: int = Field(default=4, alias="toString")
    properties: dict[str, int] = {"type": 1}
    required: list[str] = ["properties"]
    additional: bool = Field(default=False, alias="additionalProperties")
    items: int = 0
    type: Literal["object"] = "object"
    enum: Literal["a", "b"] = "a"
    const: None = None
    schema_: str = Field(default="", alias="$schema")
    definitions: "dict[str, Reserved]" = Field(default={}, alias="$defs")
    identity: str = Field(default="not an address", alias="$id")
    comment: str = Field(default="", alias="$comment")
    discriminator: str = ""
    one_of: list[int] = Field(default=[], alias="oneOf")
    all_of: list[int] = Field(default=[], alias="allOf")
    not_: int = Field(default=0, alias="not")
    format: str = ""
    examples: list[int] = []
    description: str = ""
    title: str = ""
    self_: int = Field(default=0, alias="self")
    none: int = Field(default=0, alias="None")
    null: int = 0
    await_: int = Field(default=0, alias="await")
    async_: int = Field(default=0, alias="async")
    await_of: int = Field(default=0, alias="delete")
    payload: int = 0
    action: str = ""
    id: str = ""
    reply_to: str = ""


class Demanded(BaseModel):
    """Names at which the official parser fails, and nothing else."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(alias="$ref")
    proto: int = Field(alias="__proto__")
    has_own: int = Field(alias="hasOwnProperty")


class Odd_Keys(BaseModel):
    """Keys that are no names at all."""

    dotted: int = Field(alias="a.b")
    slashed: int = Field(alias="a/b")
    tilde: int = Field(alias="~0~1")
    percent: int = Field(alias="%2F%20")
    hashed: int = Field(alias="#")
    spaced: int = Field(alias=" ")
    quoted: int = Field(alias="\"'`\\")
    closing: int = Field(alias="*/ --> </script> ${1}")
    breaking: int = Field(alias="\n\t\u2028")
    digits: int = Field(alias="0")
    long: int = Field(
        alias="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    )


class Größe(BaseModel):
    """Names of other alphabets."""

    größe: int
    名前: str = ""
    emoji: int = Field(default=0, alias="😀")
    combining: int = Field(default=0, alias="e\u0301")
    composed: int = Field(default=0, alias="\u00e9")
    right_to_left: int = Field(default=0, alias="\u202eשלום")


class 消息(BaseModel):
    größen: list[Größe] = []


exchange("Renamed", tuple[Aliased, Pascal])
exchange("ReservedWords", Reserved)
exchange("DemandedWords", Demanded)
exchange("OddKeys", Odd_Keys)
exchange("Alphabets", 消息)

# -- defaults, deprecation, what is left out -----------------------------------------------------------------


class Tags(BaseModel):
    tags: set[str] = {"b", "a", "c"}


class Defaults(BaseModel):
    number: int = Field(default_factory=lambda: 1)
    made_of_others: int = Field(default_factory=lambda data: data["number"] + 1)
    numbers: list[int] = Field(default_factory=list)
    point: Point = Point(1, 2)
    place: Place = Place("here", Point())
    page: Page[Tree] = Page(items=[Tree()])
    color: Color = Color.RED
    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    amount: Decimal = Decimal("1.50")
    raw: bytes = b"\xe2\x82\xac"
    colors: frozenset[Color] = frozenset(Color)
    tags: Tags = Tags(tags={"y", "x", "z"})
    endless: float = float("inf")
    unset: int = None  # type: ignore[assignment]  # that is the case
    mapping: dict[int, Color] = {1: Color.BLUE}
    missing: "int | MISSING" = MISSING
    hidden: int = Field(default=1, exclude=True)
    hidden_if: int = Field(default=0, exclude_if=lambda value: value == 0)


class Deprecated(BaseModel):
    old: int = Field(default=0, deprecated=True)
    older: int = Field(default=0, deprecated="Use */ `new`.")
    oldest: Annotated[int, deprecated("Gone.")] = 0


Defaults.model_rebuild()
exchange("DefaultValues", Defaults)
exchange("DeprecatedFields", Deprecated)

# -- computed, written and checked ---------------------------------------------------------------------------


class Computed(BaseModel):
    width: int

    @computed_field
    def area(self) -> Decimal:
        """The area."""
        return Decimal(self.width**2)

    @computed_field(  # type: ignore[prop-decorator]  # pydantic says that it may stand there
        alias="theTree", description="A tree.", deprecated=True
    )
    @cached_property
    def tree(self) -> Tree:
        return Tree()

    @computed_field
    def myself(self) -> "Computed | None":
        return None


class Written(BaseModel):
    """Serializers of every kind."""

    plain: Color = Color.RED
    silent: int = 1
    wrapped: list[int] = []
    unless_none: int | None = None
    annotated: Annotated[int, PlainSerializer(lambda value: f"#{value}", return_type=str)] = 1
    around: Annotated[int, WrapSerializer(lambda value, write: [write(value)], return_type=list[int])] = 1
    for_python: Annotated[int, PlainSerializer(str, return_type=str, when_used="unless-none")] = 1
    anything: SerializeAsAny[Frozen] = Frozen()

    @field_serializer("plain")
    def _write_plain(self, color: Color) -> str:
        return color.value

    @field_serializer("silent")
    def _write_silent(self, value: int):  # type: ignore[no-untyped-def]  # that is the case
        return {"silent": value}

    @field_serializer("wrapped", mode="wrap")
    def _write_wrapped(self, value: list[int], write: SerializerFunctionWrapHandler) -> dict[str, list[int]]:
        return {"wrapped": write(value)}

    @field_serializer("unless_none", when_used="json-unless-none")
    def _write_unless_none(self, value: int) -> str:
        return str(value)


class Total(TypedDict):
    total: int


class WrittenPlain(BaseModel):
    value: int = 1

    @model_serializer
    def _write(self) -> Total:
        return {"total": self.value}


class WrittenWrapped(BaseModel):
    value: int = 1

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler) -> dict[str, int]:
        return {**write(self), "more": 1}


class WrittenSilently(BaseModel):
    value: int = 1

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]  # that is the case
        return [write(self)]


def same(value: Any) -> Any:
    return value


def number(value: Any) -> Any:
    return 1 if value == "one" else value


class Checked(BaseModel):
    """Validators of every mode."""

    before: Annotated[int, BeforeValidator(number, json_schema_input_type=int | Literal["one"])] = 1
    after: Annotated[int, AfterValidator(same)] = 1
    plain: Annotated[int, PlainValidator(same, json_schema_input_type=int)] = 1
    wrapped: Annotated[int, WrapValidator(lambda value, check: check(value))] = 1
    field_before: int = 1
    field_after: list[int] = []
    field_wrapped: str = ""

    @field_validator("field_before", mode="before")
    @classmethod
    def _before(cls, value: Any) -> Any:
        return value

    @field_validator("field_after")
    @classmethod
    def _after(cls, value: list[int]) -> list[int]:
        return value

    @field_validator("field_wrapped", mode="wrap")
    @classmethod
    def _wrapped(cls, value: Any, check: ValidatorFunctionWrapHandler) -> Any:
        return check(value)

    @model_validator(mode="before")
    @classmethod
    def _all_before(cls, data: Any) -> Any:
        return data

    @model_validator(mode="wrap")
    @classmethod
    def _all_around(cls, data: Any, check: ValidatorFunctionWrapHandler) -> Any:
        return check(data)

    @model_validator(mode="after")
    def _all_after(self) -> "Checked":
        return self


exchange("ComputedFields", Computed)
exchange("Serialized", Written)
exchange("SerializedModels", tuple[WrittenPlain, WrittenWrapped, WrittenSilently])
exchange("Validated", Checked)

# -- what says itself how it is described --------------------------------------------------------------------


class Meters:
    """No model, and known to pydantic by its own word."""

    def __init__(self, length: float) -> None:
        self.length = length

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.float_schema(ge=0),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda meters: meters.length, return_schema=core_schema.float_schema(ge=0)
            ),
        )


class Described(BaseModel):
    model_config = ConfigDict(json_schema_extra=lambda schema: schema.update({"x-of-mine": {"$defs": "data"}}))

    hex: Annotated[int, WithJsonSchema({"type": "integer", "title": "Hex", "x-unit": "*/"})] = 1
    hidden_none: int | SkipJsonSchema[None] = 1
    meters: Meters = Field(default=Meters(1.0), description="A length.")
    made: Annotated[Any, GetPydanticSchema(lambda _, handler: handler(int))] = 1
    extra: int = Field(default=1, json_schema_extra={"x-extra": [1, None, "</script>"]}, examples=[1, 2])
    hidden: SkipJsonSchema[int] = 1


class Base(BaseModel, ABC):
    """An abstract base."""

    kind: str
    maker: ClassVar[Callable[[], int] | None] = None


class Narrow(Base):
    """Narrows a field."""

    kind: Literal["narrow"] = "narrow"  # pyright: ignore[reportIncompatibleVariableOverride]  # that is the case


class Mixin(BaseModel):
    mixed: int = 0


class Both(Narrow, Mixin):
    """Two bases."""


class Outer(BaseModel):
    class Inner(BaseModel):
        """A class inside of a class."""

        value: int = 0

    inner: Inner = Inner()


class OtherOuter(BaseModel):
    class Inner(BaseModel):
        """The same name inside of another one."""

        text: str = ""

    inner: Inner = Inner()


exchange("SelfDescribed", Described)
exchange("Derived", tuple[Both, SerializeAsAny[Narrow]])
exchange("ClassesInClasses", tuple[Outer, OtherOuter])
exchange("ManyFields", pydantic.create_model("Many", __module__=__name__, **{f"f{n}": (int, n) for n in range(100)}))  # type: ignore[call-overload]  # so many keywords
