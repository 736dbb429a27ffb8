"""What all parts of the comparison share: the two documents, and what was found so far."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any, Final

from chanx_asyncapi.diff.changes import Change, Phrase, Rule, changed
from chanx_asyncapi.diff.judgements import Sides, both, safe, severity, unknown
from chanx_asyncapi.diff.schemas import Direction, Root, SchemaComparison, changes
from chanx_asyncapi.json_values import same
from chanx_asyncapi.source import Source
from chanx_asyncapi.validation.tree import Where

SAME_WIRE: Final = both(safe("nothing on the wire is different."))
SAME_WIRE_OTHER_NAME: Final = both(safe("nothing on the wire is different; a name in generated code may be."))
NOBODY_KNOWS: Final = both(unknown("what it means to {clients} and {server} is nothing that AsyncAPI says."))

_TEXTS: Final = frozenset(("title", "summary", "description", "tags", "externalDocs", "examples"))


class Comparison:
    """Two documents, and the changes between them."""

    def __init__(self, old: Source, new: Source) -> None:
        self.old = old
        self.new = new
        self.schemas = SchemaComparison(old, new)
        self._roots: list[Root] = []
        self._changes: list[Change] = []
        #: Further places of changes that several places share, by what they share and by the number of the change.
        self._shared: dict[Hashable, int] = {}
        self._also: dict[int, list[Where]] = {}

    def changes(self) -> list[Change]:
        """All changes: breaking ones first, then unknown ones, in the order of the documents."""
        found = [
            replace(change, also=tuple(self._also[number])) if number in self._also else change
            for number, change in enumerate(self._changes)
        ]
        found += changes(self._roots)
        return sorted(found, key=lambda change: -severity(change.level))

    def add(
        self,
        rule: Rule,
        where: Where,
        sides: Sides,
        what: Phrase,
        *,
        component: str | None = None,
        shared: Hashable = None,
    ) -> None:
        """Note a change.

        :param shared: names what has changed where several places share it: further ones are added to the first.
        """
        key = (rule, what, sides, shared)
        if shared is not None and key in self._shared:
            self._also.setdefault(self._shared[key], []).append(where)
            return
        self._shared[key] = len(self._changes)
        client, server = sides
        self._changes.append(
            Change(
                rule=rule,
                where=where,
                component=component,
                what=what,
                client=client.of_client(),
                server=server.of_server(),
            )
        )

    def schema(self, direction: Direction, where: Where, old: Any, new: Any) -> None:
        """Compare two schemas whose values travel."""
        self._roots.append(Root(self.schemas.pair(old, new), direction, where))

    def fields(
        self,
        where: Where,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *,
        compared: Collection[str],
        texts: Collection[str] = (),
        component: str | None = None,
        shared: Hashable = None,
    ) -> None:
        """Compare the fields of two objects that need no comparison of their own, unknown ones included.

        :param compared: the fields that have one.
        :param texts: fields for people, besides those that most objects have.
        """
        for name in dict.fromkeys((*old, *new)):
            if name in compared:
                continue
            before, after = self.old.plain(old.get(name)), self.new.plain(new.get(name))
            if (name in old) == (name in new) and same(before, after):
                continue
            if name in _TEXTS or name in texts:
                rule, sides = Rule.TEXT_CHANGED, SAME_WIRE
            elif name in ("deprecated", "x-deprecated"):
                rule, sides = Rule.DEPRECATION_CHANGED, SAME_WIRE
            else:
                rule, sides = Rule.FIELD_CHANGED, NOBODY_KNOWS
            what = changed(name, {name: before} if name in old else {}, {name: after} if name in new else {})
            self.add(rule, (*where, name), sides, what, component=component, shared=shared)
