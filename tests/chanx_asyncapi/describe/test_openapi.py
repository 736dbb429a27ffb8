"""Schema Objects of OpenAPI 3.0 and 3.1 become the same JSON Schemas."""

from typing import Any

import pytest

from chanx_asyncapi.describe.openapi import Translator

REF = {"$ref": "#/components/schemas/A"}


def translated(schema: dict[str, Any]) -> dict[str, Any]:
    return Translator(lambda target: target.replace("#/components/schemas/", "#/$defs/"), {"abc": "Kind"}).translated(
        schema
    )


@pytest.mark.parametrize(
    ("openapi", "json_schema"),
    [
        ({"type": "string"}, {"type": "string"}),
        (REF, {"$ref": "#/$defs/A"}),
        # What may be null, in 3.0 and in 3.1.
        ({"type": "string", "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": ["string", "integer", "null"]}, {"anyOf": [{"type": ["string", "integer"]}, {"type": "null"}]}),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"nullable": True}, {}),
        (
            {"type": "string", "maxLength": 2, "nullable": True, "description": "d", "default": None, "title": "t"},
            {
                "description": "d",
                "default": None,
                "title": "t",
                "anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}],
            },
        ),
        (
            {"enum": ["a"], "title": "t", "nullable": True},
            {"anyOf": [{"enum": ["a"], "title": "t"}, {"type": "null"}]},
        ),
        ({"allOf": [REF], "nullable": True}, {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
        (
            {"oneOf": [REF, {"type": "null"}], "description": "d"},
            {"description": "d", "anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]},
        ),
        ({"oneOf": [REF, REF, {"type": "null"}]}, {"oneOf": [*[{"$ref": "#/$defs/A"}] * 2, {"type": "null"}]}),
        ({"enum": ["a", None], "nullable": True}, {"anyOf": [{"enum": ["a"]}, {"type": "null"}]}),
        # Bounds.
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMaximum": 1}, {"exclusiveMaximum": 1}),
        # What only OpenAPI knows.
        ({"type": "string", "readOnly": True, "writeOnly": True, "xml": {"name": "x"}}, {"type": "string"}),
        ({"allOf": [REF], "readOnly": True}, {"$ref": "#/$defs/A"}),
        ({"example": 0}, {"examples": [0]}),
        ({"enum": ["a"], "x-spec-enum-id": "abc"}, {"enum": ["a"], "title": "Kind"}),
        ({"enum": ["a"], "x-spec-enum-id": "other"}, {"enum": ["a"]}),
        ({"x-own": 1}, {"x-own": 1}),
    ],
)
def test_each_keyword(openapi: dict[str, Any], json_schema: dict[str, Any]) -> None:
    assert translated(openapi) == json_schema


def test_at_any_depth() -> None:
    inner: dict[str, Any] = {"type": "string", "nullable": True}
    expected = translated(inner)
    deep = {
        "type": "object",
        "properties": {"nullable": inner, "items": {"items": inner, "type": "array"}},
        "additionalProperties": inner,
        "allOf": [{"not": inner}, {"patternProperties": {"^x": inner}}],
        "default": {"nullable": True},
        "enum": [{"example": 1}],
    }
    assert translated(deep) == {
        "type": "object",
        "properties": {"nullable": expected, "items": {"items": expected, "type": "array"}},
        "additionalProperties": expected,
        "allOf": [{"not": expected}, {"patternProperties": {"^x": expected}}],
        "default": {"nullable": True},
        "enum": [{"example": 1}],
    }
    assert translated({"additionalProperties": False}) == {"additionalProperties": False}


def test_the_given_schema_stays_as_it_was() -> None:
    given = {"properties": {"a": {"type": "string", "nullable": True, "enum": ["a", None]}}}
    translated(given)
    assert given == {"properties": {"a": {"type": "string", "nullable": True, "enum": ["a", None]}}}
