"""Numbers within bounds."""

from typing import Any

import pytest

from chanx_asyncapi.instances.numbers import numbers


@pytest.mark.parametrize(
    ("keywords", "integer", "expected"),
    [
        ({}, True, 1),
        ({}, False, 1.5),
        ({"minimum": 1.5}, True, 2),
        ({"exclusiveMinimum": 2}, True, 3),
        ({"exclusiveMinimum": 2}, False, 3.0),
        ({"maximum": 0.2}, False, 0.0),
        ({"minimum": -1, "maximum": -1}, False, -1.0),
        ({"minimum": 0.1, "maximum": 0.2}, False, 0.15),
        ({"multipleOf": 0.01}, False, 1.5),
        ({"multipleOf": 0.3}, False, 1.5),
        ({"multipleOf": 7, "minimum": 100}, True, 105),
        ({"multipleOf": 7, "exclusiveMaximum": 0}, True, -7),
        ({"multipleOf": 1.5}, True, 3),
        ({"minimum": 10**30}, True, 10**30),
    ],
)
def test_the_most_natural_number_is_the_first(keywords: dict[str, Any], integer: bool, expected: float) -> None:
    found = next(numbers(keywords, integer=integer))

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "keywords",
    [
        {"minimum": 2, "maximum": 1},
        {"exclusiveMinimum": 1, "exclusiveMaximum": 2},
        {"multipleOf": 5, "minimum": 6, "maximum": 9},
    ],
)
def test_where_no_number_is_none_is_found(keywords: dict[str, Any]) -> None:
    assert list(numbers(keywords, integer=True)) == []


def test_one_number_after_another() -> None:
    assert [next(numbers({}, integer=True, number=number)) for number in range(3)] == [1, 2, 3]
    assert [next(numbers({"multipleOf": 5}, integer=True, number=number)) for number in range(3)] == [5, 10, 15]
