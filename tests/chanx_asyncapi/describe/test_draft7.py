"""From draft 2020-12 to draft-07, without a look into data."""

import math
from typing import Any

import pytest

from chanx_asyncapi.describe.draft7 import (
    discriminated,
    portable,
    python_pattern,
    python_patterns,
    references,
    to_draft7,
    with_references,
    with_required,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"$ref": "#/a", "description": "b", "default": 1},
            {"allOf": [{"$ref": "#/a"}], "description": "b", "default": 1},
            id="siblings of a reference",
        ),
        pytest.param({"$ref": "#/a"}, {"$ref": "#/a"}, id="reference alone"),
        pytest.param(
            {"prefixItems": [{"type": "string"}], "minItems": 1, "maxItems": 1},
            {"items": [{"type": "string"}], "additionalItems": False, "minItems": 1, "maxItems": 1},
            id="tuple",
        ),
        pytest.param(
            {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            {"items": [{"type": "string"}], "additionalItems": {"type": "integer"}},
            id="tuple with rest",
        ),
        pytest.param(
            {"oneOf": [{"$ref": "#/a"}], "discriminator": {"propertyName": "kind", "mapping": {"a": "#/a"}}},
            {"oneOf": [{"$ref": "#/a"}], "discriminator": "kind"},
            id="discriminator",
        ),
        pytest.param(
            {
                "oneOf": [{"$ref": "#/a"}, {"oneOf": [{"$ref": "#/b"}], "discriminator": {"propertyName": "color"}}],
                "discriminator": {"propertyName": "kind"},
            },
            {"oneOf": [{"$ref": "#/a"}, {"oneOf": [{"$ref": "#/b"}], "discriminator": "color"}]},
            id="discriminator of a union with a union in it",
        ),
        pytest.param(
            {"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "integer"}},
            {"type": "string", "contentMediaType": "application/json"},
            id="schema of content",
        ),
        pytest.param(
            {"properties": {"$ref": {"type": "string"}, "a": {}}, "required": ["$ref"], "additionalProperties": False},
            {
                "properties": {"a": {}},
                "patternProperties": {r"^\$ref$": {"type": "string"}},
                "required": ["$ref"],
                "additionalProperties": False,
            },
            id="property at which the official parser fails",
        ),
        pytest.param({"default": [{"__proto__": 1}]}, {}, id="default at which the official parser fails"),
        pytest.param({"enum": [1, True, 1.0, "1", 1]}, {"enum": [1, True, "1"]}, id="values of aliases"),
        pytest.param({"type": "number", "default": math.nan}, {"type": "number"}, id="default without form in JSON"),
        pytest.param({"default": [{"a": "\ud800"}]}, {}, id="default with a lone surrogate"),
        pytest.param({"description": "a\ud800"}, {"description": "a?"}, id="description with a lone surrogate"),
        pytest.param(
            {"type": "string", "pattern": "(?i)a"}, {"type": "string", "x-python-pattern": "(?i)a"}, id="pattern"
        ),
        pytest.param(
            {"patternProperties": {"(?i)a": {"type": "integer"}}},
            {"x-python-pattern": "(?i)a", "additionalProperties": {"type": "integer"}},
            id="pattern of keys",
        ),
        pytest.param(
            {"patternProperties": {"(?i)a": {"type": "integer"}, "^b$": {}, "(?P<c>c)": {}}},
            {
                "patternProperties": {"^b$": {}},
                "x-python-pattern": "(?i)a | (?P<c>c)",
                "additionalProperties": {"anyOf": [{"type": "integer"}, {}]},
            },
            id="patterns of keys",
        ),
    ],
)
def test_portable(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert portable(given) == expected
    assert portable({"properties": {"x": given}}) == {"properties": {"x": expected}}
    assert portable({"items": given, "anyOf": [given]}) == {"items": expected, "anyOf": [expected]}


def test_data_is_not_taken_for_schemas() -> None:
    data: dict[str, Any] = {"prefixItems": [1], "discriminator": {"propertyName": "x"}}
    given = {"default": data, "const": data, "enum": [data], "examples": [data], "x-mine": data, "title": "T"}

    assert to_draft7(given, "T") == given
    data["$ref"] = "#/a"
    assert list(references(given)) == []
    assert with_references(given, lambda _: "changed") == given


def test_a_property_may_be_called_like_a_keyword() -> None:
    given = {"properties": {"items": {"type": "string"}, "default": {"$ref": "#/a", "title": "b"}}}

    assert portable(given) == {
        "properties": {"items": {"type": "string"}, "default": {"allOf": [{"$ref": "#/a"}], "title": "b"}}
    }


@pytest.mark.parametrize("keyword", ["const", "enum"])
def test_a_constant_without_form_in_json_is_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match="has no form in JSON"):
        portable({"items": {keyword: [math.inf]}})


