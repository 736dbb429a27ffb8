"""``anyOf`` and ``oneOf``: which alternative is which, and what it means that one is new or gone."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.json_values import as_object, as_text, identity
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.schemas.equivalence import equivalent
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.keywords import is_annotation
from chanx_asyncapi.diff.schemas.pairs import Comparing, Pair
from chanx_asyncapi.diff.schemas.scalars import covers
from chanx_asyncapi.diff.schemas.types import ALL, types, values
from chanx_asyncapi.diff.schemas.views import Views

_OBJECT: Final = frozenset(("object",))
#: Alternatives that are held against each other, each with each.
_MANY: Final = 100


class Union:
    """The alternatives of a schema; one that is no choice is its only alternative."""

    def __init__(self, views: Views, alternatives: Sequence[Any], *, exclusive: bool) -> None:
        self.members = [
            Member(views, alternative, position)
            for position, alternative in enumerate(alternatives)
            if views.follow(alternative).value is not False  # which adds nothing
        ]
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


def unions(comparing: Comparing, pair: Pair, old: Union, new: Union) -> None:
    """Compare two choices."""
    matching = Matching(old.members, new.members).by(lambda member: identity(member.schema))
    for name in _telling(old.members, new.members):
        matching.by(_by_tag(name), once=True)
    matching.by(lambda member: member.constant, once=True)
    matching.by(lambda member: member.component).by(lambda member: member.title, once=True)
    matching.by(lambda member: member.types if member.types < ALL else None, once=True)
    if len(old.members) == len(new.members) == 1:
        matching.by(lambda _: "no choice")
    matching.in_order(_may_be_the_same)
    alone = 1 in (len(old.members), len(new.members))
    for before, after in matching.pairs:
        comparing.part(pair, "" if alone else f"[{after.label}]", before.schema, after.schema)
    for member in matching.removed:
        fit = Fit.ACCEPTED if new.allows_all or _is_covered(member, new) else Fit.REFUSED
        what = Phrase.of("The alternative {} is gone.", member.label)
        pair.differ(Rule.ALTERNATIVE_REMOVED, fit, Fit.ACCEPTED, what)
    for member in matching.added:
        fit = Fit.ACCEPTED if old.allows_all or _is_covered(member, old) else Fit.REFUSED
        what = Phrase.of("The alternative {} is new.", member.label)
        pair.differ(Rule.ALTERNATIVE_ADDED, Fit.ACCEPTED, fit, what)
    _overlaps(comparing, pair, old, new)


def _overlaps(comparing: Comparing, pair: Pair, old: Union, new: Union) -> None:
    """One more alternative of ``oneOf`` can also refuse what was allowed: a value that now fits two of them."""
    before, after = old.overlaps(), new.overlaps()
    if not (before or after):
        return
    schemas = [[member.schema for member in union.members] for union in (old, new)]
    if old.exclusive == new.exclusive and equivalent(comparing.old, comparing.new, *schemas):
        return
    pair.differ(
        Rule.ALTERNATIVES_OVERLAP,
        Fit.UNDECIDED if after else Fit.ACCEPTED,
        Fit.UNDECIDED if before else Fit.ACCEPTED,
        Phrase("oneOf has changed, and a value may fit two of its alternatives."),
    )


def _is_covered(member: Member, union: Union) -> bool:
    return any(covers(reader.view, member.view) for reader in union.members)


def _tags(views: Views, view: Any) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, schema in as_object(view.get("properties")).items():
        listed = values(as_object(views.follow(schema).value))
        if listed:
            found[name] = frozenset(listed)
    return found


def _telling(old: list[Member], new: list[Member]) -> list[str]:
    """The properties that may tell alternatives apart, first those that all have."""
    members = [member for member in (*old, *new) if member.tags]
    names = dict.fromkeys(name for member in members for name in member.tags)
    return sorted(names, key=lambda name: -sum(name in member.tags for member in members))


def _by_tag(name: str) -> Callable[[Member], Hashable]:
    return lambda member: member.tag(name)


def _may_be_the_same(old: Member, new: Member) -> bool:
    """Whether nothing says that two alternatives are different things."""
    if any(old.tags[name].isdisjoint(new.tags[name]) for name in old.tags.keys() & new.tags.keys()):
        return False
    return not old.types.isdisjoint(new.types)


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
