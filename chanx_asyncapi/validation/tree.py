"""A document as a flat sequence of nodes that know what they are, and what their references lead to.

What is data (examples, defaults, constants, extensions) is not looked into: a ``$ref`` in there is no reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import unquote

Kind: TypeAlias = Literal[
    "document",
    "info",
    "server",
    "server variable",
    "channel",
    "channel bindings",
    "ws binding",
    "parameter",
    "operation",
    "reply",
    "message",
    "example",
    "correlation id",
    "components",
    "security scheme",
    "tag",
    "external documentation",
    "schema",
]
#: The way from the document to a place in it: keys and, in lists, indices.
Where: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of an object that lead to other objects."""

    #: Fields that hold an object or a list of objects.
    objects: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    #: Fields that hold objects by keys of the author.
    maps: Mapping[str, Kind] = field(default_factory=dict[str, Kind])


_LABELS: Final[dict[str, Kind]] = {"tags": "tag", "externalDocs": "external documentation"}
# Keywords of later drafts are followed as well: what they hold should not be called unused.
_SUBSCHEMAS: Final[dict[str, Kind]] = dict.fromkeys(
    (
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "oneOf",
        "prefixItems",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ),
    "schema",
)
_SUBSCHEMA_MAPS: Final[dict[str, Kind]] = dict.fromkeys(
    ("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"), "schema"
)

_STRUCTURE: Final[Mapping[Kind, _Fields]] = {
    "document": _Fields(
        {"info": "info", "components": "components"},
        {"servers": "server", "channels": "channel", "operations": "operation"},
    ),
    "info": _Fields(_LABELS),
    "server": _Fields({"security": "security scheme", **_LABELS}, {"variables": "server variable"}),
    "channel": _Fields(
        {"servers": "server", "bindings": "channel bindings", **_LABELS},
        {"parameters": "parameter", "messages": "message"},
    ),
    "channel bindings": _Fields({"ws": "ws binding"}),
    "ws binding": _Fields({"query": "schema", "headers": "schema"}),
    "parameter": _Fields({"x-schema": "schema"}),
    "operation": _Fields(
        {
            "channel": "channel",
            "messages": "message",
            "reply": "reply",
            "security": "security scheme",
            **_LABELS,
        }
    ),
    "reply": _Fields({"channel": "channel", "messages": "message"}),
    "message": _Fields(
        {
            "payload": "schema",
            "headers": "schema",
            "correlationId": "correlation id",
            "examples": "example",
            **_LABELS,
        }
    ),
    "tag": _Fields({"externalDocs": "external documentation"}),
    "components": _Fields(
        {},
        {
            "schemas": "schema",
            "servers": "server",
            "channels": "channel",
            "operations": "operation",
            "messages": "message",
            "securitySchemes": "security scheme",
            "serverVariables": "server variable",
            "parameters": "parameter",
            "correlationIds": "correlation id",
            "replies": "reply",
            "externalDocs": "external documentation",
            "tags": "tag",
            "channelBindings": "channel bindings",
        },
    ),
    "schema": _Fields({"externalDocs": "external documentation", **_SUBSCHEMAS}, _SUBSCHEMA_MAPS),
}


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the document, or a reference in the place of one."""

    kind: Kind
    where: Where
    value: Any
    #: The field that holds it: for the schema of a property ``properties``, not the property's name.
    field: str

    @property
    def reference(self) -> str | None:
        """What ``$ref`` says, if this is a reference."""
        reference = self.value.get("$ref") if isinstance(self.value, dict) else None
        return reference if isinstance(reference, str) else None


class Tree:
    """A document that the official schema accepts, taken apart once for all rules."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        #: All nodes in the document's order, outer ones before inner ones.
        self.nodes: tuple[Node, ...] = tuple(_walk(Node("document", (), document, "")))
        self._positions = {node.where: position for position, node in enumerate(self.nodes)}

    def of(self, *kinds: Kind) -> Iterator[Node]:
        """Yield the objects of ``kinds``: neither references nor the schemas ``true`` and ``false``."""
        for node in self.nodes:
            if node.kind in kinds and isinstance(node.value, dict) and node.reference is None:
                yield node

    def at(self, *where: str) -> Node | None:
        """Return the node at ``where``, if there is one."""
        position = self._positions.get(where)
        return None if position is None else self.nodes[position]

    def inside(self, where: Where) -> Iterator[Node]:
        """Yield the node at ``where`` and everything in it."""
        if (start := self._positions.get(where)) is None:
            return
        for node in self.nodes[start:]:
            if node.where[: len(where)] != where:
                return
            yield node

    def target(self, node: Node | None) -> Node | None:
        """Return the node to which ``node`` leads in one step; ``None`` if it is no reference or leads nowhere."""
        where = None if node is None else pointer(node.reference)
        return None if where is None else self.at(*where)

    def follow(self, node: Node | None) -> Node | None:
        """Return the object to which ``node`` leads, itself if it is none; ``None`` if it leads to no object."""
        seen: set[Where] = set()
        while node is not None and node.reference is not None:
            if node.where in seen:
                return None
            seen.add(node.where)
            node = self.target(node)
        return node


def pointer(reference: str | None) -> Where | None:
    """Return the keys of ``reference``, a JSON Pointer in a fragment (RFC 6901, 6); ``None`` if it is none."""
    if reference is None or not reference.startswith("#/"):
        return None
    return tuple(unquote(key).replace("~1", "/").replace("~0", "~") for key in reference[2:].split("/"))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if not isinstance(node.value, dict) or node.reference is not None:
        return
    fields = _STRUCTURE.get(node.kind, _Fields())
    for key, value in node.value.items():
        where = (*node.where, key)
        if kind := fields.objects.get(key):
            if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from _walk(Node(kind, (*where, str(index)), item, key))
            else:
                yield from _walk(Node(kind, where, value, key))
        elif (kind := fields.maps.get(key)) and isinstance(value, dict):
            for name, item in value.items():
                yield from _walk(Node(kind, (*where, name), item, key))
