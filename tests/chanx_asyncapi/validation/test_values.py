"""Values against schemas, as readers of a document hold them."""

from typing import Any

import pytest
from referencing.exceptions import Unresolvable

from chanx_asyncapi.validation.values import compiled, validator


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "format": "uuid"}, "123e4567-e89b-42d3-a456-426614174000", "x"),
        ({"pattern": "^a+$"}, "aa", "b"),
        ({"pattern": r"^(?<year>\d{4})$"}, "2025", "25"),
        ({"pattern": r"(?<!a)b"}, "cb", "ab"),
        ({"patternProperties": {"^a": {"type": "integer"}}}, {"ab": 1, "b": "c"}, {"ab": "c"}),
        ({"patternProperties": {"^a": {}}, "additionalProperties": False}, {"ab": 1}, {"b": 1}),
        ({"$ref": "#/definitions/a"}, 1, "1"),
    ],
)
def test_what_fits_and_what_does_not(schema: dict[str, Any], good: Any, bad: Any) -> None:
    found = validator(schema, {"definitions": {"a": {"type": "integer"}}})

    assert found.is_valid(good)
    assert not found.is_valid(bad)


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": r"^\p{L}+$"},
        {"patternProperties": {r"^\p{L}+$": {"type": "integer"}}, "additionalProperties": False},
        {"propertyNames": {"pattern": r"^\p{L}+$"}},
    ],
)
@pytest.mark.parametrize("value", ["1", {"a": "b"}])
def test_what_python_cannot_read_does_not_take_part(schema: dict[str, Any], value: Any) -> None:
    assert validator(schema, {}).is_valid(value)


def test_a_reference_that_leads_out_is_not_followed() -> None:
    with pytest.raises(Unresolvable):
        validator({"$ref": "https://example.com/schema.json"}, {}).is_valid(1)


@pytest.mark.parametrize("pattern", ["(", r"\p{L}", "a{99999999999999}"])
def test_python_has_no_form_of_it(pattern: str) -> None:
    assert compiled(pattern) is None
