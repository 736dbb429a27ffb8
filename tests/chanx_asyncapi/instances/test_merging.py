"""Several schemas as one."""

from typing import Any

import pytest

from chanx_asyncapi.instances.merging import CircleError, flattened, merged


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ({"minimum": 1, "maximum": 9}, {"minimum": 3, "maximum": 5}, {"minimum": 3, "maximum": 5}),
        ({"minLength": 3}, {"minLength": 1}, {"minLength": 3}),
        ({"required": ["a"]}, {"required": ["b", "a"]}, {"required": ["a", "b"]}),
        ({"enum": [1, 2, 3]}, {"enum": [3, 2]}, {"enum": [2, 3]}),
        ({"type": "number"}, {"type": "integer"}, {"type": ["integer"]}),
        ({"type": ["string", "null"]}, {"type": "null"}, {"type": ["null"]}),
        ({"type": "string"}, {"type": "null"}, {"type": []}),
        ({"multipleOf": 0.2}, {"multipleOf": 0.3}, {"multipleOf": 0.6}),
        ({"uniqueItems": False}, {"uniqueItems": True}, {"uniqueItems": True}),
        ({"title": "A", "default": 1}, {"title": "B"}, {"title": "B", "default": 1}),
        (
            {"properties": {"a": {"minimum": 1}}},
            {"properties": {"b": {}}},
            {"properties": {"a": {"minimum": 1}, "b": {}}},
        ),
        (
            {"properties": {"a": {"minimum": 1}}},
            {"properties": {"a": {"maximum": 2}}},
            {"properties": {"a": {"allOf": [{"minimum": 1}, {"maximum": 2}]}}},
        ),
        ({"items": {}}, {"items": {"minimum": 1}}, {"items": {"allOf": [{}, {"minimum": 1}]}}),
        ({"items": True}, {"items": {"minimum": 1}}, {"items": {"minimum": 1}}),
        ({"items": [{}]}, {"items": {"minimum": 1}}, {"items": [{}], "allOf": [{"items": {"minimum": 1}}]}),
        ({"pattern": "a"}, {"pattern": "b"}, {"pattern": "a", "allOf": [{"pattern": "b"}]}),
    ],
)
def test_one_schema_for_both(inner: dict[str, Any], outer: dict[str, Any], expected: dict[str, Any]) -> None:
    before = (dict(inner), dict(outer))

    assert merged(inner, outer) == expected
    assert (inner, outer) == before


def test_references_are_followed_and_remembered() -> None:
    targets = {"#/a": {"allOf": [{"$ref": "#/b"}], "title": "A"}, "#/b": {"type": "integer", "title": "B"}}

    keywords, path = flattened({"$ref": "#/a"}, targets.__getitem__, frozenset())

    assert keywords == {"type": "integer", "title": "A"}
    assert path == {"#/a", "#/b"}


def test_a_circle_is_seen() -> None:
    targets = {"#/a": {"allOf": [{"$ref": "#/b"}]}, "#/b": {"$ref": "#/a"}}

    with pytest.raises(CircleError):
        flattened({"$ref": "#/a"}, targets.__getitem__, frozenset())
    with pytest.raises(CircleError):
        flattened({"$ref": "#/b"}, targets.__getitem__, frozenset({"#/b"}))


def test_a_schema_that_allows_everything_or_nothing() -> None:
    assert flattened(True, str, frozenset())[0] == {}
    assert flattened(False, str, frozenset())[0] == {"not": {}}
