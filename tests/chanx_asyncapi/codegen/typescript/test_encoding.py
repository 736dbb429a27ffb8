"""Texts enter TypeScript through an encoder, whatever is in them."""

import json

import pytest

from chanx_asyncapi.codegen.typescript.encoding import comment, comment_text, key_in_value, literal, property_name
from tests.chanx_asyncapi.codegen.cases import HOSTILE_TEXT
from tests.chanx_asyncapi.codegen.typescript.toolchain import run_module

TEXTS = [
    HOSTILE_TEXT,
    "'",
    '"',
    "'\"",
    "`${1}`",
    "\\",
    "\\n",
    "",
    "\0",
    "\u2028",
    "größe 日本 😀",
    "</script>",
    "__proto__",
    "".join(map(chr, range(0x250))),
]


def test_case_64_a_literal_is_the_text_that_it_was_made_of() -> None:
    code = ", ".join(map(literal, TEXTS))

    assert "\n" not in code
    assert run_module(f"console.log(JSON.stringify([{code}]));") == TEXTS


def test_case_64_keys_are_those_they_were_made_of() -> None:
    code = ", ".join(f"{key_in_value(text)}: {number}" for number, text in enumerate(TEXTS))

    entries = run_module(f"console.log(JSON.stringify(Object.entries({{ {code} }})));")

    assert entries == [[text, number] for number, text in enumerate(TEXTS)]


def test_case_64_nothing_gets_out_of_a_comment() -> None:
    lines = [line for text in TEXTS for line in comment_text(text)]

    assert run_module(f"{comment(lines)}\nconsole.log(JSON.stringify('reached'));") == "reached"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a */ b", ["a *\\/ b"]),
        ("**/", ["**\\/"]),
        ("@deprecated\n  @see x\nmail@example.com", ["\\@deprecated", "  \\@see x", "mail@example.com"]),
        ("{@link x}", ["{\\@link x}"]),
        ("a\tb\r\nc\rd", ["a  b", "c", "d"]),
        ("\u202etxt", ["\\u202etxt"]),
    ],
)
def test_texts_in_comments(text: str, lines: list[str]) -> None:
    assert comment_text(text) == lines


def test_comments() -> None:
    assert comment([]) == ""
    assert comment(["", ""]) == ""
    assert comment(["a"]) == "/** a */\n"
    assert comment(["", "a", "", "b", ""], indent=1) == "  /**\n   * a\n   *\n   * b\n   */\n"


@pytest.mark.parametrize(
    ("name", "written"),
    [("a", "a"), ("$ref", "$ref"), ("class", "class"), ("1a", '"1a"'), ("a-b", '"a-b"'), ("", '""'), ("'", '"\'"')],
)
def test_keys_are_quoted_where_they_must_be(name: str, written: str) -> None:
    assert property_name(name) == written


def test_numbers_that_json_has_not_are_refused() -> None:
    assert literal(1.5) == "1.5"
    assert json.loads(literal(10**30)) == 10**30
    with pytest.raises(ValueError, match="no value of JSON"):
        literal(float("nan"))
