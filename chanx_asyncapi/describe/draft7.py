"""From the JSON Schema that pydantic writes, draft 2020-12, to the draft-07 that AsyncAPI reads.

https://www.asyncapi.com/docs/reference/specification/v3.1.0#schemaObject, https://json-schema.org/draft-07
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from chanx_asyncapi.describe.names import MISUNDERSTOOD
from chanx_asyncapi.describe.texts import replaced
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.regular_expressions import complaint

Schema = dict[str, Any]

#: Keywords that hold schemas: one, a list of them, or some by names of the author. ``items`` holds one or a list.
_ONE: Final = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
    }
)
_LISTS: Final = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
_MAPS: Final = frozenset({"dependencies", "patternProperties", "properties"})
_INNER: Final = _ONE | _LISTS | _MAPS
#: Lists whose members have numbers of their own; those of the others are alternatives.
_POSITIONS: Final = frozenset({"items", "prefixItems"})
#: Keywords that draft-07 may want otherwise.
_REWRITTEN: Final = frozenset(
    {
        *("$ref", "const", "contentSchema", "default", "description", "discriminator", "enum"),
        *("example", "examples"),
        *("pattern", "patternProperties", "prefixItems", "properties", "title"),
    }
)
#: Where a regular expression goes that Python reads and JavaScript refuses: a client that compiles it would break.
PYTHON_PATTERN: Final = "x-python-pattern"
#: Patterns that say the same as a property of such a name: they hold it as a text.
_MISUNDERSTOOD: Final = {name: f"^{re.escape(name)}$" for name in MISUNDERSTOOD}
#: What people read first; the other keywords follow in alphabetical order.
_FIRST: Final = ("$ref", "title", "description", "type")
#: Where a schema inside of another one gets its name from, besides the key of a property.
_PART_NAMES: Final = {"items": "Item", "additionalProperties": "Value", "additionalItems": "Item", "contains": "Item"}


def to_draft7(schema: Schema, name: str) -> Schema:
    """A copy of ``schema`` in draft-07, references untouched. ``name`` is its title where it has none.

    Enums and objects inside of it get titles, made from the names on the way to them.
    """
    rewritten = portable(schema)
    titled = rewritten if "title" in rewritten or "$ref" in rewritten else {"title": name, **rewritten}
    return _finished(titled, _pascal(str(titled.get("title", name))))


def portable(schema: Schema) -> Schema:
    """A copy of ``schema`` in draft-07 and without regular expressions that JavaScript refuses."""
    return _rewritten(schema, "")


def python_patterns(schema: Schema) -> Iterator[str]:
    """Each regular expression that was taken out of ``schema``."""
    return (pattern for part in _schemas(schema) if isinstance(pattern := part.get(PYTHON_PATTERN), str))


def python_pattern(where: Sequence[str], pattern: str) -> Problem:
    """The problem that a regular expression was taken out."""
    return Problem(
        code=Code.REGULAR_EXPRESSION,
        where=(*where,),
        text=f"JavaScript refuses {pattern!r}: {complaint(pattern)}; the document has it as {PYTHON_PATTERN}.",
        way_out="Write it so that both understand it.",
    )


def references(schema: Schema) -> Iterator[str]:
    """The target of each reference in ``schema``."""
    return (reference for part in _schemas(schema) if isinstance(reference := part.get("$ref"), str))


def with_references(schema: Schema, replace: Callable[[str], str]) -> Schema:
    """A copy of ``schema`` with other references; what is data in it is not looked into."""
    copy = _mapped(schema, lambda part, _: with_references(part, replace))
    if isinstance(reference := copy.get("$ref"), str):
        copy["$ref"] = replace(reference)
    return copy


def has_examples(schema: Schema) -> bool:
    """Whether ``schema``, or a schema inside of it, has examples."""
    return any("examples" in part for part in _schemas(schema))


def with_examples(
    schema: Schema, choose: Callable[[Schema, tuple[str, ...]], list[Any]], way: tuple[str, ...] = ()
) -> Schema:
    """A copy of ``schema`` with other examples, in it and in the schemas inside of it.

    :param choose: gives the examples of a schema that has some; it is told the names on the way there.
    """
    copy = _mapped(schema, lambda part, name: with_examples(part, choose, (*way, name) if name else way))
    if "examples" in copy:
        copy["examples"] = choose(copy, way)
        if not copy["examples"]:
            del copy["examples"]
    return copy


def discriminated(schema: Schema) -> Iterator[tuple[str, str]]:
    """Each alternative in ``schema`` that a property tells apart: the reference to it, and the property."""
    for part in _schemas(schema):
        if isinstance(property_name := part.get("discriminator"), str):
            yield from ((choice["$ref"], property_name) for choice in part.get("oneOf", ()) if "$ref" in choice)


def with_required(schema: Schema, property_name: str) -> Schema:
    """``schema``, demanding a property that it describes."""
    required = schema.get("required", [])
    if property_name in required or property_name not in schema.get("properties", {}):
        return schema
    return _ordered({**schema, "required": [property_name, *required]})


def _rewritten(schema: Schema, within: str) -> Schema:
    if _REWRITTEN.isdisjoint(schema):
        return _mapped(schema, _rewritten)
    for keyword in ("const", "enum"):
        if not _is_json(schema.get(keyword)):
            raise ValueError(f"{schema[keyword]!r} has no form in JSON that all readers understand")
    copy = _mapped(schema, _rewritten)
    if "prefixItems" in copy:
        rest = copy.pop("items", None)
        copy["items"] = copy.pop("prefixItems")
        copy["additionalItems"] = False if rest is None else rest
    if isinstance(discriminator := copy.get("discriminator"), Mapping):
        # Tools look for the property in the alternatives themselves, and fail where one is a union in turn.
        if all("$ref" in choice for choice in copy.get("oneOf", ())):
            copy["discriminator"] = discriminator["propertyName"]
        else:
            del copy["discriminator"]
    # draft-07 knows the media type of a text, not the schema of what it holds.
    copy.pop("contentSchema", None)
    if isinstance(pattern := copy.get("pattern"), str) and complaint(pattern):
        copy[PYTHON_PATTERN] = copy.pop("pattern")
    if refused := [pattern for pattern in copy.get("patternProperties", ()) if complaint(pattern)]:
        copy[PYTHON_PATTERN] = " | ".join(refused)
        # What the refused ones have said about values holds for any key now.
        values = [copy["patternProperties"].pop(pattern) for pattern in refused]
        copy["additionalProperties"] = values[0] if len(values) == 1 else {"anyOf": values}
        if not copy["patternProperties"]:
            del copy["patternProperties"]
    if found := _MISUNDERSTOOD.keys() & copy.get("properties", {}).keys():
        copy["patternProperties"] = copy.get("patternProperties", {}) | {
            _MISUNDERSTOOD[name]: copy["properties"].pop(name) for name in sorted(found)
        }
    if "enum" in copy:
        # An enum's aliases, and members of several enums in one Literal, may have equal values.
        copy["enum"] = _distinct(copy["enum"])
    if "example" in copy:
        # OpenAPI's word.
        copy.setdefault("examples", [copy.pop("example")])
    for keyword in ("default", "examples"):
        if not _is_json(copy.get(keyword)):
            del copy[keyword]
    for keyword in ("title", "description"):
        if isinstance(text := copy.get(keyword), str):
            copy[keyword] = replaced(text)
    if "$ref" in copy and len(copy) > 1:
        # draft-07 ignores what stands beside a reference.
        target = copy.pop("$ref")
        copy["allOf"] = [{"$ref": target}, *copy.get("allOf", [])]
    return copy


def _finished(schema: Schema, name: str) -> Schema:
    """The keywords in order. Inline enums and objects get a title: generators make names of types from it."""

    def finished(part: Schema, within: str) -> Schema:
        if _INNER.isdisjoint(part) and "enum" not in part:
            return _ordered(part)
        inner = name + _pascal(within)
        if ("enum" in part or "properties" in part) and not part.get("title"):
            part = {"title": inner, **part}
        return _finished(part, inner)

    return _ordered(_mapped(schema, finished))


def _ordered(schema: Schema) -> Schema:
    first = [keyword for keyword in _FIRST if keyword in schema]
    return {keyword: schema[keyword] for keyword in (*first, *sorted(schema.keys() - first))}


def _mapped(schema: Schema, change: Callable[[Schema, str], Schema]) -> Schema:
    """A copy of ``schema`` in which each schema directly inside is changed; ``change`` is told what it is called."""
    copy = schema.copy()
    if _INNER.isdisjoint(schema):
        return copy

    def changed(part: Any, within: str) -> Any:
        return change(part, within) if isinstance(part, dict) else part

    for keyword, value in schema.items():
        if keyword in _MAPS and isinstance(value, dict):
            copy[keyword] = {name: changed(part, name) for name, part in value.items()}
        elif keyword in _LISTS and isinstance(value, list):
            copy[keyword] = [
                # Of alternatives the first has the name of the whole: mostly the others are null.
                changed(part, f"Item{number}" if keyword in _POSITIONS else str(number) if number > 1 else "")
                for number, part in enumerate(value, 1)
            ]
        elif keyword in _ONE:
            copy[keyword] = changed(value, _PART_NAMES.get(keyword, ""))
    return copy


def _schemas(schema: Schema) -> Iterator[Schema]:
    """A schema and those inside of it at any depth, each before its own parts."""
    pending = [schema]
    while pending:
        schema = pending.pop()
        yield schema
        if not _INNER.isdisjoint(schema):
            pending += reversed([part for part in _parts(schema) if isinstance(part, dict)])


def _parts(schema: Schema) -> Iterator[Any]:
    for keyword, value in schema.items():
        if keyword in _MAPS and isinstance(value, dict):
            yield from value.values()
        elif keyword in _LISTS and isinstance(value, list):
            yield from value
        elif keyword in _ONE:
            yield value


def _is_json(value: Any) -> bool:
    """Whether a value has a form in JSON: no NaN, no infinity, no lone surrogate (RFC 8259, 6 and 8.2).

    Nor may it hold a key that is misunderstood: the official parser would follow a ``$ref`` in a default.
    """
    match value:
        case float():
            return math.isfinite(value)
        case str():
            return replaced(value) == value
        case list():
            return all(map(_is_json, value))
        case dict():
            return all(key not in _MISUNDERSTOOD and _is_json(key) and _is_json(item) for key, item in value.items())
        case _:
            return True


def _distinct(values: Sequence[Any]) -> list[Any]:
    """``values`` without repetitions; Python takes True for 1, JSON does not."""
    found: list[Any] = []
    for value in values:
        if not any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in found):
            found.append(value)
    return found


def _pascal(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", text))
