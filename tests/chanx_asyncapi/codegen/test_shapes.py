"""Operations on schemas and types."""

import pytest

from chanx_asyncapi.codegen.model import Boolean, Choice, Never, Null, Number, Text, Union, Unknown
from chanx_asyncapi.codegen.shapes import exact_names, simplified


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"^\$ref$", "$ref"),
        ("^__proto__$", "__proto__"),
        (r"^a\.b\-c$", "a.b-c"),
        ("^$", ""),
        ("^a.b$", None),
        ("abc", None),
        ("^abc", None),
        ("^a|b$", None),
        (r"^\d$", None),
        ("^a+$", None),
    ],
)
def test_a_pattern_may_fit_one_name(pattern: str, name: str | None) -> None:
    assert exact_names(pattern) == name


def test_unions_are_flat_and_repeat_nothing() -> None:
    inner = Union(members=(Text(), Null()))

    assert simplified([inner, Text(), Number()]) == Union(members=(Text(), Null(), Number()))
    assert simplified([Text(), Text()]) == Text()
    assert simplified([Text(), Never()]) == Text()
    assert simplified([]) == Never()
    assert simplified([Text(), Unknown()]) == Unknown()


def test_a_union_with_a_discriminator_stays_together() -> None:
    inner = Union(members=(Text(), Null()), discriminator="kind")

    assert simplified([inner, Boolean()]) == Union(members=(inner, Boolean()))


def test_numbers_and_booleans_are_different_constants() -> None:
    found = simplified([Choice(values=(1,)), Choice(values=(True,)), Choice(values=("1", 1))])

    assert isinstance(found, Choice)
    assert [(type(value), value) for value in found.values] == [(int, 1), (bool, True), (str, "1")]
