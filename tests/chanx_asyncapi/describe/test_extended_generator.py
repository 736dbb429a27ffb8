"""What extensions say of foreign types is in the schemas, wherever an annotation names the type."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeAlias, TypeVar

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    WithJsonSchema,
    computed_field,
    field_serializer,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import core_schema
from typing_extensions import TypeAliasType, TypedDict

from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Frame
from chanx_asyncapi.describe.schemas import Schemas, describe_schemas
from chanx_asyncapi.extensions import Direction, TypeExtension

PLAIN = WireFormat()
HERE = __name__
T = TypeVar("T")

RECEIVED: dict[str, Any] = {"type": "string", "pattern": "^in$"}
SENT: dict[str, Any] = {"type": "string", "pattern": "^out$"}


Describe: TypeAlias = Callable[[Any, Direction], Any]


def extend(target: Any, describe: Describe, **attributes: Any) -> None:
    """Registers an extension; ``describe`` is its method."""
    namespace = {"target_class": target, "json_schema": describe, "__module__": HERE, **attributes}
    type("Extension", (TypeExtension,), namespace)


class Key:
    """pydantic can validate it, but its core schema does not say that it is this class."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.union_schema(
            [
                core_schema.is_instance_schema(cls),
                core_schema.no_info_plain_validator_function(lambda value: cls()),
                core_schema.bytes_schema(),
            ],
            serialization=core_schema.to_string_ser_schema(),
        )


class Opaque:
    """pydantic knows nothing about it."""


class Inner(BaseModel):
    snake_case: int = 1


@pytest.fixture(autouse=True)
def _extensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TypeExtension, "registered", [])
    extend(Key, lambda self, direction: RECEIVED if direction == "received" else SENT)


def message(annotation: Any, **config: Any) -> type[BaseMessage]:
    namespace = {
        "__module__": __name__,
        "__qualname__": "Made",
        "__annotations__": {"action": Literal["made"], "payload": annotation},
        "action": "made",
        "model_config": ConfigDict(arbitrary_types_allowed=True),
        **config,
    }
    return type("Made", (BaseMessage,), namespace)


def described(made: type[BaseMessage], direction: Direction = "received", wire: WireFormat = PLAIN) -> Schemas:
    found = describe_schemas([Frame(made, direction)], wire)
    assert found.problems == ()
    return found


def payload(annotation: Any, direction: Direction = "received", **config: Any) -> Any:
    return described(message(annotation, **config), direction).components[f"{HERE}.Made"]["properties"]["payload"]


# -- where ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "expected"), [("received", RECEIVED), ("sent", SENT)])
def test_each_direction_has_its_schema(direction: Direction, expected: Any) -> None:
    assert payload(Key, direction) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Key | None, {"anyOf": [RECEIVED, {"type": "null"}]}),
        (list[Key], {"type": "array", "items": RECEIVED}),
        (Sequence[list[Key]], {"type": "array", "items": {"type": "array", "items": RECEIVED}}),
        (set[Key], {"type": "array", "uniqueItems": True, "items": RECEIVED}),
        (tuple[Key, ...], {"type": "array", "items": RECEIVED}),
        (dict[str, Key], {"type": "object", "additionalProperties": RECEIVED}),
        (
            Mapping[str, int | Key],
            {"type": "object", "additionalProperties": {"anyOf": [{"type": "integer"}, RECEIVED]}},
        ),
        (Annotated[list[Key], Field(min_length=2)], {"type": "array", "items": RECEIVED, "minItems": 2}),
        (list[Annotated[Key, AfterValidator(lambda key: key)]], {"type": "array", "items": RECEIVED}),
        (Annotated[Key, Field(description="Of a room.")], {**RECEIVED, "description": "Of a room."}),
    ],
)
def test_it_may_be_inside_of_another_type(annotation: Any, expected: Any) -> None:
    assert payload(annotation) == expected


Keys = TypeAliasType("Keys", list[Key])


def test_it_may_be_behind_an_alias() -> None:
    assert payload(Keys | None) == {"anyOf": [{"type": "array", "items": RECEIVED}, {"type": "null"}]}


class Model(BaseModel):
    key: Key


class Default(BaseModel):
    key: Key | None = None


class Page(BaseModel, Generic[T]):
    key: T


class Root(RootModel[list[Key]]): ...


@dataclass
class Standard:
    key: Key


@pydantic_dataclass
class Ours:
    key: Key


class Typed(TypedDict):
    key: NotRequired[Annotated[Key, Field(title="A key")]]


class Named(NamedTuple):
    key: Key


