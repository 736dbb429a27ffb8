"""Texts of a document in Python: read back they are the same, and they never end early."""

import ast
import io
import tokenize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chanx_asyncapi.codegen.python.text import comment, docstring, literal, string
from tests.chanx_asyncapi.codegen.cases import HOSTILE_TEXT

TEXTS = st.text(st.characters() | st.sampled_from("\"'\\\n\r\t \x0c#{}"), max_size=40)


@given(TEXTS)
@example(HOSTILE_TEXT)
@example("\ud800")
@example('"""')
@example("\\")
def test_a_string_is_the_text(text: str) -> None:
    written = string(text)
    assert ast.literal_eval(written) == text
    assert written.isprintable()


@given(TEXTS)
@example(HOSTILE_TEXT)
@example('"')
@example('x"')
@example('"""\nimport os')
@example("\\")
@example("x\\")
@example("'''")
def test_a_docstring_is_one_statement(text: str) -> None:
    lines = docstring(text, "    ")
    source = "\n".join(["def f() -> None:", *lines, "    pass", ""])
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == (2 if lines else 1)
    # What is left of it is in it, in the same order.
    told = ast.get_docstring(function) or ""
    assert told.split() == text.split()
    assert all(line == line.rstrip() for line in lines)


@given(TEXTS)
@example("\x0cx\n\u2028y")
def test_a_comment_is_one_line(text: str) -> None:
    source = f"# {comment(text)}\n"
    kinds = [token.type for token in tokenize.generate_tokens(io.StringIO(source).readline)]
    assert kinds[0] == tokenize.COMMENT
    assert len(source.splitlines()) == 1
    assert ast.parse(source).body == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", '"a"'), ('"', "'\"'"), ("'\"", '"\'\\""'), (1, "1"), (1.5, "1.5"), (True, "True"), (None, "None")],
)
def test_literals(value: str | float | None, expected: str) -> None:
    assert literal(value) == expected
