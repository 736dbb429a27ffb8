"""Code that is broken into lines where prettier breaks it.

A small printer after Philip Wadler's "A prettier printer", with the few parts that types need. What it prints stays as
it is when a project runs prettier with its defaults over it; the tests do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from unicodedata import combining, east_asian_width

#: prettier's default.
WIDTH: Final = 80
#: https://www.unicode.org/reports/tr11/
_WIDTHS: Final = {"W": 2, "F": 2}


@dataclass(frozen=True, slots=True)
class Line:
    """A place where the line is broken, or where ``flat`` stands when it is not."""

    flat: str = " "
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What is printed in one line if it fits there, and otherwise broken at each of its own places."""

    parts: "Sequence[Doc]"


@dataclass(frozen=True, slots=True)
class Indent:
    """What is indented by one more level where it is broken."""

    parts: "Sequence[Doc]"


@dataclass(frozen=True, slots=True)
class IfBroken:
    """What is there only when the group around it is broken, or only when it is not."""

    broken: "Sequence[Doc]" = ()
    flat: "Sequence[Doc]" = ()


@dataclass(frozen=True, slots=True)
class IndentIfBroken:
    """What is indented by one more level when ``group``, which stands before it, is broken."""

    group: Group
    parts: "Sequence[Doc]"


Doc: TypeAlias = str | Line | Group | Indent | IfBroken | IndentIfBroken

SOFT: Final = Line("")
SPACE: Final = Line(" ")
HARD: Final = Line(hard=True)


def join(separator: Sequence[Doc], items: Iterable[Sequence[Doc]]) -> list[Doc]:
    """``items`` with ``separator`` in between."""
    joined: list[Doc] = []
    for number, item in enumerate(items):
        joined += [*(separator if number else ()), *item]
    return joined


def listed(opening: str, items: Iterable[Sequence[Doc]], closing: str) -> list[Doc]:
    """Items in brackets: in one line, or one in each line, with a comma behind the last one."""
    inside = join([",", SPACE], items)
    if not inside:
        return [f"{opening}{closing}"]
    return [Group([opening, Indent([SOFT, *inside]), IfBroken([","]), SOFT, closing])]


def printed(parts: Sequence[Doc], *, indent: int = 0, column: int = 0, width: int = WIDTH) -> str:
    """``parts`` as text that begins at ``column``, and whose further lines are indented by ``indent`` levels."""
    output: list[str] = []
    stack: list[tuple[int, bool, Doc]] = [(indent, True, part) for part in reversed(parts)]
    groups_broken: dict[int, bool] = {}
    while stack:
        level, broken, doc = stack.pop()
        match doc:
            case str():
                output.append(doc)
                column += _columns(doc)
            case Line():
                if broken or doc.hard:
                    if output:
                        output[-1] = output[-1].rstrip(" ")
                    output.append("\n" + "  " * level)
                    column = 2 * level
                else:
                    output.append(doc.flat)
                    column += len(doc.flat)
            case Group():
                breaks = _must_break(doc) or not _fits(doc, level, stack, width - column)
                groups_broken[id(doc)] = breaks
                stack += [(level, breaks, part) for part in reversed(doc.parts)]
            case Indent():
                stack += [(level + 1, broken, part) for part in reversed(doc.parts)]
            case IndentIfBroken():
                level += groups_broken[id(doc.group)]
                stack += [(level, broken, part) for part in reversed(doc.parts)]
            case IfBroken():
                stack += [(level, broken, part) for part in reversed(doc.broken if broken else doc.flat)]
    return "".join(output)


def _fits(group: Group, level: int, rest: Sequence[tuple[int, bool, Doc]], room: int) -> bool:
    """Whether a group and what follows it, up to the next line break, have room in this line."""
    following = iter(reversed(rest))
    stack: list[tuple[bool, Doc]] = [(False, group)]
    while room >= 0:
        if not stack:
            after = next(following, None)
            if after is None:
                return True
            stack.append(after[1:])
        broken, doc = stack.pop()
        match doc:
            case str():
                room -= _columns(doc)
            case Line():
                if broken or doc.hard:
                    return True
                room -= len(doc.flat)
            case Group():
                stack += [(broken or _must_break(doc), part) for part in reversed(doc.parts)]
            case Indent() | IndentIfBroken():
                stack += [(broken, part) for part in reversed(doc.parts)]
            case IfBroken():
                stack += [(broken, part) for part in reversed(doc.broken if broken else doc.flat)]
    return False


def _must_break(group: Group) -> bool:
    return any(isinstance(part, Line) and part.hard for part in _inside(group))


def _inside(doc: Doc) -> Iterator[Doc]:
    yield doc
    if isinstance(doc, Group | Indent | IndentIfBroken):
        for part in doc.parts:
            yield from _inside(part)


def _columns(text: str) -> int:
    """The width of a text on a terminal, as prettier counts it: some letters are as wide as two others."""
    if text.isascii():
        return len(text)
    return sum(_WIDTHS.get(east_asian_width(letter), 1) for letter in text if not combining(letter))