@pytest.mark.parametrize(
    ("annotation", "key", "expected"),
    [
        (Model, "Model", RECEIVED),
        (Default, "Default", {"anyOf": [RECEIVED, {"type": "null"}], "default": None}),
        (Page[Key], "Page-Key", RECEIVED),
        (Standard, "Standard", RECEIVED),
        (Ours, "Ours", RECEIVED),
        (Typed, "Typed", {"title": "A key", **RECEIVED}),
    ],
)
def test_it_may_be_in_a_field_of_anything(annotation: Any, key: str, expected: Any) -> None:
    components = described(message(annotation)).components

    assert components[f"{HERE}.{key}"]["properties"]["key"] == expected


def test_it_may_be_the_root_of_a_model_or_in_a_tuple_with_names() -> None:
    components = described(message(dict[str, Root | Named])).components

    assert components[f"{HERE}.Root"]["items"] == RECEIVED
    assert components[f"{HERE}.Named"]["items"] == [RECEIVED]


def test_it_may_be_computed() -> None:
    class Computed(BaseModel):
        @computed_field
        def key(self) -> Key:
            return Key()

    (schema,) = (
        schema for key, schema in described(message(Computed), "sent").components.items() if key.endswith("Computed")
    )
    assert schema["properties"]["key"] == {"readOnly": True, **SENT}


def test_models_beside_it_keep_their_names_on_the_wire() -> None:
    wire = WireFormat(camelize=True)
    components = described(message(tuple[Key, Inner]), wire=wire).components

    assert components[f"{HERE}.Made"]["properties"]["payload"]["items"] == [
        RECEIVED,
        {"$ref": f"#/components/schemas/{HERE}.Inner"},
    ]
    assert list(components[f"{HERE}.Inner"]["properties"]) == ["snakeCase"]


def test_what_an_annotation_says_itself_counts_before_it() -> None:
    written = Annotated[Key, PlainSerializer(lambda key: 1, return_type=int)]

    assert payload(written) == RECEIVED
    assert payload(written, "sent") == {"type": "integer"}
    assert payload(Annotated[Key, WithJsonSchema({"type": "null"})]) == {"type": "null"}


def test_what_the_serializer_of_a_field_says_counts_before_it() -> None:
    class Written(BaseModel):
        key: Key
        other: Key | None = None

        @field_serializer("key", "other")
        def _write(self, key: Key) -> int:
            return 1

    (schema,) = (
        schema for key, schema in described(message(Written), "sent").components.items() if key.endswith("Written")
    )
    assert [part["type"] for part in schema["properties"].values()] == ["integer", "integer"]


# -- which class ---------------------------------------------------------------------------------------------


def test_a_type_that_pydantic_cannot_describe() -> None:
    read = Annotated[Opaque, BeforeValidator(lambda value: Opaque())]
    found = describe_schemas([Frame(message(read), "received")], PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002"]
    assert "chanx_asyncapi.extensions.TypeExtension" in found.problems[0].way_out

    extend(Opaque, lambda self, direction: {"type": "integer"})

    assert payload(read) == {"type": "integer"}


def test_a_class_that_no_annotation_shows() -> None:
    class Hidden(BaseModel):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
            return core_schema.list_schema(core_schema.is_instance_schema(Opaque))

    extend(Opaque, lambda self, direction: {"type": "integer"})

    assert payload(Hidden) == {"type": "array", "items": {"type": "integer"}}


class Special(Key): ...


def test_subclasses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TypeExtension.registered[0], "match_subclasses", True)

    assert payload(Special) == RECEIVED


def test_subclasses_are_other_classes() -> None:
    found = describe_schemas([Frame(message(Special), "received")], PLAIN)

    # What is left of the union in its core schema, without what cannot be described.
    assert [str(problem.code) for problem in found.problems] == ["asyncapi.W015"]
    assert found.components[f"{HERE}.Made"]["properties"]["payload"] == {"type": "string", "format": "binary"}


def test_of_several_that_of_the_highest_priority_describes() -> None:
    extend(Key, lambda self, direction: {"type": "integer"}, priority=1)
    extend(Key, lambda self, direction: {"type": "null"}, priority=1)

    assert payload(Key) == {"type": "integer"}


def test_a_marker_names_its_class() -> None:
    @dataclass(frozen=True)
    class Unit:
        name: str

    extend(Unit, lambda self, direction: {"type": "number", "description": self.target.name})

    assert payload(list[Annotated[float, Unit("m")]])["items"] == {"type": "number", "description": "m"}


# -- components ----------------------------------------------------------------------------------------------


class Amount:
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.any_schema()


