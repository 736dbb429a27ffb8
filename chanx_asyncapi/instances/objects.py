"""Values for the schema of an object."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chanx_asyncapi.instances.places import Maker, NoInstanceError, Place, Schema, TooLargeError
from chanx_asyncapi.validation.values import compiled

#: A map has entries under keys that the author of the schema does not know.
_KEY: Final = "key"


def objects(keywords: Schema, at: Place, maker: Maker) -> Iterator[dict[str, Any]]:
    """An object with everything that may be there, then one with what must be there."""
    for optional in (True, False):
        yield _Object(keywords, at, maker, optional=optional and maker.has_room(at)).make()


class _Object:
    def __init__(self, keywords: Schema, at: Place, maker: Maker, *, optional: bool) -> None:
        self._keywords = keywords
        self._at = at
        self._maker = maker
        self._optional = optional
        self._properties: Mapping[str, Any] = keywords.get("properties", {})
        self._required: list[str] = keywords.get("required", [])
        self._least: int = keywords.get("minProperties", 0)
        self._most: int | None = keywords.get("maxProperties")
        self._made: dict[str, Any] = {}
        #: What a default says about properties.
        self._hint: Mapping[str, Any] = next(
            (given for given in (at.hint, keywords.get("default")) if isinstance(given, dict)), {}
        )

    def make(self) -> dict[str, Any]:
        for name, schema in self._properties.items():
            if self._is_for_others(schema):
                continue
            if name in self._required:
                self._add(name, schema)
            elif self._optional and self._room() and self._maker.is_telling(schema, self._place(name)):
                self._try(name, schema)
        for name in self._required:
            if name not in self._made and not self._is_for_others(self._properties.get(name)):
                self._add(name, self._schema_of(name))
        for name, schema in self._properties.items():
            if len(self._made) < self._least and name not in self._made:
                self._try(name, schema)
        self._add_entries()
        if len(self._made) < self._least:
            raise NoInstanceError("no more properties are known")
        return self._made

    def _add_entries(self) -> None:
        """Adds entries of a map: one to show what they are like, and as many as there must be."""
        value = self._value_of_entries()
        shown = 1 if self._optional and not self._properties and value not in (None, False) else 0
        for number in range(max(self._least, shown) - len(self._made)):
            if self._room():
                self._try(self._key(number), value)

    def _value_of_entries(self) -> Any:
        """The schema of entries whose keys are not known, None where nothing is said about them."""
        patterns = self._keywords.get("patternProperties")
        if patterns:
            return next(iter(patterns.values()))
        return self._keywords.get("additionalProperties", True if self._least else None)

    def _key(self, number: int) -> str:
        patterns = self._keywords.get("patternProperties")
        names: Any = {"pattern": next(iter(patterns))} if patterns else self._keywords.get("propertyNames")
        if names is None:
            return _KEY if number == 0 else f"{_KEY}{number + 1}"
        place = Place(name=_KEY, path=self._at.path, depth=self._at.depth + 1, number=number)
        key: str = self._maker.value({"allOf": [names, {"type": "string"}]}, place)
        return key

    def _schema_of(self, name: str) -> Any:
        """The schema of a property that only its name is known of."""
        for pattern, schema in self._keywords.get("patternProperties", {}).items():
            if (engine := compiled(pattern)) is not None and engine.search(name):
                return schema
        return self._keywords.get("additionalProperties", True)

    def _add(self, name: str, schema: Any) -> None:
        self._made[name] = self._maker.value(schema, self._place(name))

    def _try(self, name: str, schema: Any) -> None:
        try:
            self._add(name, schema)
        except TooLargeError:
            raise
        except NoInstanceError:
            pass

    def _place(self, name: str) -> Place:
        at = self._at
        # What a map holds is called what the map is called: its keys are data.
        called = name if name in self._properties else at.name
        return Place(called, at.path, at.depth + 1, self._hint.get(name), at.number)

    def _room(self) -> bool:
        missing = sum(name not in self._made for name in self._required)
        return self._most is None or len(self._made) + missing < self._most

    def _is_for_others(self, schema: Any) -> bool:
        """Whether a property is made by somebody else than who makes the value."""
        return not self._maker.read_only and isinstance(schema, Mapping) and schema.get("readOnly") is True
