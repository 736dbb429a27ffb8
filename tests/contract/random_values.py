"""Random values for JSON Schemas in draft-07, and ways to spoil them; the same seed gives the same values.

Independent of :mod:`chanx_asyncapi.instances`, which makes one value to be read, the same each time. These are many and
odd, and nobody reads them.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Container, Iterator, Mapping
from random import Random
from typing import Any, Final

from jsonschema import FormatChecker

from chanx_asyncapi.validation.formats import FORMATS
from tests.contract.random_texts import matching

Schema = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/"
#: Levels below which nothing optional is added.
_DEEP: Final = 6

_WORDS: Final = ("", "a", "Zoë", "x y", "😀", "0", "-1", "true", "null", "a" * 20, "é\u2028", '"\\')
_ANYTHING: Final = (None, True, 1, 1.5, "x", [1], {"a": None})
#: Keys that a schema does not name.
_KEYS: Final = ("k1", "k 2", "ü", "1")

#: Texts of each format, pydantic's own included.
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "base64": ("", "aGk="),
    "base64url": ("", "_w=="),
    "binary": ("", "abc"),
    "byte": ("", "aGk="),
    "date": ("2020-02-29", "1999-12-31"),
    "date-time": ("2020-02-29T23:59:59Z", "2020-01-01T00:00:00.123456+05:30"),
    "date-time-local": ("2020-02-29T23:59:59", "2020-01-01T00:00:00.5"),
    "duration": ("PT1S", "P1DT2H", "-P1D"),
    "fraction": ("1/2", "-3"),
    "ipv4": ("127.0.0.1",),
    "ipv4network": ("10.0.0.0/8",),
    "ipv6": ("::1", "2001:db8::ff00:42:8329"),
    "ipv6interface": ("::1/64",),
    "ipvanyaddress": ("::1", "1.2.3.4"),
    "ipvanynetwork": ("10.0.0.0/8", "::/0"),
    "multi-host-uri": ("postgres://u:p@h:5432/db",),
    "password": ("s", ""),
    "path": ("a/b", "/"),
    "regex": ("a+", ""),
    "time": ("12:00:00", "23:59:59.5"),
    "uri": ("https://a.example/b?c#d",),
    "uuid": ("00000000-0000-4000-8000-000000000000",),
    "uuid4": ("00000000-0000-4000-8000-000000000000",),
    "uuid7": ("01932c07-209c-7000-8000-000000000000",),
    "zoneinfo": ("UTC",),
}


def _is_one_of(texts: Container[str]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or value in texts


#: Knows each format, if only by the texts above: a spoiled one fits none of them.
ALL_FORMATS: Final = FormatChecker(formats=())
for _format, _texts in _FORMATS.items():
    ALL_FORMATS.checks(_format)(_is_one_of(_texts))
ALL_FORMATS.checkers |= FORMATS.checkers


class RandomValues:
    """Makes values for the schemas among ``components``."""

    def __init__(self, components: Mapping[str, Schema], seed: int) -> None:
        self._components = components
        self._random = Random(seed)

    def value(self, schema: Schema | bool, depth: int = 0) -> Any:
        """A value that ``schema`` allows."""
        if isinstance(schema, bool):
            return self._random.choice(_ANYTHING)
        if "$ref" in schema:
            return self.value(self._components[schema["$ref"].removeprefix(_REFERENCE)], depth + 1)
        if "allOf" in schema:
            (wrapped,) = schema["allOf"]
            return self.value(wrapped, depth)
        if "const" in schema:
            return copy.deepcopy(schema["const"])
        if "enum" in schema:
            return copy.deepcopy(self._random.choice(schema["enum"]))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return self.value(self._alternative(schema[keyword], depth), depth)
        return self._of_type(schema, depth)

    def _alternative(self, alternatives: list[Schema], depth: int) -> Schema:
        """One of them; deep down one that ends, if there is any."""
        ends = [each for each in alternatives if self._ends(each)] if depth > _DEEP else []
        return self._random.choice(ends or alternatives)

    def _ends(self, schema: Schema) -> bool:
        """Whether no value for ``schema`` needs another one that is defined elsewhere."""
        if "$ref" in schema:
            schema = self._components[schema["$ref"].removeprefix(_REFERENCE)]
        needed = [schema, *(schema.get("properties", {}).get(key, {}) for key in schema.get("required", []))]
        return not any(part.keys() & {"$ref", "allOf", "anyOf", "oneOf"} for part in needed)

    def _of_type(self, schema: Schema, depth: int) -> Any:
        match schema.get("type"):
            case None:
                return copy.deepcopy(self._random.choice(_ANYTHING))
            case "null":
                return None
            case "boolean":
                return self._random.random() < 0.5
            case "integer":
                return self._number(schema, 1)
            case "number":
                return self._number(schema, 0.5)
            case "string":
                return self._text(schema)
            case "array":
                return self._array(schema, depth)
            case "object":
                return self._object(schema, depth)
            case kind:
                raise AssertionError(f"no schema of ours has the type {kind!r}")

    def _number(self, schema: Schema, step: float) -> Any:
        step = schema.get("multipleOf", step)
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        if low is None:
            low = -100 if high is None else high - 100
        if high is None:
            high = low + 200
        # Divided as integers where they are some: floats do not tell numbers of 64 bits apart.
        first, last = -(-low // step), high // step
        first += "exclusiveMinimum" in schema and first * step == low
        last -= "exclusiveMaximum" in schema and last * step == high
        whole = self._random.choice([first, last, self._random.randint(math.ceil(first), math.floor(last))])
        return whole * step

    def _text(self, schema: Schema) -> str:
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        if "pattern" in schema:
            found = (matching(schema["pattern"], self._random) for _ in range(1_000))
            return next(text for text in found if shortest <= len(text) <= longest)
        if schema.get("contentMediaType") == "application/json":
            return json.dumps(self._random.choice(_ANYTHING))
        texts = _FORMATS[schema["format"]] if "format" in schema else _WORDS
        fitting = [text for text in texts if shortest <= len(text) <= longest]
        return self._random.choice(fitting) if fitting else "a" * shortest

    def _array(self, schema: Schema, depth: int) -> list[Any]:
        items = schema.get("items", True)
        if isinstance(items, list):
            return [self.value(item, depth + 1) for item in items[: schema.get("maxItems", len(items))]]
        shortest = schema.get("minItems", 0)
        longest = schema.get("maxItems", shortest + (0 if depth > _DEEP else 2))
        wanted = self._random.randint(shortest, min(longest, shortest + 3))
        found: list[Any] = []
        for _ in range(20 * wanted):
            value = self.value(items, depth + 1)
            if len(found) < wanted and not (schema.get("uniqueItems") and value in found):
                found.append(value)
        return found

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        found = {
            key: self.value(part, depth + 1)
            for key, part in schema.get("properties", {}).items()
            if key in required or (depth < _DEEP and self._random.random() < 0.5)
        }
        by_pattern = schema.get("patternProperties", {})
        for key in required:
            # A name at which the official parser would fail is a pattern.
            if key not in found:
                found[key] = self.value(
                    next(part for one, part in by_pattern.items() if re.search(one, key)), depth + 1
                )
        rest = schema.get("additionalProperties", False)
        wanted = max(schema.get("minProperties", 0) - len(found), self._random.randint(0, 2) if depth < _DEEP else 0)
        wanted = min(wanted, schema.get("maxProperties", 99) - len(found))
        for _ in range(wanted):
            if by_pattern:
                pattern = self._random.choice(list(by_pattern))
                key = self._text({"pattern": pattern, **schema.get("propertyNames", {})})
                found[key] = self.value(by_pattern[pattern], depth + 1)
            elif rest is not False:
                found[self._key(schema.get("propertyNames"))] = self.value(rest, depth + 1)
        return found

    def _key(self, names: Schema | None) -> str:
        if names is None:
            return self._random.choice(_KEYS)
        if "anyOf" in names:
            return self._key(self._random.choice(names["anyOf"]))
        return str(self.value(names if names.keys() & {"$ref", "enum", "const"} else {"type": "string", **names}))


def spoiled(value: Any, random: Random, *, count: int) -> Iterator[Any]:
    """Copies of an object in each of which one part has another type, is missing, or is too much."""
    places = list(_places(value, ()))
    for _ in range(count):
        copied = copy.deepcopy(value)
        *way, last = random.choice(places)
        parent = copied
        for key in way:
            parent = parent[key]
        match random.randrange(4):
            case 0 if isinstance(parent, dict):
                del parent[last]
            case 1 if isinstance(parent, dict):
                parent["unheard of"] = 1
            case _:
                old = type(parent[last])
                parent[last] = random.choice([other for other in (*_ANYTHING, [], {}) if type(other) is not old])
        yield copied


def _places(value: Any, way: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _places(part, (*way, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _places(part, (*way, index))
