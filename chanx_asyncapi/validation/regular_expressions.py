"""Regular expressions that JavaScript accepts.

Readers of a document compile its patterns with JavaScript's ``u`` flag. Python and Rust, with which pydantic matches,
know things that are syntax errors there. This reads a pattern as ECMA-262 does (22.2.1, Patterns, with
``[UnicodeMode]``) far enough to find them; what Python and Rust refuse as well is left to them.
"""

import re
from functools import lru_cache
from typing import Final

_SYNTAX_CHARACTERS: Final = "^$\\.*+?()[]{}|/"
_CLASS_ESCAPES: Final = "dDwWsS"
_CONTROL_ESCAPES: Final = "fnrtv"
_LONG_ESCAPE: Final = re.compile(
    r"x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|c[A-Za-z]|0(?![0-9])|[pP]\{[A-Za-z0-9_=]+\}"
)
_OUTSIDE_OF_CLASSES: Final = re.compile(r"[bB]|[1-9][0-9]*|k<[A-Za-z_$][\w$]*>")
_IN_CLASSES: Final = re.compile(r"[b\-]")
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_GROUP: Final = re.compile(r"\((?:\?(?::|<?[=!]|<[A-Za-z_$][\w$]*>))?")
_LOOKAROUND: Final = re.compile(r"\(\?<?[=!]")


class _RefusedError(Exception):
    """What JavaScript does not accept."""


@lru_cache(maxsize=1024)
def complaint(pattern: str) -> str | None:
    """Return what JavaScript refuses in ``pattern``, ``None`` if nothing was found."""
    try:
        _read(pattern)
    except _RefusedError as refused:
        return str(refused)
    return None


def _read(pattern: str) -> None:
    #: For each open group, whether it is a lookaround, after which no quantifier may stand.
    groups: list[bool] = []
    #: Whether a quantifier may follow.
    repeatable = False
    position = 0
    while position < len(pattern):
        match pattern[position]:
            case "\\":
                start, position = position, _read_escape(pattern, position, in_class=False)
                repeatable = pattern[start + 1] not in "bB"
            case "[":
                position = _read_class(pattern, position)
                repeatable = True
            case "(":
                group = _GROUP.match(pattern, position)
                assert group is not None
                if pattern.startswith("?", group.end()):
                    raise _RefusedError(_group_complaint(pattern, position))
                groups.append(_LOOKAROUND.match(pattern, position) is not None)
                position, repeatable = group.end(), False
            case ")":
                repeatable = not groups.pop() if groups else False
                position += 1
            case "*" | "+" | "?" | "{":
                quantifier = _QUANTIFIER.match(pattern, position)
                if quantifier is None:
                    raise _RefusedError("'{' begins no quantifier; escape it")
                if not repeatable:
                    raise _RefusedError(f"{quantifier[0]!r} has nothing to repeat")
                position, repeatable = quantifier.end(), False
            case "]" | "}" as bracket:
                raise _RefusedError(f"{bracket!r} closes nothing; escape it")
            case "^" | "$" | "|":
                position, repeatable = position + 1, False
            case _:
                position, repeatable = position + 1, True


def _read_class(pattern: str, start: int) -> int:
    """Read the class that opens at ``start`` and return the position after it."""
    position = start + 2 if pattern.startswith("^", start + 1) else start + 1
    if pattern.startswith("]", position):
        raise _RefusedError("']' at the beginning of a class closes it; escape it")
    previous_is_set = False  # \d and the like cannot be the end of a range
    in_range = False
    while position < len(pattern) and pattern[position] != "]":
        if pattern[position] == "-" and not in_range and pattern[position + 1 : position + 2] not in ("]", ""):
            in_range = position > start + 1
            position += 1
            continue
        begin = position
        if pattern[position] == "\\":
            position = _read_escape(pattern, position, in_class=True)
            is_set = pattern[begin + 1] in _CLASS_ESCAPES + "pP"
        else:
            position, is_set = position + 1, False
        if in_range and (is_set or previous_is_set):
            raise _RefusedError("a range cannot begin or end with a class")
        in_range, previous_is_set = False, is_set
    return position + 1


def _read_escape(pattern: str, start: int, *, in_class: bool) -> int:
    """Read the escape at ``start`` and return the position after it."""
    position = start + 1
    character = pattern[position : position + 1]
    if character and character in _SYNTAX_CHARACTERS + _CLASS_ESCAPES + _CONTROL_ESCAPES:
        return position + 1
    found = _LONG_ESCAPE.match(pattern, position) or (_IN_CLASSES if in_class else _OUTSIDE_OF_CLASSES).match(
        pattern, position
    )
    if found is None:
        raise _RefusedError(f"'\\{character}' is no escape there")
    return found.end()


def _group_complaint(pattern: str, position: int) -> str:
    beginning = pattern[position : position + 4]
    if beginning.startswith("(?P<"):
        return "a named group begins with '(?<', not with '(?P<'"
    if beginning.startswith("(?P="):
        return "a named group is referred to with '\\k<…>', not with '(?P=…)'"
    if beginning.startswith("(?#"):
        return "it has no comments"
    if beginning.startswith("(?>"):
        return "it has no atomic groups"
    if beginning.startswith("(?("):
        return "it has no conditions"
    return f"it has no flags inside of a pattern ({beginning!r})"
