"""Who is let in: security schemes, what demands them, and permissions."""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.comparison import Comparison
from chanx_asyncapi.diff.judgements import Opposites, breaking, safe, unknown
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.schemes import ACCEPTED, compare_schemes, schemes_of
from chanx_asyncapi.json_values import as_list
from chanx_asyncapi.validation.tree import Where

DEMANDED: Final = Opposites(
    added=breaking("{clients} may come without credentials, and {server} refuses them."),
    removed=safe("{server} lets {clients} in without the credentials that they have."),
)
_PERMISSION: Final = Opposites(
    added=unknown("{server} may refuse some of the users that {clients} have."),
    removed=safe("{server} refuses none of the users whom {clients} expect to be let in."),
)


def security(
    comparison: Comparison,
    where: Where,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    optional: tuple[bool, bool] = (False, False),
) -> None:
    """Compare what two operations or servers demand: one of several schemes, or nothing.

    :param optional: whether the old and the new channel let clients in without credentials all the same.
    """
    before = schemes_of(comparison.old, as_list(old.get("security")))
    after = schemes_of(comparison.new, as_list(new.get("security")))
    where = (*where, "security")
    matching = Matching(before, after).by(lambda scheme: (scheme.name, scheme.identity))
    matching.by(lambda scheme: scheme.identity).by(lambda scheme: scheme.name)
    for first, second in matching.pairs:
        compare_schemes(comparison, where, first, second)
    if after and not before and not optional[1]:
        what = Phrase.of("Credentials are demanded now: one of {}.", [scheme.name for scheme in after])
        comparison.add(Rule.SECURITY_DEMANDED, where, DEMANDED.when_added(), what, shared="demanded")
        return
    if before and not after and not optional[0]:
        what = Phrase.of("Credentials are no longer demanded; it was one of {}.", [scheme.name for scheme in before])
        comparison.add(Rule.SECURITY_DROPPED, where, DEMANDED.when_removed(), what, shared="dropped")
        return
    for scheme in matching.removed:
        what = Phrase.of("The security scheme {} is no longer accepted.", scheme.name)
        comparison.add(
            Rule.SECURITY_REMOVED, where, ACCEPTED.when_removed(), what, component=scheme.name, shared=scheme.identity
        )
    for scheme in matching.added:
        what = Phrase.of("The security scheme {} is accepted now.", scheme.name)
        comparison.add(
            Rule.SECURITY_ADDED, where, ACCEPTED.when_added(), what, component=scheme.name, shared=scheme.identity
        )


def permissions(comparison: Comparison, where: Where, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """``x-permissions``: the classes that a user has to pass, all of them."""
    field = "x-permissions"
    before, after = (dict.fromkeys(map(str, as_list(value.get(field)))) for value in (old, new))
    for name in before:
        if name not in after:
            what = Phrase.of("The permission {} is no longer asked for.", name)
            comparison.add(Rule.PERMISSION_REMOVED, (*where, field), _PERMISSION.when_removed(), what)
    for name in after:
        if name not in before:
            what = Phrase.of("The permission {} is asked for now.", name)
            comparison.add(Rule.PERMISSION_ADDED, (*where, field), _PERMISSION.when_added(), what)
