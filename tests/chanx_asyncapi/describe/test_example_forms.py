"""The forms of examples."""

from typing import Any

import pytest

from chanx_asyncapi.describe.example_forms import Given, given_examples


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ([1, None], [Given(1), Given(None)]),
        ((1,), [Given(1)]),
        ([], []),
        (5, [Given(5)]),
        ("text", [Given("text")]),
        ({"a": {"value": 1, "summary": "One."}}, [Given(1, "a", "One.")]),
        ({"a": {"value": None}, "b": {"value": 2, "description": "Two."}}, [Given(None, "a"), Given(2, "b", "Two.")]),
        ({"value": 1}, [Given({"value": 1})]),
        ({"a": {"value": 1, "more": 2}}, [Given({"a": {"value": 1, "more": 2}})]),
        ({}, []),
    ],
)
def test_each_form_is_understood(declared: Any, expected: list[Given]) -> None:
    assert list(given_examples(declared)) == expected
