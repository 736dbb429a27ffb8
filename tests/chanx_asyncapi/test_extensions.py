"""Extensions register themselves, and find their classes late."""

import sys
from typing import Any

import pytest

from chanx_asyncapi.extensions import Direction, TypeExtension


class Foreign: ...


@pytest.fixture(autouse=True)
def _no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TypeExtension, "registered", [])


def extension(target: Any) -> type[TypeExtension]:
    class Extension(TypeExtension):
        target_class = target

        def json_schema(self, direction: Direction) -> dict[str, Any]:
            return {}

    return Extension


def test_an_extension_registers_itself() -> None:
    first, second = extension(Foreign), extension("a.B")

    assert TypeExtension.registered == [first, second]


@pytest.mark.parametrize("target", [Foreign, f"{__name__}.Foreign"])
def test_the_target_is_a_class_or_its_path(target: Any) -> None:
    assert extension(target).find_target() is Foreign


def test_a_package_that_nobody_has_imported_stays_so(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heavy.py").write_text("class Thing: ...")
    monkeypatch.syspath_prepend(tmp_path)

    assert extension("heavy.Thing").find_target() is None
    assert "heavy" not in sys.modules


def test_an_extension_without_target_describes_nothing() -> None:
    class Base(TypeExtension):
        def json_schema(self, direction: Direction) -> dict[str, Any]:
            return {}

    assert Base.find_target() is None


@pytest.mark.parametrize(
    ("target", "error"),
    [("json.Encoder", AttributeError), ("json.nowhere.A", AttributeError), ("json.dumps", TypeError)],
)
def test_a_target_that_is_no_class(target: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        extension(target).find_target()
