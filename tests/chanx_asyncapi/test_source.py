"""One document: where references lead, and what traits add."""

from typing import Any

import pytest

from chanx_asyncapi.source import Source


def source() -> Source:
    components = {
        "schemas": {"A": {"type": "string"}, "B": {"$ref": "#/components/schemas/A"}, "a/b~c d": {"type": "null"}},
        "channels": {"room": {"messages": {"x": {"$ref": "#/components/messages/X"}}}},
        "messages": {"X": {"name": "x"}},
        "loops": {"one": {"$ref": "#/components/loops/two"}, "two": {"$ref": "#/components/loops/one"}},
    }
    document = {
        "asyncapi": "3.0.0",
        "components": components,
        "channels": {"r": {"$ref": "#/components/channels/room"}},
    }
    return Source(document)


@pytest.mark.parametrize(
    ("reference", "value", "name"),
    [
        ("#/components/schemas/A", {"type": "string"}, "A"),
        ("#/components/schemas/B", {"type": "string"}, "A"),
        ("#/components/schemas/a~1b~0c%20d", {"type": "null"}, "a/b~c d"),
        ("#/channels/r/messages/x", {"name": "x"}, "X"),
        ("#/components/schemas/A/type", "string", None),
    ],
)
def test_references_lead_through_references(reference: str, value: Any, name: str | None) -> None:
    target = source().follow({"$ref": reference})

    assert (target.value, target.name, target.lost) == (value, name, None)


@pytest.mark.parametrize(
    "reference",
    ["#/components/schemas/C", "#/components/loops/one", "./a.json#/A", "https://example.com", "", "#", "#/info/0"],
)
def test_what_leads_nowhere_stays_what_it_is(reference: str) -> None:
    target = source().follow({"$ref": reference})

    assert target.value["$ref"] in (reference, "#/components/loops/two", "#/components/loops/one")
    assert target.lost is not None


def test_what_is_no_reference_is_itself() -> None:
    values: list[Any] = [5, None, [], {"$ref": 5}, {"a": {"$ref": "#"}}]
    for value in values:
        assert source().follow(value).value is value


def test_it_knows_which_components_were_reached() -> None:
    asked = source()
    asked.follow({"$ref": "#/components/schemas/B"})

    assert asked.reached == {("components", "schemas", "A"), ("components", "schemas", "B")}


def test_traits_add_what_the_object_does_not_say() -> None:
    """https://www.asyncapi.com/docs/reference/specification/v3.1.0#traitsMergeMechanism"""
    message = {
        "name": "x",
        "headers": {"properties": {"own": {}}},
        "traits": [
            {"name": "first", "title": "First", "headers": {"type": "object", "properties": {"a": {}}}},
            {"title": "Second", "headers": {"properties": {"b": {}}}},
        ],
    }
    asked = source()

    merged = asked.object(message)

    assert merged == {
        "name": "x",
        "title": "Second",
        "headers": {"type": "object", "properties": {"a": {}, "b": {}, "own": {}}},
    }
    assert asked.object(message) is merged
    assert message["headers"] == {"properties": {"own": {}}}
