"""Single changes, and the class that each must get.

A class is a letter: ``s`` for safe, ``u`` for unknown, ``b`` for breaking. Two letters are existing clients with the
new server, and the old server with new clients.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chanx_asyncapi.diff import Change, Level

_SERVICE: Final = Path(__file__).with_name("service.json")
_LETTERS: Final = {Level.SAFE: "s", Level.UNKNOWN: "u", Level.BREAKING: "b"}
_MISSING: Final = object()

Document = dict[str, Any]
Edit = Callable[[Document], object]


def service() -> Document:
    """A fresh copy of ``service.json``: what documents of chanx hold, and what those of others do."""
    document: Document = json.loads(_SERVICE.read_text(encoding="utf-8"))
    return document


def travelling(schema: Any) -> Document:
    """The service whose question and answer both have a ``value`` with ``schema``."""
    document = service()
    document["components"]["schemas"]["chat.Thing"]["properties"]["value"] = copy.deepcopy(schema)
    return document


def verdicts(change: Change) -> str:
    """The two letters of a change."""
    return _LETTERS[change.client.level] + _LETTERS[change.server.level]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """Two schemas of one value."""

    name: str
    rule: str
    old: Any
    new: Any
    #: Where clients write the value, and where the server does.
    received: str
    sent: str


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A change of the service."""

    name: str
    rule: str
    edits: tuple[Edit, ...]
    expected: str

    @property
    def documents(self) -> tuple[Document, Document]:
        old = service()
        new = copy.deepcopy(old)
        for edit in self.edits:
            edit(new)
        return old, new


def put(path: str, value: Any) -> Edit:
    """Put a value at a path: keys with spaces between them."""

    def edit(document: Document) -> None:
        *outer, last = path.split()
        place = _at(document, outer)
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value

    return edit


def drop(path: str) -> Edit:
    """Take away what is at a path."""

    def edit(document: Document) -> None:
        *outer, last = path.split()
        place = _at(document, outer)
        del place[int(last) if isinstance(place, list) else last]

    return edit


def append(path: str, value: Any) -> Edit:
    """Add a value to the list at a path."""
    return lambda document: _at(document, path.split()).append(value)


def rename(path: str, name: str) -> Edit:
    """Give another key to what is at a path, in the same position, and let references lead there."""

    def edit(document: Document) -> None:
        *outer, last = path.split()
        place = _at(document, outer)
        items = [(name if key == last else key, value) for key, value in place.items()]
        place.clear()
        place.update(items)
        old, new = (f"#/{'/'.join((*outer, key))}" for key in (last, name))
        _redirect(document, old, new)

    return edit


def _redirect(value: Any, old: str, new: str) -> None:
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict) and isinstance(reference := inner.get("$ref"), str):
            if reference == old or reference.startswith(f"{old}/"):
                inner["$ref"] = new + reference.removeprefix(old)
        elif isinstance(inner, dict | list):
            _redirect(inner, old, new)


def _at(value: Any, path: list[str]) -> Any:
    for key in path:
        value = value[int(key) if isinstance(value, list) else key]
    return value
