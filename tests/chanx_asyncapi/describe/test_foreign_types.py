"""Which types an annotation names, and that an annotation which names none stays the object that it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, Optional

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from chanx_asyncapi.describe.foreign_types import ForeignTypes, field_annotations
from chanx_asyncapi.extensions import Schema, TypeExtension


class Foreign: ...


class Other: ...


class Marker: ...


@pytest.fixture(autouse=True)
def _extensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TypeExtension, "registered", [])
    for target in (Foreign, Marker):
        type("Extension", (TypeExtension,), {"target_class": target})


def named_in(annotation: Any) -> list[Any]:
    """What of an annotation has an extension."""
    found: list[Any] = []

    def describe(target: Any, extension: type[TypeExtension]) -> Schema:
        found.append(target)
        return {}

    assert (ForeignTypes().replaced(annotation, describe) is annotation) == (not found)
    return found


@pytest.mark.parametrize(
    "annotation",
    [
        Foreign,
        Foreign | None,
        Optional[Foreign],  # noqa: UP045 - that is the case
        NotRequired[Foreign],
        list[dict[str, tuple[int, Foreign]]],
        Mapping[Foreign, int],
        Sequence[Other | Annotated[Foreign, 1]],
        Annotated[set[Foreign], Field(min_length=1)],
    ],
)
def test_what_names_it(annotation: Any) -> None:
    assert named_in(annotation) == [Foreign]


def test_a_marker_names_its_class_and_counts_before_the_type() -> None:
    marker = Marker()

    assert named_in(list[Annotated[Foreign, marker]]) == [marker]


@pytest.mark.parametrize(
    "annotation",
    [
        Other,
        Any,
        None,
        list[Other],
        Other | None,
        Annotated[Other, 1],
        Literal["Foreign"],
        type[Foreign],
        Callable[[Foreign], Foreign],
        tuple[()],
        tuple[Other, ...],
        "Foreign",
    ],
)
def test_what_does_not_name_it(annotation: Any) -> None:
    assert named_in(annotation) == []


class Recursive:
    """An alias of itself, as Python 3.12 knows them."""

    @property
    def __value__(self) -> Any:
        return dict[str, self | Foreign]  # type: ignore[valid-type]  # made when it runs

    def __or__(self, other: Any) -> Any:
        return tuple[self, other]  # type: ignore[valid-type]  # made when it runs


def test_a_recursive_alias_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chanx_asyncapi.describe.foreign_types._ALIASES", (Recursive,))

    assert named_in(Recursive()) == [Foreign]


class Model(BaseModel):
    short: Annotated[str, Field(max_length=3)]
    plain: int = 0


@dataclass
class Data:
    plain: int


class Typed(TypedDict):
    key: NotRequired[int]


@dataclass
class Unreadable:
    value: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - that is the case


def test_the_annotations_of_fields() -> None:
    short = field_annotations(Model)["short"]
    assert short.__origin__ is str
    assert field_annotations(Model)["plain"] is int
    assert field_annotations(Data) == {"plain": int}
    assert field_annotations(Typed) == {"key": NotRequired[int]}
    assert field_annotations(Unreadable) == {}
