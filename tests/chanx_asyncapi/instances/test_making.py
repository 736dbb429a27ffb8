"""Values for schemas: the one that a reader would expect, always the same, never one that does not fit."""

import time
from typing import Any

import pytest

from chanx_asyncapi.instances import Instances, NoInstanceError
from chanx_asyncapi.validation.values import validator

#: What references lead to.
DOCUMENT: dict[str, Any] = {
    "definitions": {
        "Color": {"type": "string", "enum": ["red", "blue"]},
        "Point": {"type": "object", "properties": {"x": {"type": "number", "default": 0.0}, "y": {"type": "number"}}},
        "Node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "next": {"anyOf": [{"$ref": "#/definitions/Node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/definitions/Node"}},
                "by_name": {"type": "object", "additionalProperties": {"$ref": "#/definitions/Node"}},
                "parent": {"$ref": "#/definitions/Node"},
            },
            "required": ["value", "next", "children", "by_name"],
        },
        "Json": {
            "anyOf": [
                {"type": "object", "additionalProperties": {"$ref": "#/definitions/Json"}},
                {"type": "array", "items": {"$ref": "#/definitions/Json"}},
                {"type": "string"},
            ]
        },
        "Cat": {
            "type": "object",
            "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer", "default": 9}},
            "required": ["kind"],
        },
        "Dog": {
            "type": "object",
            "properties": {
                "kind": {"enum": ["dog", "puppy"]},
                "friend": {"anyOf": [{"$ref": "#/definitions/Dog"}, {"$ref": "#/definitions/Cat"}]},
            },
            "required": ["kind", "friend"],
        },
        "Even": {"type": "object", "properties": {"odd": {"$ref": "#/definitions/Odd"}}, "required": ["odd"]},
        "Odd": {
            "type": "object",
            "properties": {"even": {"anyOf": [{"$ref": "#/definitions/Even"}, {"type": "boolean"}]}},
            "required": ["even"],
        },
        "Shown": {"type": "object", "properties": {"a": {"type": "integer"}}, "examples": [{"a": 5}]},
        "a/b~c d": {"const": "escaped"},
    }
}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def properties(required: list[str] | None = None, /, **given: Any) -> dict[str, Any]:
    return {"type": "object", "properties": given, "required": list(given) if required is None else required}


UUID = "123e4567-e89b-42d3-a456-426614174000"
MOMENT = "2025-01-31T12:00:00Z"

