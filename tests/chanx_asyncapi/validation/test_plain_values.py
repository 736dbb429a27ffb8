"""A quick yes is never given where jsonschema says no."""

from typing import Any

import pytest

from chanx_asyncapi.validation.plain_values import surely_fits
from chanx_asyncapi.validation.values import validator

DOCUMENT: dict[str, Any] = {
    "Cat": {
        "type": "object",
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
        "required": ["kind"],
    },
    "Dog": {"type": "object", "properties": {"kind": {"enum": ["dog", "puppy"]}}, "required": ["kind"]},
    "Alias": {"$ref": "#/Cat"},
}
PLAIN: list[Any] = [
    True,
    {},
    {"title": "A", "description": "B", "default": 1, "examples": [1], "x-mine": 1, "readOnly": True},
    *({"type": name} for name in ("string", "integer", "number", "boolean", "null", "array", "object")),
    {"const": 1},
    {"const": "a"},
    {"const": None},
    {"enum": ["a", 1, None, False]},
    {"type": "string", "minLength": 1, "maxLength": 3},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "unheard-of"},
    {"type": "string", "pattern": "^a"},
    {"type": "integer", "minimum": 1, "maximum": 2},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
    {"type": "array", "items": {"type": "integer"}},
    {"type": "array", "items": [{"type": "integer"}, {"type": "string"}], "additionalItems": False},
    {"type": "array", "minItems": 1, "maxItems": 2},
    {"type": "array", "uniqueItems": True, "maxItems": 1},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    {"type": "object", "additionalProperties": {"type": "integer"}},
    {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    {"allOf": [{"type": "integer"}, {"minimum": 2}]},
    {"allOf": [{"$ref": "#/Cat"}], "default": None},
    {"$ref": "#/Alias", "type": "null"},
    {"oneOf": [{"$ref": "#/Cat"}, {"$ref": "#/Dog"}], "discriminator": "kind"},
]
OTHERS: list[Any] = [
    False,
    {"type": ["string", "null"]},
    {"not": {"type": "string"}},
    {"if": {"type": "string"}, "then": False},
    {"multipleOf": 2},
    {"contains": {"type": "integer"}},
    {"minProperties": 1},
    {"propertyNames": {"maxLength": 1}},
    {"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": False},
    {"dependencies": {"a": ["b"]}},
    {"uniqueItems": True},
    {"minLength": 2, "minimum": 2, "minItems": 2, "required": ["a"]},
    {"items": [{}, {"type": "integer"}], "additionalItems": False},
    {"const": {"a": 1}},
    {"enum": [[1], {"a": 1.0}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"oneOf": [{"$ref": "#/Cat"}, {"$ref": "#/Cat"}], "discriminator": "kind"},
    {"oneOf": [{"$ref": "#/Cat"}, {"required": ["kind"]}], "discriminator": "kind"},
    {"pattern": r"^\p{L}+$"},
]
VALUES: list[Any] = [
    *(None, True, False, 0, 1, 2, 3, 1.0, 1.5, 2.0, "", "a", "ab", "bcde", "123e4567-e89b-42d3-a456-426614174000"),
    *([], [1], [1, 1], [1, True], [1, "a"], [1, "a", 2], ["a"], [None]),
    *({}, {"a": 1}, {"a": "b"}, {"a": 1, "b": 2}, {"b": 1}, {"ab": 1}, {"a": 1.0}),
    *({"kind": "cat"}, {"kind": "cat", "lives": "9"}, {"kind": "puppy"}, {"kind": "cow"}, {"lives": 9}),
]


@pytest.mark.parametrize("schema", [*PLAIN, *OTHERS], ids=str)
def test_what_surely_fits_fits(schema: Any) -> None:
    judge = validator({"allOf": [schema]}, DOCUMENT)

    for value in VALUES:
        if surely_fits(schema, value, _resolve):
            assert judge.is_valid(value), value


@pytest.mark.parametrize("schema", PLAIN, ids=str)
def test_what_fits_a_plain_schema_surely_fits(schema: Any) -> None:
    judge = validator({"allOf": [schema]}, DOCUMENT)
    # jsonschema takes 1.0 for an integer, and for the constant 1.
    fitting = [value for value in VALUES if judge.is_valid(value) and "1.0" not in str(value) and value != 2.0]

    assert fitting
    for value in fitting:
        assert surely_fits(schema, value, _resolve), value


def _resolve(reference: str) -> Any:
    return DOCUMENT[reference.removeprefix("#/")]
