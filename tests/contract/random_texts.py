"""Random texts that a regular expression matches, as far as patterns in our documents go."""

import re
from functools import cache
from random import Random
from re import _constants as kinds  # type: ignore[attr-defined]  # the parser of re has no other name
from re import _parser as parser  # type: ignore[attr-defined]  # the parser of re has no other name
from typing import Any, Final

_PRINTABLE: Final = tuple(map(chr, range(32, 127)))
_CATEGORIES: Final = {
    kinds.CATEGORY_DIGIT: r"\d",
    kinds.CATEGORY_NOT_DIGIT: r"\D",
    kinds.CATEGORY_SPACE: r"\s",
    kinds.CATEGORY_NOT_SPACE: r"\S",
    kinds.CATEGORY_WORD: r"\w",
    kinds.CATEGORY_NOT_WORD: r"\W",
}


def matching(pattern: str, random: Random) -> str:
    """A text of printable characters that ``pattern`` matches from its beginning to its end."""
    return _text(_parsed(pattern), random)


@cache
def _parsed(pattern: str) -> Any:
    return parser.parse(pattern)


def _text(tree: Any, random: Random) -> str:
    return "".join(_part(kind, argument, random) for kind, argument in tree)


def _part(kind: Any, argument: Any, random: Random) -> str:
    match str(kind):
        case "LITERAL":
            return chr(argument)
        case "NOT_LITERAL" | "ANY":
            return "x" if argument != ord("x") else "y"
        case "IN":
            return random.choice(_characters(tuple(argument)))
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = argument
            return "".join(_text(inner, random) for _ in range(random.randint(least, min(most, least + 3))))
        case "SUBPATTERN":
            return _text(argument[-1], random)
        case "BRANCH":
            return _text(random.choice(argument[1]), random)
        case "AT":
            return ""
        case unknown:
            raise AssertionError(f"no pattern of ours has {unknown}")


@cache
def _characters(members: tuple[Any, ...]) -> list[str]:
    negated = str(members[0][0]) == "NEGATE"
    return [character for character in _PRINTABLE if _is_in(members, character) != negated]


def _is_in(members: tuple[Any, ...], character: str) -> bool:
    for kind, argument in members:
        match str(kind):
            case "LITERAL" if ord(character) == argument:
                return True
            case "RANGE" if argument[0] <= ord(character) <= argument[1]:
                return True
            case "CATEGORY" if re.match(_CATEGORIES[argument], character):
                return True
            case _:
                pass
    return False
