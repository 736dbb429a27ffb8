"""The document's texts as Python's strings, docstrings and comments: in no other way do they enter a file."""

from inspect import cleandoc
from typing import Final

#: Characters of a comment that is made of a title.
_LONGEST_COMMENT: Final = 60


def string(text: str) -> str:
    """A literal, as ruff writes it: with the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def literal(value: str | int | float | bool | None) -> str:
    """A scalar."""
    return string(value) if isinstance(value, str) else repr(value)


def docstring(text: str, indent: str) -> list[str]:
    """The lines of a docstring; none for a text that says nothing."""
    lines = [line.rstrip() for line in cleandoc(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")]
    written = ["".join(_escaped(character, "") for character in line) for line in lines]
    while written and not written[0]:
        del written[0]
    while written and not written[-1]:
        del written[-1]
    if not written:
        return []
    written = [line.replace('"""', '\\"\\"\\"') for line in written]
    if written[0].startswith('"'):
        written[0] = "\\" + written[0]
    if written[-1].endswith('"'):
        # ruff, as black, leaves no quote beside the three.
        written[-1] += " "
    first, *others = written
    if not others:
        return [f'{indent}"""{first}"""']
    last = others[-1].rstrip()
    return [
        f'{indent}"""{first}',
        *(f"{indent}{line}" if line else "" for line in [*others[:-1], last]),
        f'{indent}"""',
    ]


def comment(text: str) -> str:
    """One line for a comment, shortened."""
    line = "".join(_escaped(character, "") for character in " ".join(text.split()))
    return line if len(line) <= _LONGEST_COMMENT else f"{line[: _LONGEST_COMMENT - 1]}…"


def _escaped(character: str, quote: str) -> str:
    if character in ("\\", quote):
        return f"\\{character}"
    if character.isprintable() and not 0xD800 <= ord(character) <= 0xDFFF:
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    return named or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
