"""A regular expression as a tree, for whoever wants to write a text that it matches.

What JavaScript, Python and Rust have in common is read, which is what documents hold. Lookarounds and word boundaries
are passed over, and references to groups are not understood.
"""

import re
import string
import sys
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

_DIGITS: Final = "1234567890"
#: What a class of characters is filled from, the most readable first.
_ALPHABET: Final = string.ascii_letters + _DIGITS + " " + string.punctuation
_WORD: Final = string.ascii_letters + _DIGITS + "_"
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": " "}
_CONTROLS: Final = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
#: https://www.unicode.org/reports/tr18/#General_Category_Property, as far as the alphabet has some of it.
_CATEGORIES: Final = {
    "L": string.ascii_letters,
    "Ll": string.ascii_lowercase,
    "Lu": string.ascii_uppercase,
    "N": _DIGITS,
    "Nd": _DIGITS,
    "P": string.punctuation,
    "Zs": " ",
}

_CODE_POINT: Final = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_CATEGORY: Final = re.compile(r"([pP])\{(?:(?:General_Category|gc)=)?(\w+)\}")
_FLAGS: Final = re.compile(r"\(\?[aimsux]+\)")
_GROUP: Final = re.compile(r"\((?:\?(?::|(?P<around><?[=!])|P?<[A-Za-z_]\w*>))?")
_QUANTIFIER: Final = re.compile(r"(?:([*+?])|\{(\d{1,4})(,?)(\d{0,4})\})[?+]?")
_COUNTS: Final[dict[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}

_MAX_NESTING: Final = 20
_MAX_RANGE: Final = 0x200
_SURROGATES: Final = range(0xD800, 0xE000)


class UnreadableError(Exception):
    """Something that no text can be written for."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One of them."""

    choices: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: "SequenceOf[Node]"


@dataclass(frozen=True, slots=True)
class Choice:
    options: "SequenceOf[Node]"


@dataclass(frozen=True, slots=True)
class Repeat:
    part: "Node"
    least: int
    most: int | None


Node: TypeAlias = Characters | Sequence | Choice | Repeat
_NOTHING: Final = Sequence(())


@lru_cache(maxsize=256)
def read(pattern: str) -> Node:
    """The tree of a regular expression.

    :raises UnreadableError: when it holds what is not understood.
    """
    return _Reader(pattern).read()


class _Reader:
    """Reads one pattern."""

    def __init__(self, pattern: str) -> None:
        flags = _FLAGS.match(pattern)
        self._pattern = pattern
        self._position = flags.end() if flags else 0
        self._nesting = 0

    def read(self) -> Node:
        node = self._choice()
        if self._position < len(self._pattern):
            raise UnreadableError
        return node

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._taken("|"):
            options.append(self._sequence())
        return Choice(options) if len(options) > 1 else options[0]

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._position < len(self._pattern) and self._pattern[self._position] not in "|)":
            part = self._part()
            if quantifier := _QUANTIFIER.match(self._pattern, self._position):
                self._position = quantifier.end()
                part = Repeat(part, *_counts(quantifier))
            parts.append(part)
        return Sequence(parts)

    def _part(self) -> Node:
        character = self._next()
        match character:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case ".":
                return Characters(_ALPHABET)
            case "^" | "$":
                return _NOTHING
            case "\\":
                if self._pattern[self._position : self._position + 1] in ("b", "B", "A", "Z", "z"):
                    self._position += 1
                    return _NOTHING
                return Characters(self._escaped())
            case _:
                return Characters(character)

    def _group(self) -> Node:
        start = _GROUP.match(self._pattern, self._position - 1)
        self._nesting += 1
        if start is None or self._pattern.startswith("?", start.end()) or self._nesting > _MAX_NESTING:
            raise UnreadableError
        self._position = start.end()
        inside = self._choice()
        if not self._taken(")"):
            raise UnreadableError
        self._nesting -= 1
        return _NOTHING if start["around"] else inside

    def _class(self) -> Node:
        negated = self._taken("^")
        members = ""
        while not self._taken("]"):
            first = self._member()
            following = self._pattern[self._position : self._position + 2]
            if len(first) == 1 and len(following) == 2 and following[0] == "-" and following[1] != "]":
                self._position += 1
                members += _between(first, self._member())
            else:
                members += first
        allowed = [character for character in _ALPHABET if (character in members) is not negated]
        foreign = [character for character in dict.fromkeys(members) if character not in _ALPHABET and not negated]
        return Characters("".join((*allowed, *foreign)))

    def _member(self) -> str:
        character = self._next()
        if character != "\\":
            return character
        if self._taken("b"):
            return "\b"
        return self._escaped()

    def _escaped(self) -> str:
        """What an escape stands for, after its backslash."""
        if code := _CODE_POINT.match(self._pattern, self._position):
            self._position = code.end()
            number = int(code[1] or code[2] or code[3], 16)
            return _between_codes(number, number)
        if category := _CATEGORY.match(self._pattern, self._position):
            self._position = category.end()
            members = _CATEGORIES.get(category[2], "")
            return members if category[1] == "p" else _without(members)
        character = self._next()
        if character.lower() in _CLASSES:
            members = _CLASSES[character.lower()]
            return members if character.islower() else _without(members)
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character.isalnum():
            # A reference to a group, or something that we do not know.
            raise UnreadableError
        return character

    def _next(self) -> str:
        if self._position == len(self._pattern):
            raise UnreadableError
        self._position += 1
        return self._pattern[self._position - 1]

    def _taken(self, character: str) -> bool:
        found = self._pattern.startswith(character, self._position)
        self._position += found
        return found


def _counts(quantifier: re.Match[str]) -> tuple[int, int | None]:
    if quantifier[1]:
        return _COUNTS[quantifier[1]]
    least = int(quantifier[2])
    return least, least if not quantifier[3] else int(quantifier[4]) if quantifier[4] else None


def _between(first: str, last: str) -> str:
    """The characters of a range, as many as a text may need."""
    if len(last) != 1 or last < first:
        raise UnreadableError
    return _between_codes(ord(first), min(ord(last), ord(first) + _MAX_RANGE))


def _between_codes(first: int, last: int) -> str:
    if last > sys.maxunicode or any(map(_SURROGATES.__contains__, (first, last))):
        # Half a character, which no JSON text can hold (RFC 8259, 8.2).
        raise UnreadableError
    return "".join(map(chr, range(first, last + 1)))


def _without(members: str) -> str:
    return "".join(character for character in _ALPHABET if character not in members)
