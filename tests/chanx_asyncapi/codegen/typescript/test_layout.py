"""Lines are broken where prettier breaks them; the tests of the output have prettier itself say so."""

import pytest

from chanx_asyncapi.codegen.model import Array, Choice, Null, Object, Text, Tuple, Type, Union
from chanx_asyncapi.codegen.typescript.layout import HARD, SPACE, Group, Indent, listed, printed
from chanx_asyncapi.codegen.typescript.types import TypeWriter

WRITER = TypeWriter({})
LONG = Choice(values=("a" * 30, "b" * 30, "c" * 30))


def written(type_: Type) -> str:
    return printed(["type X: ", *WRITER.type(type_), ";"])


def test_what_fits_is_in_one_line() -> None:
    group = Group(["[", Indent([SPACE, "a"]), SPACE, "]"])

    assert printed([group], width=5) == "[ a ]"
    assert printed([group], width=4) == "[\n  a\n]"
    assert printed([group, ";"], width=5) == "[\n  a\n];"


def test_a_hard_line_breaks_the_group() -> None:
    assert printed([Group(["a", SPACE, "b", HARD, "c"])]) == "a\nb\nc"


def test_lists_have_a_comma_behind_the_last_item_when_broken() -> None:
    assert printed(listed("(", [["a"], ["b"]], ")")) == "(a, b)"
    assert printed(listed("(", [["a"], ["b"]], ")"), width=3) == "(\n  a,\n  b,\n)"
    assert printed(listed("(", [], ")")) == "()"


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (Array(items=Union(members=(Text(), Null()))), "type X: (string | null)[];"),
        (Tuple(items=(Text(), Text()), required=1), "type X: [string, string?];"),
        (Tuple(items=(), required=0), "type X: [];"),
        (Tuple(items=(Text(),), required=1, rest=Null()), "type X: [string, ...null[]];"),
        (Object(extra=Text()), "type X: { [key: string]: string };"),
        (Union(members=(Object(extra=Text()), Null())), "type X: { [key: string]: string } | null;"),
        (Choice(values=(1, "1", True, None)), 'type X: 1 | "1" | true | null;'),
    ],
)
def test_types_in_one_line(type_: Type, text: str) -> None:
    assert written(type_) == text


def test_types_that_are_too_long() -> None:
    a, b, c = (f'"{letter * 30}"' for letter in "abc")

    assert written(LONG) == f"type X:\n  | {a}\n  | {b}\n  | {c};"
    assert written(Array(items=LONG)) == f"type X: (\n  | {a}\n  | {b}\n  | {c}\n)[];"
    assert written(Object(extra=LONG)) == f"type X: {{\n  [key: string]:\n    | {a}\n    | {b}\n    | {c};\n}};"


def test_letters_that_are_wide_count_twice() -> None:
    assert printed([Group(["日本", SPACE, "x"])], width=5) == "日本\nx"
