"""Two schemas that are compared with each other, and what was found: a node of a graph.

A schema that refers to itself, or that many messages share, is compared once. What differs at the place itself is in
``changes``; ``parts`` lead to the pairs of schemas inside. Whoever wants to know where in a message a change is follows
the parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.schemas.fits import Fit, LocalChange
from chanx_asyncapi.diff.schemas.views import Views
from chanx_asyncapi.source import Target
from chanx_asyncapi.validation.tree import Where

Schema = Mapping[str, Any]


@dataclass(eq=False, slots=True)
class Pair:
    """An old schema and the new one in its place."""

    old: Target
    new: Target
    changes: list[LocalChange] = field(default_factory=list[LocalChange])
    parts: list[tuple[Where, "Pair"]] = field(default_factory=list[tuple[Where, "Pair"]])
    #: A property has these schemas that may be left out, so that a default is assumed.
    may_be_absent: bool = False

    @property
    def component(self) -> str | None:
        """The component that both schemas are."""
        return self.new.name if self.old.name is not None else None

    def differ(self, rule: Rule, forth: Fit, back: Fit, what: Phrase, *steps: str) -> None:
        """Note a change.

        :param forth: how what the old schema allows fits the new one.
        :param back: how what the new schema allows fits the old one.
        :param steps: from the schemas to the place of the change.
        """
        self.changes.append(LocalChange(rule, steps, what, forth, back))


class Comparing(Protocol):
    """Compares schemas with each other; the comparison of one keyword asks it for the schemas inside."""

    old: Views
    new: Views

    def part(self, pair: Pair, step: str, old: Any, new: Any, *, may_be_absent: bool = False) -> None:
        """Compare two schemas inside of ``pair``: a change of theirs is one of the whole."""
        ...
