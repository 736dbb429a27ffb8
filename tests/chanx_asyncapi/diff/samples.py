"""Values that a writer of a schema may write, chosen at random: at the edges of what is allowed, if possible.

A writer writes no keys that its schema does not speak of; where the schema says that others are welcome, it writes
some.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chanx_asyncapi.validation.values import validator

#: Attempts for one value, and levels of nesting, before one gives up.
_ATTEMPTS: Final = 12
_DEPTH: Final = 5

_ANYTHING: Final[tuple[Any, ...]] = (None, True, 0, 1, -7, 2.5, "", "a", "zz", [], ["a"], {}, {"a": 1}, {"zz": "a"})
_TEXTS: Final = ("", "a", "b", "ab", "abc", "xa", "zzzzzzzz", "2020-02-02", "2020-02-02T20:20:20Z", "a:b", "ä")
_KEYS: Final = ("a", "b", "c", "x", "xa", "zz")


class NoValueError(Exception):
    """No value was found; there may be one."""


def samples(schema: Any, document: Mapping[str, Any], rng: random.Random, count: int) -> Iterator[Any]:
    """Up to ``count`` values for ``schema``, whose references lead into ``document``."""
    if schema is False:
        return
    holds = validator({} if schema is True else schema, document)
    sampler = _Sampler(document, rng)
    for _ in range(count):
        for _ in range(_ATTEMPTS):
            try:
                value = sampler.value(schema, 0)
            except NoValueError:
                continue
            if holds.is_valid(value):
                yield value
                break


class _Sampler:
    def __init__(self, document: Mapping[str, Any], rng: random.Random) -> None:
        self._document = document
        self._rng = rng

    def value(self, schema: Any, depth: int) -> Any:
        if schema is False or depth > _DEPTH:
            raise NoValueError
        schema = self._flat({} if schema is True else schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._one_of(schema["enum"])
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                rest = {key: value for key, value in schema.items() if key != keyword}
                chosen = self._flat(self._one_of(schema[keyword]))
                made = self.value({"allOf": [rest, chosen]} if rest.keys() - {"discriminator"} else chosen, depth)
                # Another alternative may allow what this one was tried for, but then it is not what it says.
                if validator(chosen, self._document).is_valid(made):
                    return made
                raise NoValueError
        names = schema.get("type", [])
        names = [names] if isinstance(names, str) else names
        match self._one_of(names) if names else None:
            case None:
                return self._untyped(schema, depth)
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return self._text(schema)
            case "integer":
                return round(self._number(schema))
            case "number":
                return self._number(schema)
            case "boolean":
                return self._rng.random() < 0.5
            case _:
                return None

    def _flat(self, schema: Any) -> dict[str, Any]:
        """Without references and, roughly, without ``allOf``: values are held against the whole schema later."""
        if schema is False:
            raise NoValueError
        flat: dict[str, Any] = {} if schema is True else dict(schema)
        for _ in range(50):
            if isinstance(reference := flat.get("$ref"), str):
                found: Any = self._document
                for key in reference.removeprefix("#/").split("/"):
                    found = found[key]
                if found is False:
                    raise NoValueError
                flat = {} if found is True else dict(found)
            elif "allOf" in flat:
                for part in [self._flat(part) for part in flat.pop("allOf")]:
                    merged = {**flat.get("properties", {}), **part.get("properties", {})}
                    required = [*flat.get("required", ()), *part.get("required", ())]
                    flat = {**flat, **part, "properties": merged, "required": required}
                    flat = {key: value for key, value in flat.items() if value or key not in ("properties", "required")}
            else:
                return flat
        raise NoValueError

    def _untyped(self, schema: dict[str, Any], depth: int) -> Any:
        kinds = [kind for kind, keyword in (("object", "properties"), ("array", "items")) if keyword in schema]
        if kinds and self._rng.random() < 0.7:
            return self.value({**schema, "type": self._one_of(kinds)}, depth)
        kind = self._one_of(("string", "number", "integer", "any"))
        return self._one_of(_ANYTHING) if kind == "any" else self.value({**schema, "type": kind}, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made: dict[str, Any] = {}
        for name, inner in schema.get("properties", {}).items():
            if name in required or self._rng.random() < 0.5:
                try:
                    made[name] = self.value(inner, depth + 1)
                except NoValueError:
                    if name in required:
                        raise
        for name in required:
            made.setdefault(name, self._one_of(_ANYTHING))
        for pattern, inner in schema.get("patternProperties", {}).items():
            if self._rng.random() < 0.5:
                made[pattern.strip("^$")] = self.value(inner, depth + 1)
        if schema.get("additionalProperties") not in (None, False):
            for name in self._rng.sample(_KEYS, 2):
                if name not in made:
                    made[name] = self.value(schema.get("additionalProperties", True), depth + 1)
        return made

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        items = schema.get("items", True)
        fixed = items if isinstance(items, list) else []
        rest = schema.get("additionalItems", True) if fixed else items
        count = self._between(schema.get("minItems", 0), schema.get("maxItems"), 3)
        made: list[Any] = []
        for index in range(count):
            inner = fixed[index] if index < len(fixed) else rest
            if inner is False:
                break
            made.append(self.value(inner, depth + 1))
        if "contains" in schema:
            made.append(self.value(schema["contains"], depth + 1))
        return made

    def _text(self, schema: dict[str, Any]) -> str:
        length = self._between(schema.get("minLength", 0), schema.get("maxLength"), 6)
        text: str = self._one_of(_TEXTS)
        if self._rng.random() < 0.5 or not {"pattern", "format"} & schema.keys():
            return f"{text}{self._one_of('abx') * length}"[:length]
        return text

    def _number(self, schema: dict[str, Any]) -> float:
        step = schema.get("multipleOf", 1)
        lower, upper = (
            schema.get("minimum", schema.get("exclusiveMinimum")),
            schema.get("maximum", schema.get("exclusiveMaximum")),
        )
        bounds = [bound for bound in (lower, upper) if bound is not None and not isinstance(bound, bool)]
        base: float = self._one_of([*bounds, 0] if bounds else [0, 1, -1, 3, 100])
        value: float = base + self._one_of((0, 0, 0.5, 1, -0.5, -1, 2))
        return value if "multipleOf" not in schema else round(value / step) * step

    def _between(self, least: int, most: int | None, beyond: int) -> int:
        most = least + beyond if most is None else most
        return self._one_of((least, most, self._rng.randint(least, most))) if least <= most else least

    def _one_of(self, choices: Any) -> Any:
        if not choices:
            raise NoValueError
        return choices[self._rng.randrange(len(choices))]