def test_inline_enums_and_objects_get_titles_from_the_names_on_the_way() -> None:
    enum = {"enum": ["a", "b"]}
    given = {
        "properties": {
            "sort_by": enum,
            "many": {"items": enum},
            "maybe": {"anyOf": [enum, {"type": "null"}]},
            "either": {"anyOf": [enum, {"properties": {"deep": enum}}]},
            "map": {"additionalProperties": enum},
            "named": {"title": "Mine", **enum},
        }
    }

    titled = to_draft7(given, "Query")

    titles = [
        titled["title"],
        titled["properties"]["sort_by"]["title"],
        titled["properties"]["many"]["items"]["title"],
        titled["properties"]["maybe"]["anyOf"][0]["title"],
        titled["properties"]["either"]["anyOf"][0]["title"],
        titled["properties"]["either"]["anyOf"][1]["title"],
        titled["properties"]["either"]["anyOf"][1]["properties"]["deep"]["title"],
        titled["properties"]["map"]["additionalProperties"]["title"],
        titled["properties"]["named"]["title"],
    ]
    assert titles == [
        "Query",
        "QuerySortBy",
        "QueryManyItem",
        "QueryMaybe",
        "QueryEither",
        "QueryEither2",
        "QueryEither2Deep",
        "QueryMapValue",
        "Mine",
    ]


def test_keywords_have_one_order_whatever_order_they_came_in() -> None:
    one = to_draft7({"type": "string", "maxLength": 1, "title": "A", "minLength": 0, "description": "b"}, "A")

    assert list(one) == ["title", "description", "type", "maxLength", "minLength"]


def test_the_order_of_properties_is_the_authors() -> None:
    assert list(to_draft7({"properties": {"b": {}, "a": {}}}, "A")["properties"]) == ["b", "a"]


def test_nothing_of_the_given_schema_is_changed() -> None:
    inner = {"$ref": "#/a", "title": "b"}
    given = {"properties": {"x": inner}, "patternProperties": {"(?i)a": {}}}

    to_draft7(given, "A")

    assert given == {"properties": {"x": {"$ref": "#/a", "title": "b"}}, "patternProperties": {"(?i)a": {}}}


def test_references_are_found_and_replaced_everywhere() -> None:
    given = {
        "allOf": [{"$ref": "#/1"}],
        "items": [{"$ref": "#/2"}],
        "additionalItems": {"$ref": "#/3"},
        "properties": {"a": {"not": {"$ref": "#/4"}}},
    }

    assert list(references(given)) == ["#/1", "#/2", "#/3", "#/4"]
    assert list(references(with_references(given, str.upper))) == list(references(given))
    assert list(references(with_references(given, lambda ref: ref + "x"))) == ["#/1x", "#/2x", "#/3x", "#/4x"]


def test_alternatives_with_a_tag_are_found() -> None:
    union = {"discriminator": "kind", "oneOf": [{"$ref": "#/a"}, {"type": "null"}]}

    assert list(discriminated({"properties": {"x": {"items": union}}})) == [("#/a", "kind")]


def test_required_is_added_once_and_only_for_what_is_described() -> None:
    schema = {"properties": {"a": {}, "b": {}}, "required": ["b"]}

    assert with_required(schema, "a")["required"] == ["a", "b"]
    assert with_required(schema, "b") is schema
    assert with_required(schema, "c") is schema


def test_patterns_that_were_taken_out_are_reported_with_the_reason() -> None:
    schema = portable({"items": {"pattern": "(?P<a>b)"}})

    assert list(python_patterns(schema)) == ["(?P<a>b)"]
    assert str(python_pattern(("shop.Item",), "(?P<a>b)")) == (
        "asyncapi.E403 [shop.Item] JavaScript refuses '(?P<a>b)': a named group begins with '(?<', not with '(?P<'; "
        "the document has it as x-python-pattern. Write it so that both understand it."
    )
