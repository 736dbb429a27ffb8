"""Small operations on schemas and types."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from chanx_asyncapi.codegen.model import Choice, Never, Property, Type, Union, Unknown
from chanx_asyncapi.json_values import identity

#: Keywords that hold schemas: one or a list of them, or some by names of the author.
_SCHEMAS: Final = frozenset(
    {
        *("additionalItems", "additionalProperties", "allOf", "anyOf", "contains", "else", "if", "items", "not"),
        *("oneOf", "prefixItems", "propertyNames", "then"),
    }
)
_MAPS: Final = frozenset({"dependencies", "patternProperties", "properties"})
_EXACT: Final = re.compile(r"\^((?:[^\\^$.|?*+()\[\]{}]|\\[\\^$.|?*+()\[\]{}/\-])*)\$")
_ESCAPED: Final = re.compile(r"\\(.)")


def without(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    """``schema`` without a keyword."""
    return {name: value for name, value in schema.items() if name != keyword}


def with_parts(schema: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy of ``schema`` with ``change`` made to each schema that is directly inside of it."""
    copied: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _MAPS and isinstance(value, dict):
            copied[keyword] = {name: change(inner) for name, inner in value.items()}
        elif keyword in _SCHEMAS and isinstance(value, list):
            copied[keyword] = [change(inner) for inner in value]
        else:
            copied[keyword] = change(value) if keyword in _SCHEMAS else value
    return copied


def with_references(schema: Any, key_of: Callable[[Mapping[str, Any]], str | None]) -> Any:
    """A copy of ``schema`` whose references are what ``key_of`` says; where it says None, anything is allowed."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        key = key_of(schema)
        return True if key is None else {"$ref": key}
    return with_parts(schema, lambda inner: with_references(inner, key_of))


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
