"""Docstrings become texts that every JSON reader takes."""

from typing import Generic, TypeVar

import pytest
from pydantic import BaseModel

from chanx_asyncapi.describe.texts import clean, docstring, replaced, summary

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A page."""

    items: list[T]


class Undescribed(Page[int]): ...


@pytest.mark.parametrize("text", [None, "", "  \n \t"])
def test_nothing_is_none(text: str | None) -> None:
    assert clean(text) is None


def test_indentation_goes_and_markup_stays() -> None:
    assert clean('First.\n\n        * <b>"""</b>\n          $defs #/$defs/X */ `${x}`\n    ') == (
        'First.\n\n* <b>"""</b>\n  $defs #/$defs/X */ `${x}`'
    )


def test_lone_surrogates_are_replaced_and_pairs_stay() -> None:
    assert clean("a\ud800b") == "a?b"
    assert replaced("😀") == "😀"


def test_summary_is_the_first_paragraph_of_several() -> None:
    assert summary("One\nline.\n\nMore.") == "One line."
    assert summary("Only this.") is None
    assert summary(None) is None


def test_a_generic_class_keeps_its_docstring_when_it_gets_arguments() -> None:
    assert docstring(Page[int]) == "A page."
    assert docstring(Page) == "A page."
    assert docstring(Undescribed) is None
