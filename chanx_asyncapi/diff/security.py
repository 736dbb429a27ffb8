"""Who is let in: security schemes, what demands them, and permissions."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.json_values import as_list, as_object, as_text, identity, same
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, safe, unknown
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.source import Source
from chanx_asyncapi.validation.tree import Where

DEMANDED: Final = Opposites(
    added=breaking("{clients} may come without credentials, and {server} refuses them."),
    removed=safe("{server} lets {clients} in without the credentials that they have."),
)
_SCHEME: Final = Opposites(
    added=safe("{server} accepts the credentials that {clients} have."),
    removed=breaking("{clients} may have credentials of this kind only, and {server} does not accept them."),
)
_SCOPE: Final = Opposites(
    added=breaking("{clients} may have credentials without this scope, and {server} demands it."),
    removed=safe("{server} does not demand all scopes that {clients} have."),
)
_AVAILABLE_SCOPE: Final = Opposites(
    added=safe("{clients} do not ask for it."),
    removed=breaking("{clients} may ask for it, and {server} does not know it."),
)
_PERMISSION: Final = Opposites(
    added=unknown("{server} may refuse some of the users that {clients} have."),
    removed=safe("{server} refuses none of the users whom {clients} expect to be let in."),
)
_HOW: Final = both(breaking("{clients} show their credentials in another way than {server} looks for them."))
_WHERE_FROM: Final = both(breaking("{clients} get their credentials from another place than {server} means."))
_FORMAT: Final = both(unknown("whether {server} takes the credentials that {clients} have cannot be told."))

_HOW_FIELDS: Final = ("type", "name", "in", "scheme")
_COMPARED: Final = (*_HOW_FIELDS, "openIdConnectUrl", "bearerFormat", "flows", "scopes", "x-subprotocol")


@dataclass(eq=False, slots=True)
class _Scheme:
    """A security scheme among those that something demands."""

    name: str
    value: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """How the credentials are shown."""
        scheme = as_text(self.value.get("scheme")) or ""
        return identity([*map(self.value.get, ("type", "name", "in", "openIdConnectUrl")), scheme.lower()])


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
    before = _schemes(comparison.old, as_list(old.get("security")))
    after = _schemes(comparison.new, as_list(new.get("security")))
    where = (*where, "security")
    matching = Matching(before, after).by(lambda scheme: (scheme.name, scheme.identity))
    matching.by(lambda scheme: scheme.identity).by(lambda scheme: scheme.name)
    for first, second in matching.pairs:
        _scheme(comparison, where, first, second)
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
            Rule.SECURITY_REMOVED, where, _SCHEME.when_removed(), what, component=scheme.name, shared=scheme.identity
        )
    for scheme in matching.added:
        what = Phrase.of("The security scheme {} is accepted now.", scheme.name)
        comparison.add(
            Rule.SECURITY_ADDED, where, _SCHEME.when_added(), what, component=scheme.name, shared=scheme.identity
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


def _schemes(source: Source, references: Sequence[Any]) -> list[_Scheme]:
    found: list[_Scheme] = []
    for number, reference in enumerate(references):
        target = source.follow(reference)
        found.append(_Scheme(target.name or target.lost or str(number), as_object(target.value)))
    return found


def _scheme(comparison: Comparison, where: Where, old: _Scheme, new: _Scheme) -> None:
    shared = (id(old.value), id(new.value))
    where = (*where, new.name)
    if old.name != new.name:
        what = Phrase.of("The security scheme {} is called {} now.", old.name, new.name)
        comparison.add(Rule.RENAMED, where, SAME_WIRE_OTHER_NAME, what, component=new.name, shared=shared)
    comparison.fields(where, old.value, new.value, compared=_COMPARED, component=new.name, shared=shared)
    for field, sides in (
        *((name, _HOW) for name in _HOW_FIELDS),
        ("openIdConnectUrl", _WHERE_FROM),
        ("bearerFormat", _FORMAT),
    ):
        before, after = old.value.get(field), new.value.get(field)
        # RFC 9110, 11.1: the names of authentication schemes have no case.
        if not same(before, after) and not (field == "scheme" and str(before).lower() == str(after).lower()):
            what = changed(field, old.value, new.value)
            comparison.add(Rule.SECURITY_CHANGED, (*where, field), sides, what, component=new.name, shared=shared)
    _subprotocol(comparison, where, old, new)
    _scopes(comparison, where, old, new)
    _flows(comparison, where, old, new)


def _subprotocol(comparison: Comparison, where: Where, old: _Scheme, new: _Scheme) -> None:
    """``x-subprotocol``: the credentials may also come as a subprotocol, as browsers have to send them."""
    field = "x-subprotocol"
    before, after = old.value.get(field), new.value.get(field)
    if same(before, after):
        return
    if before is None:
        sides = _SCHEME.when_added()
    elif after is None:
        sides = _SCHEME.when_removed()
    else:
        sides = _HOW
    what = changed(field, old.value, new.value)
    shared = (id(old.value), id(new.value))
    comparison.add(Rule.SECURITY_CHANGED, (*where, field), sides, what, component=new.name, shared=shared)


def _scopes(comparison: Comparison, where: Where, old: _Scheme, new: _Scheme) -> None:
    """The scopes that are demanded."""
    before, after = ([*map(str, as_list(scheme.value.get("scopes")))] for scheme in (old, new))
    _names(comparison, (*where, "scopes"), before, after, _SCOPE, shared=(id(old.value), id(new.value)))


def _flows(comparison: Comparison, where: Where, old: _Scheme, new: _Scheme) -> None:
    """The flows of OAuth, and the scopes that clients may ask for."""
    shared = (id(old.value), id(new.value))
    before, after = as_object(old.value.get("flows")), as_object(new.value.get("flows"))
    for name in dict.fromkeys((*before, *after)):
        place = (*where, "flows", name)
        if name not in after or name not in before:
            rule, sides = Rule.SECURITY_REMOVED, _SCHEME.when_removed()
            if name in after:
                rule, sides = Rule.SECURITY_ADDED, _SCHEME.when_added()
            what = changed(name, before, after)
            comparison.add(rule, place, sides, what, component=new.name, shared=shared)
            continue
        first, second = as_object(before[name]), as_object(after[name])
        for field in dict.fromkeys((*first, *second)):
            if field != "availableScopes" and not same(first.get(field), second.get(field)):
                what = changed(field, first, second)
                comparison.add(
                    Rule.SECURITY_CHANGED, (*place, field), _WHERE_FROM, what, component=new.name, shared=shared
                )
        _scope_texts(comparison, (*place, "availableScopes"), first, second, component=new.name, shared=shared)
        old_scopes, new_scopes = ([*as_object(flow.get("availableScopes"))] for flow in (first, second))
        _names(comparison, (*place, "availableScopes"), old_scopes, new_scopes, _AVAILABLE_SCOPE, shared=shared)


def _scope_texts(
    comparison: Comparison,
    where: Where,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    component: str,
    shared: Hashable,
) -> None:
    """What the scopes are described by, for those that there are in both."""
    before, after = as_object(old.get("availableScopes")), as_object(new.get("availableScopes"))
    old_texts, new_texts = ({name: texts[name] for name in before if name in after} for texts in (before, after))
    comparison.fields(where, old_texts, new_texts, compared=(), texts=old_texts, component=component, shared=shared)


def _names(
    comparison: Comparison, where: Where, old: list[str], new: list[str], meaning: Opposites, *, shared: Hashable
) -> None:
    for name in old:
        if name not in new:
            what = Phrase.of("The scope {} is gone.", name)
            comparison.add(Rule.SCOPE_REMOVED, where, meaning.when_removed(), what, shared=(shared, where[-1]))
    for name in new:
        if name not in old:
            what = Phrase.of("The scope {} is new.", name)
            comparison.add(Rule.SCOPE_ADDED, where, meaning.when_added(), what, shared=(shared, where[-1]))
