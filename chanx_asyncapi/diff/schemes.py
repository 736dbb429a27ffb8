"""Security schemes: how a client shows who it is, and where it gets that from."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, safe, unknown
from chanx_asyncapi.json_values import as_list, as_object, as_text, identity, same
from chanx_asyncapi.source import Source
from chanx_asyncapi.validation.tree import Where

#: A way to show credentials.
ACCEPTED: Final = Opposites(
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
_HOW: Final = both(breaking("{clients} show their credentials in another way than {server} looks for them."))
_WHERE_FROM: Final = both(breaking("{clients} get their credentials from another place than {server} means."))
_FORMAT: Final = both(unknown("whether {server} takes the credentials that {clients} have cannot be told."))

_HOW_FIELDS: Final = ("type", "name", "in", "scheme")
_COMPARED: Final = (*_HOW_FIELDS, "openIdConnectUrl", "bearerFormat", "flows", "scopes", "x-subprotocol")


@dataclass(eq=False, slots=True)
class Scheme:
    """A security scheme among those that something demands."""

    name: str
    value: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """How the credentials are shown."""
        scheme = as_text(self.value.get("scheme")) or ""
        return identity([*map(self.value.get, ("type", "name", "in", "openIdConnectUrl")), scheme.lower()])


def schemes_of(source: Source, references: Sequence[Any]) -> list[Scheme]:
    found: list[Scheme] = []
    for number, reference in enumerate(references):
        target = source.follow(reference)
        found.append(Scheme(target.name or target.lost or str(number), as_object(target.value)))
    return found


def compare_schemes(comparison: Comparison, where: Where, old: Scheme, new: Scheme) -> None:
    """Compare two security schemes; several operations may share them."""
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


def _subprotocol(comparison: Comparison, where: Where, old: Scheme, new: Scheme) -> None:
    """``x-subprotocol``: the credentials may also come as a subprotocol, as browsers have to send them."""
    field = "x-subprotocol"
    before, after = old.value.get(field), new.value.get(field)
    if same(before, after):
        return
    if before is None:
        sides = ACCEPTED.when_added()
    elif after is None:
        sides = ACCEPTED.when_removed()
    else:
        sides = _HOW
    what = changed(field, old.value, new.value)
    shared = (id(old.value), id(new.value))
    comparison.add(Rule.SECURITY_CHANGED, (*where, field), sides, what, component=new.name, shared=shared)


def _scopes(comparison: Comparison, where: Where, old: Scheme, new: Scheme) -> None:
    """The scopes that are demanded."""
    before, after = ([*map(str, as_list(scheme.value.get("scopes")))] for scheme in (old, new))
    _names(comparison, (*where, "scopes"), before, after, _SCOPE, shared=(id(old.value), id(new.value)))


def _flows(comparison: Comparison, where: Where, old: Scheme, new: Scheme) -> None:
    """The flows of OAuth, and the scopes that clients may ask for."""
    shared = (id(old.value), id(new.value))
    before, after = as_object(old.value.get("flows")), as_object(new.value.get("flows"))
    for name in dict.fromkeys((*before, *after)):
        place = (*where, "flows", name)
        if name not in after or name not in before:
            rule, sides = Rule.SECURITY_REMOVED, ACCEPTED.when_removed()
            if name in after:
                rule, sides = Rule.SECURITY_ADDED, ACCEPTED.when_added()
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
