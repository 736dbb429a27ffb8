"""Small operations on schemas and types."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from chanx_asyncapi.codegen.model import Choice, Never, Property, Type, Union, Unknown
from chanx_asyncapi.json_values import identity

_EXACT: Final = re.compile(r"\^((?:[^\\^$.|?*+()\[\]{}]|\\[\\^$.|?*+()\[\]{}/\-])*)\$")
_ESCAPED: Final = re.compile(r"\\(.)")


def without(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    """``schema`` without a keyword."""
    return {name: value for name, value in schema.items() if name != keyword}


def only(each: Property, *, type: Type) -> Property:
    """A property with another type."""
    return replace(each, type=type)


def exact_names(pattern: str) -> str | None:
    """The one text that a regular expression fits; None when it may fit others."""
    found = _EXACT.fullmatch(pattern)
    return _ESCAPED.sub(r"\1", found[1]) if found else None


def simplified(members: Iterable[Type], *, discriminator: str | None = None) -> Type:
    """The union of ``members``: without unions inside, without repetition, without what another one includes."""
    # By their texts: to Python a choice of 1 is one of True.
    distinct: dict[str, Type] = {}
    for member in members:
        # A union inside that has a discriminator of its own keeps it.
        inner = member.members if isinstance(member, Union) and member.discriminator is None else (member,)
        distinct |= {repr(each): each for each in inner if not isinstance(each, Never)}
    flat = [*distinct.values()]
    if any(isinstance(each, Unknown) for each in flat):
        return Unknown()
    choices = [each for each in flat if isinstance(each, Choice)]
    if len(choices) > 1:
        values = {identity(value): value for choice in choices for value in choice.values}
        flat = [each for each in flat if not isinstance(each, Choice) or each is choices[0]]
        flat[flat.index(choices[0])] = Choice(values=tuple(values.values()))
    if len(flat) == 1:
        return flat[0]
    return Union(members=tuple(flat), discriminator=discriminator) if flat else Never()
