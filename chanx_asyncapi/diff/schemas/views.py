"""Schemas as they are compared: references followed, ``allOf`` merged where that keeps the meaning.

Another way to write the same schema is no change: what a tool wraps into ``allOf`` because a reference has no siblings,
``anyOf`` within ``anyOf``, ``type`` as a list.
"""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.diff.schemas.keywords import is_annotation
from chanx_asyncapi.diff.schemas.types import types, values
from chanx_asyncapi.json_values import as_list, as_object, identity, same
from chanx_asyncapi.source import Source, Target
from chanx_asyncapi.validation.tree import Where

Schema = Mapping[str, Any]

# Keywords that look at their neighbours, and mean something else beside those of another schema.
_NEIGHBOURS: Final = (
    frozenset(("properties", "patternProperties", "additionalProperties")),
    frozenset(("items", "additionalItems", "prefixItems")),
    frozenset(("if", "then", "else")),
)


class Views:
    """The schemas of one document. The same schema is always the same view, so views can be told apart by ``id``."""

    def __init__(self, source: Source) -> None:
        self.source: Final = source
        # With the schema itself: its id is its own as long as it lives.
        self._merged: Final[dict[int, tuple[Any, Schema]]] = {}
        self._alternatives: Final[dict[int, tuple[Any, list[Any] | None]]] = {}
        self._places: Final[dict[int, tuple[Any, Where]]] = {}
        self._by_type: Final[dict[int, tuple[Any, list[Any]]]] = {}

    def follow(self, schema: Any) -> Target:
        """What ``schema`` is or refers to, an object of keywords merged: that, a boolean, or not a schema at all."""
        target = self.source.follow(schema)
        if not isinstance(target.value, dict) or target.lost is not None:
            return target
        view = self._merge(target.value)
        if target.where is not None:
            self._places.setdefault(id(view), (view, target.where))
        # A component is that component also where a view of it is given instead of a reference.
        return Target(view, self._places.get(id(view), (view, None))[1])

    def alternatives(self, schema: Schema) -> list[Any] | None:
        """The alternatives of a view that is nothing but a choice: ``anyOf`` or ``oneOf`` and annotations."""
        if id(schema) not in self._alternatives:
            self._alternatives[id(schema)] = schema, self._find_alternatives(schema)
        return self._alternatives[id(schema)][1]

    def by_type(self, schema: Schema) -> list[Any]:
        """A view that is no choice as one: an alternative for each of its types, if it has a list of them."""
        if id(schema) not in self._by_type:
            self._by_type[id(schema)] = schema, _split(schema)
        return self._by_type[id(schema)][1]

    def _find_alternatives(self, schema: Schema) -> list[Any] | None:
        keyword = choice(schema)
        if keyword is None:
            return None
        found: dict[object, Any] = {}
        pending, seen = [*schema[keyword]], {id(schema)}
        while pending:
            inner = self.follow(alternative := pending.pop(0)).value
            if keyword == "anyOf" and isinstance(inner, dict) and choice(inner) == "anyOf":
                # One that is in it already adds nothing.
                pending[:0] = () if id(inner) in seen else inner["anyOf"]
                seen.add(id(inner))
            else:
                # For oneOf it matters that one is there twice.
                found[identity(alternative) if keyword == "anyOf" else len(found)] = alternative
        return [*found.values()]

    def _merge(self, schema: Schema) -> Schema:
        if "allOf" not in schema:
            return schema
        if id(schema) not in self._merged:
            parts = self._parts(schema)
            self._merged[id(schema)] = schema, (None if parts is None else _union(parts)) or schema
        return self._merged[id(schema)][1]

    def _parts(self, schema: Schema) -> list[Schema] | None:
        """The schemas that all hold where ``schema`` does, it without its ``allOf`` first; None if one has no form."""
        parts: list[Schema] = []
        pending: list[Any] = [schema]
        seen: set[int] = set()
        while pending:
            target = self.source.follow(pending.pop(0))
            part = target.value
            if part is True or (isinstance(part, dict) and id(part) in seen):
                continue
            if not isinstance(part, dict) or target.lost is not None or "$ref" in part:
                return None
            seen.add(id(part))
            parts.append({key: value for key, value in part.items() if key != "allOf"})
            if "allOf" in part and not isinstance(part["allOf"], list):
                return None
            pending[:0] = part.get("allOf", ())
        return parts


def choice(schema: Schema) -> str | None:
    """The keyword of a schema that is nothing but a choice."""
    keywords = [keyword for keyword in schema if not is_annotation(keyword)]
    if len(keywords) == 1 and keywords[0] in ("anyOf", "oneOf") and as_list(schema[keywords[0]]):
        return keywords[0]
    return None


def _union(parts: list[Schema]) -> Schema | None:
    """One schema that means the same as all of ``parts``; None if there is none so simple."""
    for group in _NEIGHBOURS:
        if sum(not group.isdisjoint(part) for part in parts) > 1 and not _are_open(group, parts):
            return None
    union: dict[str, Any] = {}
    for part in parts:
        for keyword, value in part.items():
            if keyword not in union:
                union[keyword] = value
            elif is_annotation(keyword) or same(union[keyword], value):
                continue  # the outer schema's words come first
            elif keyword == "required":
                union[keyword] = [*as_list(union[keyword]), *as_list(value)]
            elif keyword == "properties":
                union[keyword] = _all_of(as_object(union[keyword]), as_object(value))
            else:
                return None
    return union


def _are_open(group: frozenset[str], parts: list[Schema]) -> bool:
    """Whether no part says anything about what it does not declare."""
    return "properties" in group and all(
        "patternProperties" not in part and part.get("additionalProperties", True) in (True, {}) for part in parts
    )


def _all_of(first: Schema, second: Schema) -> dict[str, Any]:
    return {
        name: {"allOf": [first[name], second[name]]}
        if name in first and name in second
        else first.get(name, second.get(name))
        for name in (*first, *(name for name in second if name not in first))
    }


def _split(schema: Schema) -> list[Any]:
    declared = schema.get("type")
    if not isinstance(declared, list) or len(declared) < 2:
        return [schema]
    listed = values(schema)
    split: list[Any] = []
    for name in declared:
        alternative = {key: value for key, value in schema.items() if not is_annotation(key)} | {"type": name}
        if listed is not None:
            alternative.pop("const", None)
            of_type = {"type": name, "enum": [*listed.values()]}
            alternative["enum"] = [*(values(of_type) or {}).values()]
        if types(alternative):
            split.append(alternative)
    return split or [schema]