def test_an_object_is_a_component_with_the_name_of_the_class() -> None:
    extend(Amount, lambda self, direction: {"type": "object", "properties": {"currency": {"enum": ["EUR"]}}})

    found = described(message(list[Amount])).components

    assert found[f"{HERE}.Made"]["properties"]["payload"]["items"] == {"$ref": f"#/components/schemas/{HERE}.Amount"}
    assert found[f"{HERE}.Amount"] == {
        "title": "Amount",
        "type": "object",
        "properties": {"currency": {"title": "AmountCurrency", "enum": ["EUR"]}},
    }


def test_components_differ_where_the_directions_do() -> None:
    extend(Amount, lambda self, direction: {"enum": [direction]})
    made = message(Amount)
    found = describe_schemas([Frame(made, "received"), Frame(made, "sent")], PLAIN).components

    assert found[f"{HERE}.Amount"]["enum"] == ["received"]
    assert found[f"{HERE}.Amount-sent"]["enum"] == ["sent"]


def test_other_types_may_be_inside_of_it() -> None:
    extend(Amount, lambda self, direction: {"properties": {"parts": self.schema_of(list[Key | Inner])}})

    parts = described(message(Amount)).components[f"{HERE}.Amount"]["properties"]["parts"]

    assert parts["items"]["anyOf"] == [RECEIVED, {"$ref": f"#/components/schemas/{HERE}.Inner"}]


def test_it_may_hold_itself() -> None:
    extend(Amount, lambda self, direction: {"type": "array", "items": self.schema_of(Amount | None)})

    assert described(message(Amount)).components[f"{HERE}.Amount"]["items"]["anyOf"] == [
        {"$ref": f"#/components/schemas/{HERE}.Amount"},
        {"type": "null"},
    ]


# -- unions --------------------------------------------------------------------------------------------------


def test_a_choice_that_no_frame_can_be_is_left_out() -> None:
    assert payload(int | Opaque | Callable[[], int]) == {"type": "integer"}


def test_an_extension_says_what_stands_for_such_a_choice() -> None:
    class Hidden(BaseModel):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
            return core_schema.union_schema([core_schema.int_schema(), core_schema.is_instance_schema(Opaque)])

    extend(Opaque, lambda self, direction: {"type": "boolean"})

    assert payload(Hidden) == {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}


def test_a_choice_that_cannot_be_described_is_reported() -> None:
    read = Annotated[Opaque, BeforeValidator(lambda value: Opaque())]
    found = describe_schemas([Frame(message(list[int | read]), "received")], PLAIN)

    (problem,) = found.problems
    assert (str(problem.code), problem.where) == ("asyncapi.W015", (f"{HERE}.Made", "payload"))
    assert "IsInstanceSchema" in problem.text
    assert "chanx_asyncapi.extensions.TypeExtension" in problem.way_out


class Functional(BaseModel):
    kind: Literal["functional"]
    call: Callable[[], int]


@pytest.mark.parametrize(
    "union", [Opaque | Callable[[], int], Annotated[Functional | Annotated[Functional, 1], Field(discriminator="kind")]]
)
def test_a_union_of_which_nothing_can_be_described_is_a_problem(union: Any) -> None:
    found = describe_schemas([Frame(message(union), "received")], PLAIN)

    problem = found.problems[-1]
    assert (str(problem.code), problem.where) == ("asyncapi.E002", (f"{HERE}.Made", "payload"))


# -- what fails ----------------------------------------------------------------------------------------------


def refuse(self: TypeExtension, direction: Direction) -> Any:
    raise RuntimeError("not today")


FAILING: dict[str, Describe] = {
    "Extension failed with RuntimeError: not today": refuse,
    "nan has no form in JSON": lambda self, direction: {"const": float("nan")},
    "Extension returned None in place of a JSON Schema": lambda self, direction: None,
}


@pytest.mark.parametrize(("reason", "describe"), FAILING.items())
def test_an_extension_that_fails_costs_what_uses_it_and_nothing_else(reason: str, describe: Describe) -> None:
    extend(Amount, describe)
    bad, good = message(Amount), message(Key, __qualname__="Good")

    found = describe_schemas([Frame(bad, "received"), Frame(good, "received")], PLAIN)

    assert [(str(problem.code), problem.where) for problem in found.problems] == [("asyncapi.E002", (f"{HERE}.Made",))]
    assert reason in found.problems[0].text
    assert found.components[f"{HERE}.Good"]["properties"]["payload"] == RECEIVED


def test_a_target_that_does_not_exist_is_a_problem() -> None:
    extend("json.Encoder", lambda self, direction: {})

    found = describe_schemas([Frame(message(Key), "received")], PLAIN)

    assert [str(problem) for problem in found.problems] == [
        f"asyncapi.W011 [extensions > {HERE}.Extension] its target_class cannot be found: AttributeError: "
        "module 'json' has no attribute 'Encoder'. Write the dotted path at which the class can be imported."
    ]
