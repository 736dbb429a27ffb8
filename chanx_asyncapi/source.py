"""A document of AsyncAPI 3: what its references lead to, and what its traits add.

The document may come from any tool and need not be valid. What leads nowhere stays the reference that it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chanx_asyncapi.json_values import as_list, as_object, shown
from chanx_asyncapi.validation.tree import Where, pointer


@dataclass(frozen=True, slots=True)
class Target:
    """What a value is when its references are followed."""

    value: Any
    #: Where that is in the document; None for a value that is no reference.
    where: Where | None = None
    #: The reference that leads nowhere, or out of the document.
    lost: str | None = None

    @property
    def name(self) -> str | None:
        """The key of the component that the value is."""
        is_component = self.where is not None and len(self.where) == 3 and self.where[0] == "components"
        return self.where[-1] if self.where is not None and is_component else None


class UnsupportedVersionError(Exception):
    """The document is of another version of AsyncAPI than 3, or of none; ``str()`` says which, and the way out."""

    def __init__(self, version: object) -> None:
        super().__init__(version)
        self.version = version

    def __str__(self) -> str:
        return (
            f"its version of AsyncAPI is {shown(self.version)}, and only 3.x is understood. Convert it first, for "
            "example with the converter of the AsyncAPI initiative."
        )


class Source:
    """A document of AsyncAPI 3."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """:raises UnsupportedVersionError: for another version of AsyncAPI."""
        version = document.get("asyncapi")
        if not isinstance(version, str) or not version.startswith("3."):
            raise UnsupportedVersionError(version)
        self.document: Final = document
        #: The components to which references have led, or into which.
        self.reached: Final[set[Where]] = set()
        self._targets: Final[dict[str, Target]] = {}
        self._with_traits: Final[dict[int, tuple[Any, dict[str, Any]]]] = {}

    def follow(self, value: Any) -> Target:
        """Return what ``value`` is, behind any number of references."""
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str):
            return Target(value)
        if (target := self._targets.get(reference)) is None:
            # A reference that leads back to itself leads nowhere.
            self._targets[reference] = Target(value, lost=reference)
            self._targets[reference] = target = self._look_up(value, reference)
        return target

    def object(self, value: Any) -> Mapping[str, Any]:
        """The object that ``value`` is or refers to, with what its traits add; an empty one if it is none."""
        found = as_object(self.follow(value).value)
        if "traits" not in found:
            return found
        if id(found) not in self._with_traits:
            self._with_traits[id(found)] = found, self._merged(found)
        return self._with_traits[id(found)][1]

    def plain(self, value: Any) -> Any:
        """``value`` with what references directly in it, or in its items, lead to: for texts and labels."""
        found = self.follow(value).value
        return [self.follow(item).value for item in found] if isinstance(found, list) else found

    def _look_up(self, value: Any, reference: str) -> Target:
        keys = pointer(reference)
        found: Any = self.document
        where: Where = ()
        for key in keys or ():
            # References may lead through references, in documents of others.
            target = self.follow(found)
            found, where = target.value, (*(target.where or where), key)
            if isinstance(found, dict) and key in found:
                found = found[key]
            elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            else:
                return Target(value, lost=reference)
        if keys is None:
            return Target(value, lost=reference)
        self.reached.add(where[:3])
        target = self.follow(found)
        return Target(target.value, target.where or where, target.lost)

    def _merged(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """https://www.asyncapi.com/docs/reference/specification/v3.1.0#traitsMergeMechanism"""
        merged: dict[str, Any] = {}
        for part in (*(self.follow(trait).value for trait in as_list(value["traits"])), value):
            _patch(merged, as_object(part))
        del merged["traits"]
        return merged


def _patch(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """JSON Merge Patch (RFC 7396, 2), without changing what ``target`` was given before."""
    for key, value in patch.items():
        if isinstance(value, dict):
            inner = dict(as_object(target.get(key)))
            _patch(inner, value)
            target[key] = inner
        elif value is None:
            target.pop(key, None)
        else:
            target[key] = value