SHAPES: list[tuple[Any, Any]] = [
    # any value
    (True, "any value"),
    ({}, "any value"),
    ({"description": "Anything."}, "any value"),
    ({"type": "null"}, None),
    ({"type": "boolean"}, True),
    # what the author says
    ({"const": None}, None),
    ({"const": 0}, 0),
    ({"enum": [None, "a", "b"]}, "a"),
    ({"enum": [None]}, None),
    ({"type": "string", "examples": ["Ada", "Bob"]}, "Ada"),
    ({"type": ["string", "null"], "examples": [None, "Bob"]}, "Bob"),
    ({"type": ["string", "null"], "examples": [None]}, None),
    ({"type": "string", "default": "x"}, "x"),
    ({"type": "string", "default": "x", "examples": ["y"]}, "y"),
    ({"type": "boolean", "default": False}, False),
    ({"type": "integer", "default": 0}, 0),
    ({"anyOf": [{"type": "integer", "examples": [42]}, {"type": "null"}], "default": None}, 42),
    ({"type": "array", "items": {"type": "integer"}, "default": []}, [1]),
    ({"type": "array", "items": {"type": "integer"}, "default": [3, 1]}, [3, 1]),
    ({"allOf": [ref("Point")], "default": {"x": 2.0, "y": 7.5}}, {"x": 2.0, "y": 7.5}),
    ({"type": "object", "additionalProperties": {"type": "integer"}, "default": {"a": 2}}, {"a": 2}),
    ({"allOf": [ref("Shown")]}, {"a": 5}),
    ({"allOf": [ref("Shown")], "examples": [{"a": 6}]}, {"a": 6}),
    ({"type": "integer", "default": "one", "examples": ["two"]}, 1),
    ({"type": "integer", "minimum": 5, "examples": [4, 6]}, 6),
    (properties(a={"type": "array", "items": {"type": "integer"}, "default": 1}), {"a": [1]}),
    # texts
    ({"type": "string"}, "text"),
    ({"type": "string", "minLength": 6}, "text text"),
    ({"type": "string", "minLength": 6, "maxLength": 7}, "text te"),
    ({"type": "string", "minLength": 5, "maxLength": 5}, "textt"),
    ({"type": "string", "maxLength": 2}, "te"),
    ({"type": "string", "maxLength": 0}, ""),
    ({"minLength": 3}, "text"),
    ({"type": "string", "format": "uuid"}, UUID),
    ({"type": "string", "format": "date-time"}, MOMENT),
    ({"type": "string", "format": "email"}, "ada@example.com"),
    ({"type": "string", "format": "uri"}, "https://example.com/"),
    ({"type": "string", "format": "ipv4"}, "192.0.2.1"),
    ({"type": "string", "format": "ipv6"}, "2001:db8::1"),
    ({"type": "string", "format": "duration"}, "PT30S"),
    ({"type": "string", "format": "binary"}, "text"),
    ({"type": "string", "contentEncoding": "base64"}, "dGV4dA=="),
    ({"type": "string", "contentMediaType": "application/json"}, "{}"),
    ({"type": "string", "pattern": "^[a-z]+$"}, "text"),
    ({"type": "string", "pattern": "^#[0-9a-f]{6}$"}, "#abcdef"),
    ({"type": "string", "pattern": r"^\d{4}-\d{2}$", "minLength": 7}, "1234-56"),
    ({"type": "string", "pattern": "^[a-z]+$", "minLength": 12, "maxLength": 12}, "abcdefghijkl"),
    ({"type": "string", "pattern": r"^(?=.*\d)(?=.*[A-Z]).{6,}$"}, "Abc-1234"),
    ({"type": "string", "x-python-pattern": r"\A(?P<year>\d{4})\Z"}, "1234"),
    # numbers
    ({"type": "integer"}, 1),
    ({"type": "number"}, 1.5),
    ({"type": "integer", "minimum": 18}, 18),
    ({"type": "integer", "exclusiveMinimum": 18}, 19),
    ({"type": "integer", "maximum": -3}, -3),
    ({"type": "integer", "exclusiveMaximum": -3, "exclusiveMinimum": -5}, -4),
    ({"type": "integer", "multipleOf": 5}, 5),
    ({"type": "integer", "multipleOf": 2.5}, 5),
    ({"type": "integer", "minimum": 11, "multipleOf": 5}, 15),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    ({"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 0.75}, 0.625),
    ({"type": "number", "multipleOf": 0.1}, 1.5),
    ({"type": "number", "minimum": 2.5}, 3.0),
    ({"minimum": 10}, 10.0),
    ({"type": "integer", "minimum": 10**20}, 10**20),
    # objects
    ({"type": "object"}, {}),
    (properties(a={"type": "integer"}, room_name={"type": "string"}), {"a": 1, "room_name": "room name"}),
    (properties([], roomName={"type": "string"}), {"roomName": "room name"}),
    (properties([], old={"type": "string", "deprecated": True}, nothing={"type": "null"}), {}),
    (properties(old={"type": "string", "deprecated": True}, nothing={"type": "null"}), {"old": "old", "nothing": None}),
    ({**properties([], a={}, b={}, c={}), "maxProperties": 2}, {"a": "any value", "b": "any value"}),
    ({**properties(["c"], a={"const": 1}, b={}, c={"const": 3}), "maxProperties": 2}, {"a": 1, "c": 3}),
    ({**properties(a={"type": "integer"}), "additionalProperties": False}, {"a": 1}),
    ({**properties(a={"type": "integer"}), "required": ["b"]}, {"a": 1, "b": "any value"}),
    ({"type": "object", "required": ["b"], "additionalProperties": {"type": "integer"}}, {"b": 1}),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, {"key": 1}),
    ({"type": "object", "additionalProperties": True}, {"key": "any value"}),
    ({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2}, {"key": 1, "key2": 1}),
    ({"type": "object", "patternProperties": {"^[0-9]+$": {"type": "boolean"}}}, {"123": True}),
    ({"patternProperties": {"^x-": {"const": 1}}, "required": ["x-a"], "additionalProperties": False}, {"x-a": 1}),
    (
        {"additionalProperties": {"const": 1}, "propertyNames": {"enum": ["a", "b"]}, "minProperties": 2},
        {"a": 1, "b": 1},
    ),
    ({**properties([], a={"const": 1}, b={"const": 2}), "dependencies": {"a": ["b"]}}, {"a": 1, "b": 2}),
    ({**properties([], a={"const": 1}), "dependencies": {"a": {"required": ["b"]}}}, {}),
    # arrays
    ({"type": "array"}, []),
    ({"type": "array", "items": {"type": "string"}}, ["text"]),
    ({"type": "array", "items": False}, []),
    ({"type": "array", "items": {"type": "string"}, "maxItems": 0}, []),
    ({"type": "array", "minItems": 2}, ["any value", "any value"]),
    ({"type": "array", "items": {"type": "string"}, "minItems": 3}, ["text", "text 2", "text 3"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [1, 2, 3]),
    ({"type": "array", "items": ref("Color"), "minItems": 2, "uniqueItems": True}, ["red", "blue"]),
    ({"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True}, [True, False]),
    ({"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 2}, [UUID, UUID[:-1] + "1"]),
    (
        {"type": "array", "items": properties(id={"type": "integer"}, name={"type": "string"}), "minItems": 2},
        [{"id": 1, "name": "name"}, {"id": 2, "name": "name 2"}],
    ),
    ({"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 10}}, [10]),
    ({"type": "array", "items": [{"type": "integer"}, {"type": "string"}], "additionalItems": False}, [1, "text"]),
    ({"type": "array", "items": [{"type": "integer"}], "additionalItems": {"const": 0}, "minItems": 3}, [1, 0, 0]),
    ({"type": "array", "items": [{}, {}], "maxItems": 1}, ["any value"]),
    # combinations
    ({"type": ["null", "string"]}, "text"),
    ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
    ({"anyOf": [{"maxLength": 0, "type": "string"}, {"type": "array"}]}, ""),
    ({"anyOf": [{"type": "string", "pattern": "("}, {"type": "integer"}]}, 1),
    ({"oneOf": [ref("Cat"), ref("Dog")], "discriminator": "kind"}, {"kind": "cat", "lives": 9}),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1.5),
    ({"allOf": [properties(a={"const": 1}), properties(b={"const": 2})]}, {"a": 1, "b": 2}),
    ({"allOf": [{"type": "number", "minimum": 1}, {"type": "integer", "minimum": 4}], "maximum": 9}, 4),
    ({"allOf": [{"multipleOf": 4, "type": "integer"}, {"multipleOf": 6}]}, 12),
    ({"allOf": [properties(a={"type": "integer"}), properties(a={"minimum": 7})]}, {"a": 7}),
    ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}], **properties([], a={"const": 1})}, {"a": 1}),
    ({"not": {"type": "string"}}, 1),
    ({"type": "string", "not": {"const": "text"}, "pattern": "t$"}, "t"),
    ({"if": {"type": "string"}, "then": {"minLength": 6}, "else": False}, "text text"),
    ({"if": properties(a={"const": 1}), "then": {"required": ["b"]}, "type": "object"}, {"a": 1, "b": "any value"}),
    # references
    (ref("Color"), "red"),
    (ref("a~1b~0c%20d"), "escaped"),
    (ref("Node"), {"value": 1, "next": None, "children": [], "by_name": {}}),
    (ref("Json"), "text"),
    ({"type": "array", "items": ref("Json")}, ["text"]),
    (ref("Dog"), {"kind": "dog", "friend": {"kind": "cat", "lives": 9}}),
    (ref("Even"), {"odd": {"even": True}}),
]


@pytest.mark.parametrize(("schema", "expected"), SHAPES, ids=str)
def test_a_value_is_what_a_reader_expects_and_fits(schema: Any, expected: Any) -> None:
    made = Instances(DOCUMENT).make(schema)

    assert made == expected
    assert type(made) is type(expected)
    assert _fits(schema, made)


@pytest.mark.parametrize("schema", [schema for schema, _ in SHAPES], ids=str)
def test_what_must_be_there_fits_as_well(schema: Any) -> None:
    assert _fits(schema, Instances(DOCUMENT).make(schema, optional=False))
    assert _fits(schema, Instances(DOCUMENT).make(schema, author=False))


def _fits(schema: Any, value: Any) -> bool:
    return validator({"allOf": [schema]}, DOCUMENT).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (False, "no value was found"),
        ({"type": "string", "pattern": r"^(a)\1$"}, "no value was found"),
        ({"type": "string", "minLength": 5_000}, "no value was found"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "no value was found"),
        ({"type": "array", "minItems": 2, "items": {"const": 1}, "uniqueItems": True}, "no more different items"),
        ({"type": "array", "minItems": 5_000}, "too long"),
        ({"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "c$"}]}, "no value was found"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "no value was found"),
        ({"allOf": [{"const": 1}, {"type": "string"}]}, "contradict each other"),
        ({"$ref": "https://example.com/schema.json"}, "leads out of the document"),
        ({"$ref": "#/definitions/Missing"}, "leads nowhere"),
        ({"type": "integer", "minimum": "a lot"}, "cannot be read"),
        ({"properties": {"a": False}, "required": ["a"]}, "no value was found"),
    ],
)
def test_without_a_value_there_is_a_reason(schema: Any, reason: str) -> None:
    with pytest.raises(NoInstanceError, match=reason):
        Instances(DOCUMENT).make(schema)


def test_endless_recursion_has_no_value() -> None:
    document = {"a": properties(next={"$ref": "#/a"}), "b": {"$ref": "#/b"}, "c": {"allOf": [{"$ref": "#/c"}]}}

    for name in document:
        with pytest.raises(NoInstanceError):
            Instances(document).make({"$ref": f"#/{name}"})


def test_what_is_optional_does_not_cost_what_is_required() -> None:
    schema = properties(["a"], a={"type": "integer"}, b={"type": "string", "pattern": r"^(a)\1$"})

    assert Instances({}).make(schema) == {"a": 1}


def test_a_value_stays_small_enough_to_be_read() -> None:
    """Ten models, each with ten optional fields of the others: what is shown of that has an end."""
    names = [f"model{number}" for number in range(10)]
    document = {name: properties([], **{other: {"$ref": f"#/{other}"} for other in names}) for name in names}
    begin = time.process_time()

    made = Instances(document).make({"$ref": "#/model0"})

    assert time.process_time() - begin < 1
    assert 10 < len(str(made)) < 10_000


def test_alternatives_without_end_are_given_up() -> None:
    names = [f"model{number}" for number in range(12)]
    document = {name: properties(a={"anyOf": [{"$ref": f"#/{other}"} for other in names]}, b=False) for name in names}
    begin = time.process_time()

    with pytest.raises(NoInstanceError):
        Instances(document).make({"$ref": "#/model0"})
    assert time.process_time() - begin < 1


def test_what_is_required_at_any_depth_is_there() -> None:
    schema: dict[str, Any] = {"const": "bottom"}
    for _ in range(20):
        schema = properties(["a"], a=schema, b={"type": "integer"})

    made = Instances({}).make(schema)

    assert str(made).count("'a'") == 20
    assert str(made).count("'b'") < 10


def test_properties_that_somebody_else_writes_can_be_left_out() -> None:
    schema = properties(total={"type": "integer", "readOnly": True}, count={"type": "integer"})

    assert Instances({}).make(schema) == {"total": 1, "count": 1}
    assert Instances({}).make(schema, read_only=False) == {"count": 1}


def test_the_author_can_be_passed_over() -> None:
    schema = properties(a={"type": "integer", "default": 7}, b={"type": "integer", "examples": ["wrong"]})

    assert Instances({}).make(schema, author=False) == {"a": 1, "b": 1}


def test_the_name_of_a_value_is_its_text() -> None:
    assert Instances({}).make({"type": "string"}, "roomName") == "room name"


def test_the_schema_and_the_value_have_nothing_in_common() -> None:
    schema = {"type": "array", "examples": [[{"a": 1}]]}

    made = Instances({}).make(schema)
    made[0]["a"] = 2

    assert schema == {"type": "array", "examples": [[{"a": 1}]]}
