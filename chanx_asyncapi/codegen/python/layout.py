"""Expressions, and the lines that ruff would make of them: 88 characters wide, one item a line where they do not fit.

What is broken gets a comma at its end, which tells ruff to leave it so.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

#: ruff's, and black's, width of a line.
WIDTH: Final = 88


@dataclass(frozen=True, slots=True)
class Group:
    """Items in brackets, behind a name: ``dict[str, int]``, ``Field(ge=1)``."""

    opening: str
    items: Sequence["Expression"]
    closing: str
    #: Whether a comma may stand behind a single item: in ``list[…]`` it would make a tuple of it.
    comma: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives: ``A | B``, one a line where they do not fit."""

    items: Sequence["Expression"]


@dataclass(frozen=True, slots=True)
class Keyword:
    """An argument with its name."""

    name: str
    value: "Expression"
    #: What stands between the two.
    separator: str = field(default="=")


Expression: TypeAlias = str | Group | Choice | Keyword


def flat(expression: Expression) -> str:
    """In one line, whatever its length."""
    match expression:
        case str():
            return expression
        case Group(opening, items, closing):
            return f"{opening}{', '.join(map(flat, items))}{closing}"
        case Choice(items):
            return " | ".join(map(flat, items))
        case Keyword(name, value, separator):
            return f"{name}{separator}{flat(value)}"


def width(line: str) -> int:
    """How many columns a line has; some characters of East Asia have two."""
    return len(line) if line.isascii() else sum(_columns(character) for character in line)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def lines(expression: Expression, *, indent: str, before: str = "", after: str = "") -> list[str]:
    """The lines of a statement: ``before``, the expression, ``after``."""
    whole = f"{indent}{before}{flat(expression)}{after}"
    if width(whole) <= WIDTH:
        return [whole]
    match expression:
        case str():
            return [whole]
        case Keyword(name, value, separator):
            return lines(value, indent=indent, before=f"{before}{name}{separator}", after=after)
        case Choice(items):
            inner = f"{indent}    " if before else indent
            alone = f"{inner}{flat(expression)}"
            if before and width(alone) <= WIDTH:
                return [f"{indent}{before}(", alone, f"{indent}){after}"]
            operands: list[str] = []
            for number, item in enumerate(alternatives := _alternatives(items)):
                end = after if number == len(alternatives) - 1 and not before else ""
                operands += lines(item, indent=inner, before="| " if number else "", after=end)
            return [f"{indent}{before}(", *operands, f"{indent}){after}"] if before else operands
        case Group(opening, items, closing, comma):
            if not items:
                return [whole]
            has_comma = comma or len(items) > 1
            comma_after = "," if has_comma else ""
            parts = [line for item in items for line in lines(item, indent=f"{indent}    ", after=comma_after)]
            return [f"{indent}{before}{opening}", *parts, f"{indent}{closing}{after}"]


def assignment(name: str, annotation: Expression, default: str | None, *, indent: str) -> list[str]:
    """The lines of ``name: annotation = default``."""
    after = "" if default is None else f" = {default}"
    opening = f"{indent}{name}: {flat(annotation)} = ("
    if default is not None and width(opening[:-1] + default) > WIDTH:
        inside = f"{indent}    {default}"
        # The default goes into parentheses, so that the annotation stays whole; not where neither gets shorter.
        if width(opening) <= WIDTH and (width(inside) <= WIDTH or not isinstance(annotation, str)):
            return [opening, inside, f"{indent})"]
    return lines(annotation, indent=indent, before=f"{name}: ", after=after)


def _alternatives(items: Sequence[Expression]) -> list[Expression]:
    """``items`` without choices among them."""
    return [each for item in items for each in (_alternatives(item.items) if isinstance(item, Choice) else [item])]
