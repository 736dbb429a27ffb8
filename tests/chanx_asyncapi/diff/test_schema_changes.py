"""Each change of a schema, as clients write it and as the server does."""

from typing import Any

import pytest

from chanx_asyncapi.diff import diff
from tests.chanx_asyncapi.diff.schema_table import SCHEMA_CHANGES
from tests.chanx_asyncapi.diff.table import SchemaChange, travelling, verdicts


@pytest.mark.parametrize("row", SCHEMA_CHANGES, ids=lambda row: row.name)
def test_classes(row: SchemaChange) -> None:
    found = diff(travelling(row.old), travelling(row.new))

    classes = {(change.where[2], change.rule.value): verdicts(change) for change in found}
    assert classes == {("receive", row.rule): row.received, ("send", row.rule): row.sent}
    assert len(found) == 2
    for change in found:
        assert change.where[:2] == ("channels", "/ws/rooms/{pk}/")
        assert change.where[3:6] == ("ask" if change.where[2] == "receive" else "answer", "payload", "payload")
        assert change.component == "chat.Thing"


@pytest.mark.parametrize("row", SCHEMA_CHANGES, ids=lambda row: row.name)
def test_the_verdict_of_the_server_is_that_of_clients_read_backwards(row: SchemaChange) -> None:
    there, back = (
        [(change.where[2], verdicts(change)) for change in diff(travelling(old), travelling(new))]
        for old, new in ((row.old, row.new), (row.new, row.old))
    )

    assert sorted((direction, pair[::-1]) for direction, pair in there) == sorted(back)


_TEXT = {"type": "string"}
_BASE = {"type": "object", "properties": {"a": _TEXT}, "required": ["a"]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": ["string", "null"]}, {"anyOf": [_TEXT, {"type": "null"}]}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"anyOf": [{"enum": ["a"]}, {"const": None}]}),
        ({"allOf": [_TEXT]}, _TEXT),
        ({"allOf": [_TEXT, True]}, _TEXT),
        (
            {"anyOf": [_TEXT, {"anyOf": [{"type": "null"}, {"const": 1}]}]},
            {"anyOf": [{"const": 1}, _TEXT, {"type": "null"}]},
        ),
        ({"const": "a"}, {"type": "string", "const": "a"}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"const": 1}, {"const": 1.0}),
        ({"type": "object"}, {"type": "object", "additionalProperties": True}),
        ({}, True),
        (
            {"allOf": [_BASE, {"type": "object", "properties": {"b": _TEXT}, "required": ["b"]}]},
            {"type": "object", "properties": {"b": _TEXT, "a": _TEXT}, "required": ["b", "a"]},
        ),
        (
            {"allOf": [{"type": "object", "properties": {"a": _TEXT}}, {"properties": {"a": {"const": "x"}}}]},
            {"type": "object", "properties": {"a": {"type": "string", "const": "x"}}},
        ),
        ({"type": "array", "items": True}, {"type": "array"}),
        (
            {"type": "array", "prefixItems": [_TEXT], "items": False},
            {"type": "array", "items": [_TEXT], "additionalItems": False},
        ),
        ({"type": "string", "minimum": 3}, _TEXT),
    ],
)
def test_another_way_to_write_the_same_is_no_change(old: Any, new: Any) -> None:
    assert diff(travelling(old), travelling(new)) == []
    assert diff(travelling(new), travelling(old)) == []


def test_alternatives_are_told_apart_by_what_is_said_to_do_so() -> None:
    """The other constant of the second one is now what that of the first one was."""

    def schema(*versions: int) -> Any:
        alternatives = [
            {
                "type": "object",
                "properties": {"version": {"const": version}, "kind": {"const": kind}},
                "required": ["kind", "version"],
            }
            for kind, version in zip("ab", versions, strict=True)
        ]
        return {"oneOf": alternatives, "discriminator": {"propertyName": "kind"}}

    found = diff(travelling(schema(2, 1)), travelling(schema(3, 2)))

    assert {(change.rule.value, change.where[-1]) for change in found} == {("values-changed", "version")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("discriminator", {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}),
        ("order", {"anyOf": [{"title": "B", "type": "object"}, {"title": "A", "type": "object"}]}),
    ],
)
def test_the_order_of_alternatives_does_not_count(old: str, new: Any) -> None:
    (keyword,) = new
    documents = [travelling({keyword: order}) for order in (new[keyword], new[keyword][::-1])]
    for document in documents:
        document["components"]["schemas"].update(A={"type": "object"}, B={"type": "object", "required": ["b"]})

    assert diff(*documents) == [], old
