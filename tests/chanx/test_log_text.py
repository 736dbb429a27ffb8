"""Texts of strangers in the log."""

import pytest

from chanx.log_text import log_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("new_message", "new_message"),
        ("näch-ste ☃", "näch-ste ☃"),
        ("", ""),
        (None, "None"),
        (["a"], "['a']"),
        ("a\nERROR b", "a\\nERROR b"),
        ("\x1b[31mred\r", "\\x1b[31mred\\r"),
        ("a\u2028b\x00", "a\\u2028b\\x00"),
        ("\ud800", "\\ud800"),
        ("\u202e", "\\u202e"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 64 + "…"),
        ("\n" * 1000, "\\n" * 64 + "…"),
    ],
)
def test_one_short_line(value: object, expected: str) -> None:
    assert log_text(value) == expected
