"""Several schemas that a value has to fit at once, as one schema."""

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from chanx_asyncapi.instances.places import Schema

#: How two values of a keyword become the one that says both.
_COMBINED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "required": lambda one, other: list(dict.fromkeys((*one, *other))),
    "enum": lambda one, other: [value for value in one if value in other],
    "multipleOf": lambda one, other: _common_multiple(Fraction(str(one)), Fraction(str(other))),
    "uniqueItems": lambda one, other: one or other,
    "properties": lambda one, other: {**one, **{name: _both(one.get(name, True), other[name]) for name in other}},
    "items": lambda one, other: _both(one, other),
    "additionalItems": lambda one, other: _both(one, other),
    "additionalProperties": lambda one, other: _both(one, other),
    "contains": lambda one, other: _both(one, other),
    "propertyNames": lambda one, other: _both(one, other),
    "type": lambda one, other: _common_types(types(one), types(other)),
}
#: What says nothing about values; of two the one further out counts.
ANNOTATIONS: Final = frozenset({"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"})


class CircleError(Exception):
    """A reference leads back to where it came from."""


def flattened(
    schema: Schema | bool, resolve: Callable[[str], Any], path: frozenset[str]
) -> tuple[Schema, frozenset[str]]:
    """A schema without a reference and, where both can be said in one, without ``allOf``.

    :param path: the references that have led here.
    :returns: the schema, and ``path`` with the references that were followed.
    :raises CircleError: for a reference that is in ``path``.
    """
    if isinstance(schema, bool):
        return ({} if schema else {"not": {}}), path
    if "$ref" in schema:
        # draft-07 (8.3): what stands beside a reference is ignored.
        reference = schema["$ref"]
        if reference in path:
            raise CircleError
        return flattened(resolve(reference), resolve, path | {reference})
    parts = schema.get("allOf")
    if not parts:
        return schema, path
    result: Schema = {}
    followed = path
    for part in parts:
        inside, its_path = flattened(part, resolve, path)
        result = merged(result, inside)
        followed |= its_path
    return merged(result, {keyword: value for keyword, value in schema.items() if keyword != "allOf"}), followed


def merged(inner: Schema, outer: Schema) -> dict[str, Any]:
    """A schema for values that fit both; what cannot be said in one stays in its ``allOf``."""
    result = dict(inner)
    for keyword, value in outer.items():
        if keyword not in result or result[keyword] == value or keyword in ANNOTATIONS:
            result[keyword] = value
        elif keyword in _COMBINED and not _are_tuples(keyword, result[keyword], value):
            result[keyword] = _COMBINED[keyword](result[keyword], value)
        else:
            result["allOf"] = [*result.get("allOf", ()), {keyword: value}]
    return result


def types(given: Any) -> list[str]:
    """The value of the keyword ``type`` as a list."""
    return [given] if isinstance(given, str) else list(given)


def _are_tuples(keyword: str, *values: Any) -> bool:
    """Whether ``items`` speak of single items, of which others may have other ideas."""
    return keyword == "items" and any(isinstance(value, list) for value in values)


def _both(one: Any, other: Any) -> Any:
    if one is True or one == other:
        return other
    if other is True:
        return one
    return {"allOf": [one, other]}


def _common_types(one: list[str], other: list[str]) -> list[str]:
    def common() -> Iterator[str]:
        for name in one:
            if name in other or (name == "integer" and "number" in other):
                yield name
            elif name == "number" and "integer" in other:
                yield "integer"

    return list(common())


def _common_multiple(one: Fraction, other: Fraction) -> int | float:
    multiple = Fraction(
        math.lcm(one.numerator, other.numerator),
        math.gcd(one.denominator, other.denominator),
    )
    return int(multiple) if multiple.denominator == 1 else float(multiple)
