"""Which patterns JavaScript accepts: JavaScript itself is asked."""

import json
import re
from pathlib import Path

import pytest

from chanx_asyncapi.validation.regular_expressions import complaint
from tests.contract.npm_parser import run_node

_ACCEPTED = [
    *("", "a", "^[a-z][a-z0-9_-]*$", r"^\d{4}-\d{2}-\d{2}$", "a*b+c?d{2}e{2,}f{2,3}", "a*?b+?c??d{2}?", "(a)(?:b)|c"),
    *("(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(?<year>[0-9]+)", r"(?<a>b)\k<a>", r"(a)\1", r"\bword\B", r"\p{L}+"),
    *(r"\P{Script=Greek}", r"\x41\u0041\u{1F680}\cA\0", r"[\x41-\u{5A}]", r"\f\n\r\t\v", r"[\b\-]", r"[-a]", r"[a-]"),
    *(
        "[a-z-9]",
        "[.*+?()|{}$]",
        r"[\]\[\\]",
        "[[]",
        r"\^\$\\\.\*\+\?\(\)\[\]\{\}\|\/",
        "[^a]",
        "[^-a]",
        "é🚀",
        "/",
        "-",
    ),
    *("(a|b)*", "((a)+)*", ".", r"[\d\w\s]", r"[\d-]", "(?<$a_1>b)", "a{0}", "^", "[a&&b]", "[+--]"),
    r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$",  # what pydantic writes for Decimal
]
_REFUSED = {
    r"\Aa": r"'\A' is no escape there",
    r"a\Z": r"'\Z' is no escape there",
    r"a\z": r"'\z' is no escape there",
    r"\a": r"'\a' is no escape there",
    r"a\-b": r"'\-' is no escape there",
    r"\ ": r"'\ ' is no escape there",
    r"\@": r"'\@' is no escape there",
    r"[\B]": r"'\B' is no escape there",
    r"[\1]": r"'\1' is no escape there",
    r"\pL": r"'\p' is no escape there",
    r"\N{DIGIT ONE}": r"'\N' is no escape there",
    r"\U0001F680": r"'\U' is no escape there",
    r"\01": r"'\0' is no escape there",
    r"\x4": r"'\x' is no escape there",
    "\\": "'\\' is no escape there",
    "(?P<a>b)": "a named group begins with '(?<'",
    "(?P<a>b)(?P=a)": "a named group begins with '(?<'",
    "(?<a>b)(?P=a)": "a named group is referred to with",
    "(?i)a": "no flags inside of a pattern ('(?i)')",
    "(?x: a)": "no flags inside of a pattern",
    "(?>a)": "no atomic groups",
    "(?#a)": "no comments",
    "(a)?(?(1)b|c)": "no conditions",
    "a++": "'+' has nothing to repeat",
    "a*+": "'+' has nothing to repeat",
    "a{2}+": "'+' has nothing to repeat",
    "^*": "'*' has nothing to repeat",
    r"\b+": "'+' has nothing to repeat",
    "(?=a)*": "'*' has nothing to repeat",
    "(?<=a)?": "'?' has nothing to repeat",
    "(*a)": "'*' has nothing to repeat",
    "a{,5}": "'{' begins no quantifier",
    "{": "'{' begins no quantifier",
    "a{x}": "'{' begins no quantifier",
    "}": "'}' closes nothing",
    "]": "']' closes nothing",
    "[[:alpha:]]": "']' closes nothing",
    r"[\w&&[^\d]]": "']' closes nothing",
    r"[\d-z]": "a range cannot begin or end with a class",
    r"[a-\d]": "a range cannot begin or end with a class",
    r"[\p{L}-z]": "a range cannot begin or end with a class",
}
#: JavaScript reads these, but as something else: an empty class, and what follows it.
_MISREAD = {"[]a]": "']' at the beginning", "[^]a]": "']' at the beginning", "[]": "']' at the beginning"}


@pytest.mark.parametrize("pattern", _ACCEPTED)
def test_nothing_is_said_about_what_javascript_accepts(pattern: str) -> None:
    assert complaint(pattern) is None


@pytest.mark.parametrize(("pattern", "text"), (_REFUSED | _MISREAD).items())
def test_what_javascript_refuses_is_named(pattern: str, text: str) -> None:
    assert text in (complaint(pattern) or "")


def test_javascript_agrees() -> None:
    patterns = [*_ACCEPTED, *_REFUSED]
    output = run_node(Path(__file__).with_name("accepts.mjs"), stdin=json.dumps(patterns))
    assert dict(zip(patterns, json.loads(output), strict=True)) == {
        pattern: pattern not in _REFUSED for pattern in patterns
    }


@pytest.mark.parametrize("pattern", ["(", ")", "a)", "[a", "(?<a", "*"])
def test_what_python_refuses_as_well_ends(pattern: str) -> None:
    complaint(pattern)  # any answer will do: nobody could have compiled it
    with pytest.raises(re.error):
        re.compile(pattern)
