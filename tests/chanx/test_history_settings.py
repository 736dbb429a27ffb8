"""The shape of the setting HISTORY."""

from typing import Any

import pytest
from pytest_django import Settings

from chanx.settings import chanx_settings


@pytest.mark.parametrize(
    "value", [None, {"BACKEND": "a.Engine"}, {"BACKEND": "a.Engine", "OPTIONS": {"location": "redis://"}}]
)
def test_what_it_may_be(value: Any, settings: Settings) -> None:
    settings.CHANX = {"HISTORY": value}
    assert chanx_settings.problems() == []


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({}, "CHANX['HISTORY']['BACKEND']"),
        ({"BACKEND": 1}, "CHANX['HISTORY']['BACKEND'] = 1"),
        ({"BACKEND": "a.Engine", "LOCATION": "redis://"}, "CHANX['HISTORY']['LOCATION']"),
        ("redis://", "CHANX['HISTORY'] = 'redis://'"),
    ],
    ids=["nothing", "number", "another key", "text"],
)
def test_what_it_may_not_be(value: Any, complaint: str, settings: Settings) -> None:
    settings.CHANX = {"HISTORY": value}
    (problem,) = chanx_settings.problems()
    assert problem.startswith(complaint)
