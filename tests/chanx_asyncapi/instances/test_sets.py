"""The items of sets are in an order that does not depend on the process."""

from typing import Any

import pytest

from chanx_asyncapi.instances import Instances, with_ordered_sets

SET: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
DOCUMENT: dict[str, Any] = {
    "definitions": {"Set": SET, "Node": {"properties": {"tags": SET, "next": {"$ref": "#/definitions/Node"}}}}
}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (SET, ["b", "a"], ["a", "b"]),
        ({"type": "array", "items": {}}, ["b", "a"], ["b", "a"]),
        ({"type": "array", "items": SET}, [["b", "a"], ["a"]], [["a", "b"], ["a"]]),
        (
            {"type": "array", "items": [SET, {}], "additionalItems": SET},
            [["b", "a"]] * 3,
            [["a", "b"], ["b", "a"], ["a", "b"]],
        ),
        ({"type": "array", "uniqueItems": True}, [{"b": 1}, {"a": 1}], [{"a": 1}, {"b": 1}]),
        (
            {"properties": {"x": SET}, "additionalProperties": SET},
            {"x": ["b", "a"], "y": ["b", "a"]},
            {"x": ["a", "b"], "y": ["a", "b"]},
        ),
        ({"anyOf": [{"type": "null"}, SET]}, ["b", "a"], ["a", "b"]),
        ({"allOf": [{"$ref": "#/definitions/Set"}], "default": []}, ["b", "a"], ["a", "b"]),
        (
            {"$ref": "#/definitions/Node"},
            {"next": {"next": {"tags": ["b", "a"]}}},
            {"next": {"next": {"tags": ["a", "b"]}}},
        ),
        (True, {"x": ["b", "a"]}, {"x": ["b", "a"]}),
        (SET, None, None),
    ],
)
def test_only_sets_are_sorted(schema: Any, value: Any, expected: Any) -> None:
    assert with_ordered_sets(value, schema, Instances(DOCUMENT)) == expected
