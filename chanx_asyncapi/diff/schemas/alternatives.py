"""The alternatives of ``anyOf`` and ``oneOf``: what is known of each, and whether they exclude each other."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from chanx_asyncapi.diff.schemas.keywords import is_annotation
from chanx_asyncapi.diff.schemas.types import ALL, types, values
from chanx_asyncapi.diff.schemas.views import Views
from chanx_asyncapi.json_values import as_object, as_text

_OBJECT: Final = frozenset(("object",))
#: Alternatives that are held against each other, each with each.
_MANY: Final = 100


class Alternatives:
    """The alternatives of a schema; one that is no choice is its only alternative."""

    def __init__(self, views: Views, schemas: Sequence[Any], of: Mapping[str, Any], *, exclusive: bool) -> None:
        """:param of: the schema that has the alternatives."""
        self.members = [
            Member(views, alternative, position)
            for position, alternative in enumerate(schemas)
            if views.follow(alternative).value is not False  # which adds nothing
        ]
        named = of.get("discriminator")
        #: The property that is said to tell them apart; OpenAPI has it in an object.
        self.discriminator = as_text(named) or as_text(as_object(named).get("propertyName"))
        #: Everything fits one of them.
        self.allows_all = any(member.allows_all for member in self.members)
        #: A value that fits two alternatives fits not at all.
        self.exclusive = exclusive and len(self.members) > 1

    def overlaps(self) -> bool:
        """Whether a value may fit two alternatives, as far as can be told."""
        return self.exclusive and not _apart(self.members)


class Member:
    """One alternative."""

    def __init__(self, views: Views, schema: Any, position: int) -> None:
        target = views.follow(schema)
        value = {} if target.value is True else target.value
        # What is no schema is as one with a keyword that nobody knows.
        view = value if isinstance(value, dict) else {"": value}
        self.schema: Final = schema
        self.view: Final = view
        self.position: Final = position
        self.component: Final = target.name
        self.title: Final = as_text(view.get("title"))
        self.allows_all: Final = all(map(is_annotation, view))
        self.types: Final = types(view)
        listed = values(view)
        self.constant: Final = frozenset(listed) if listed is not None else None
        #: The properties that hold one of a few values, and so tell objects apart.
        self.tags: Final = _tags(views, view)

    @property
    def label(self) -> str:
        """How to call the alternative."""
        if self.component or self.title:
            return str(self.component or self.title)
        if self.constant:
            return ", ".join(sorted(self.constant))
        return " or ".join(sorted(self.types)) if self.types < ALL else str(self.position)

    def tag(self, name: str) -> Hashable:
        return self.tags.get(name)


def _tags(views: Views, view: Any) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, schema in as_object(view.get("properties")).items():
        listed = values(as_object(views.follow(schema).value))
        if listed:
            found[name] = frozenset(listed)
    return found


def _apart(members: list[Member]) -> bool:
    """Whether no value fits two of ``members``."""
    if len(members) > _MANY:
        return any(_all_apart(members, name) for name in members[0].tags)
    return all(_are_apart(first, second) for index, first in enumerate(members) for second in members[index + 1 :])


def _are_apart(first: Member, second: Member) -> bool:
    if first.types.isdisjoint(second.types):
        return True
    if first.constant is not None and second.constant is not None:
        return first.constant.isdisjoint(second.constant)
    return first.types == second.types == _OBJECT and any(_all_apart([first, second], name) for name in first.tags)


def _all_apart(members: list[Member], name: str) -> bool:
    """Whether the values of one property, which all have, tell all of them apart."""
    seen: set[str] = set()
    for member in members:
        tag = member.tags.get(name, frozenset())
        if not tag or not seen.isdisjoint(tag) or name not in member.view.get("required", ()):
            return False
        seen |= tag
    return True
