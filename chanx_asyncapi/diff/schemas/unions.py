"""``anyOf`` and ``oneOf``: which alternative is which, and what it means that one is new or gone."""

from collections.abc import Callable, Hashable

from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.schemas.alternatives import Alternatives, Member
from chanx_asyncapi.diff.schemas.equivalence import equivalent
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.pairs import Comparing, Pair
from chanx_asyncapi.diff.schemas.scalars import covers
from chanx_asyncapi.diff.schemas.types import ALL
from chanx_asyncapi.json_values import identity


def unions(comparing: Comparing, pair: Pair, old: Alternatives, new: Alternatives) -> None:
    """Compare two choices."""
    matching = Matching(old.members, new.members).by(lambda member: identity(member.schema))
    for name in _telling(old, new):
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
    _overlaps(comparing, pair, old, new, matching)


def _overlaps(
    comparing: Comparing, pair: Pair, old: Alternatives, new: Alternatives, matching: Matching[Member]
) -> None:
    """One more alternative of ``oneOf`` can also refuse what was allowed: a value that now fits two of them."""
    before, after = old.overlaps(), new.overlaps()
    if not (before or after):
        return
    if old.exclusive == new.exclusive and not (matching.removed or matching.added):
        schemas = [[member.schema for member in members] for members in zip(*matching.pairs, strict=True)]
        if equivalent(comparing.old, comparing.new, *schemas):
            return
    pair.differ(
        Rule.ALTERNATIVES_OVERLAP,
        Fit.UNDECIDED if after else Fit.ACCEPTED,
        Fit.UNDECIDED if before else Fit.ACCEPTED,
        Phrase("oneOf has changed, and a value may fit two of its alternatives."),
    )


def _is_covered(member: Member, union: Alternatives) -> bool:
    return any(covers(reader.view, member.view) for reader in union.members)


def _telling(old: Alternatives, new: Alternatives) -> list[str]:
    """The properties that may tell alternatives apart: the one that is said to, then those that most have."""
    members = [member for member in (*old.members, *new.members) if member.tags]
    names = dict.fromkeys(name for member in members for name in member.tags)

    def order(name: str) -> tuple[bool, int]:
        return name not in (old.discriminator, new.discriminator), -sum(name in member.tags for member in members)

    return sorted(names, key=order)


def _by_tag(name: str) -> Callable[[Member], Hashable]:
    return lambda member: member.tag(name)


def _may_be_the_same(old: Member, new: Member) -> bool:
    """Whether nothing says that two alternatives are different things."""
    if any(old.tags[name].isdisjoint(new.tags[name]) for name in old.tags.keys() & new.tags.keys()):
        return False
    return not old.types.isdisjoint(new.types)
