"""Schemas made at random, and changed at random."""

import copy
import random
from typing import Any, Final

_NAMES: Final = ("a", "b", "c")
_COMPONENTS: Final = ("Node", "Leaf", "Choice")
_VALUES: Final = ("a", "b", "c", 1, 2, 2.5, None, True)


class Maker:
    """Makes schemas. All decisions are those of ``rng``."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def components(self) -> dict[str, Any]:
        """Schemas that others refer to; they also refer to each other, and to themselves."""
        return {name: self.schema(1) for name in _COMPONENTS}

    def schema(self, depth: int = 0, *, inside: bool = False) -> Any:
        """A schema, with less in it the deeper it is.

        :param inside: within an object or array. Only there it may refer to a component: one that is an alternative
            of itself says nothing, and no validator bears it.
        """
        kinds = ["text", "number", "values", "flat", "null", "true"]
        if depth < 3:
            kinds += ["object"] * 4 + ["array", "anyOf", "oneOf", "allOf"] + ["reference"] * 2 * inside
        match self._rng.choice(kinds):
            case "text":
                return {
                    "type": "string",
                    **self._some({"minLength": 1, "maxLength": 3, "pattern": "^a", "format": "date"}),
                }
            case "number":
                kind = self._rng.choice(["integer", "number"])
                return {
                    "type": kind,
                    **self._some({"minimum": 1, "maximum": 4, "exclusiveMinimum": 0, "multipleOf": 2}),
                }
            case "values":
                return {"enum": self._rng.sample(_VALUES, self._rng.randint(1, 3))}
            case "flat":
                return {"type": self._rng.sample(["string", "integer", "null", "boolean"], 2)}
            case "null":
                return {"type": "null"}
            case "true":
                return self._rng.choice([True, {}, False]) if self._rng.random() < 0.3 else {}
            case "object":
                return self._object(depth)
            case "array":
                items = self.schema(depth + 1, inside=True)
                more = self._some({"minItems": 1, "maxItems": 2, "uniqueItems": True})
                return {"type": "array", "items": [items] if self._rng.random() < 0.3 else items, **more}
            case "reference":
                return {"$ref": f"#/components/schemas/{self._rng.choice(_COMPONENTS)}"}
            case keyword:
                return {keyword: [self.schema(depth + 1, inside=inside) for _ in range(self._rng.randint(1, 3))]}

    def changed(self, schema: Any) -> Any:
        """``schema`` with one or two changes somewhere in it."""
        schema = copy.deepcopy(schema)
        for _ in range(self._rng.randint(1, 2)):
            places = [place for place in _places(schema) if isinstance(place, dict)]
            if not places or self._rng.random() < 0.05:
                schema = self.schema()
            else:
                self._change(self._rng.choice(places))
        return schema

    def _change(self, place: dict[str, Any]) -> None:
        match self._rng.randrange(6):
            case 0 if place:
                del place[self._rng.choice([*place])]
            case 1:
                other = self.schema(2)
                place.update(other if isinstance(other, dict) and "$ref" not in place else {})
            case 2:
                inner = dict(place)
                place.clear()
                place["anyOf"] = [inner, self.schema(3)]
            case 3 if isinstance(place.get("properties"), dict):
                place["properties"][self._rng.choice(_NAMES)] = self.schema(2, inside=True)
            case 4 if "properties" in place:
                place["required"] = self._rng.sample(_NAMES, self._rng.randint(1, 2))
                place["additionalProperties"] = self._rng.choice([True, False, {"type": "string"}])
            case _:
                for keyword in ("anyOf", "oneOf", "allOf", "enum"):
                    if len(place.get(keyword, ())) > 1:
                        place[keyword].pop(self._rng.randrange(len(place[keyword])))
                for keyword in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"):
                    if keyword in place:
                        place[keyword] += self._rng.choice([-1, 1])

    def _object(self, depth: int) -> dict[str, Any]:
        properties = {
            name: self.schema(depth + 1, inside=True) for name in self._rng.sample(_NAMES, self._rng.randint(0, 3))
        }
        more = self._some(
            {"additionalProperties": self._rng.choice([True, False, {"type": "integer"}]), "minProperties": 1}
        )
        required = [name for name in properties if self._rng.random() < 0.5]
        return {"type": "object", "properties": properties, "required": required, **more}

    def _some(self, keywords: dict[str, Any]) -> dict[str, Any]:
        return {keyword: value for keyword, value in keywords.items() if self._rng.random() < 0.3}


def _places(schema: Any) -> list[Any]:
    """The schemas in a schema, itself first."""
    if not isinstance(schema, dict):
        return [schema]
    found = [schema]
    for keyword in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(keyword, ()):
            found += _places(inner)
    for inner in (schema.get("properties") or {}).values():
        found += _places(inner)
    items = schema.get("items")
    for inner in items if isinstance(items, list) else [items]:
        found += _places(inner) if isinstance(inner, dict) else []
    return found
